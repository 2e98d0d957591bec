"""bench: times whole processes on one capture, in turn (A B C A B C ...), and prints medians, peak memory and
ratios to spanrig. tshark reads the first tenth of the file and is scaled, for it takes minutes."""
import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

p = argparse.ArgumentParser()
p.add_argument("--runs", type=int, default=5)
p.add_argument("--spanrig", required=True)
p.add_argument("--builder", required=True)
p.add_argument("--dirs", nargs="+", required=True)
p.add_argument("capture")
a = p.parse_args()
size = os.path.getsize(a.capture)
work = tempfile.mkdtemp(dir=os.path.dirname(a.capture))


def run(cmd, stdin=None):
    """wall seconds and peak memory in MB of one process, output thrown away"""
    t = time.monotonic()
    proc = subprocess.Popen(cmd, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(proc.pid, 0)
    proc.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - t, used.ru_maxrss / 1024, proc.returncode


def head(path, share):
    """the first part of a classic pcap, cut at a record"""
    out = os.path.join(work, "head.pcap")
    with open(path, "rb") as f, open(out, "wb") as g:
        g.write(f.read(24))
        while g.tell() < size * share and len(h := f.read(16)) == 16:
            g.write(h + f.read(int.from_bytes(h[8:12], "little")))
    return out


part = head(a.capture, 0.1)
scale = size / os.path.getsize(part)
tools = {
    "spanrig flows --json": ([a.spanrig, "flows", "--json", a.capture], 1, a.runs),
    "cat": (["cat", a.capture], 1, a.runs),
    "softflowd": (["softflowd", "-r", a.capture, "-d", "-n", "127.0.0.1:9"], 1, a.runs),
    "ndpiReader": (["ndpiReader", "-q", "-i", a.capture], 1, a.runs),
    "nfpcapd": (["nfpcapd", "-r", a.capture, "-w", work], 1, a.runs),
    "tshark SNI fields": (["tshark", "-n", "-r", part, "-T", "fields", "-e", "tls.handshake.extensions_server_name"], scale, 1),
}
tools = {k: v for k, v in tools.items() if shutil.which(v[0][0]) or os.path.exists(v[0][0])}
subprocess.run(["cat", a.capture], stdout=subprocess.DEVNULL)
times, peak, codes = {k: [] for k in tools}, {k: 0 for k in tools}, {}
for i in range(a.runs):
    for name, (cmd, factor, n) in tools.items():
        if i < n:
            wall, rss, codes[name] = run(cmd)
            times[name].append(wall * factor)
            peak[name] = max(peak[name], rss)
ours = statistics.median(times["spanrig flows --json"])
print(f"{'':24}{'median s':>10}{'min':>8}{'max':>8}{'MB/s':>8}{'peak MB':>9}{'x spanrig':>11}")
for name, t in times.items():
    m = statistics.median(t)
    note = "" if tools[name][1] == 1 else "  (first tenth of the file, scaled)"
    note += "" if codes[name] == 0 else f"  (exit {codes[name]})"
    print(f"{name:24}{m:10.2f}{min(t):8.2f}{max(t):8.2f}{size / 1e6 / m:8.0f}{peak[name]:9.0f}{m / ours:11.2f}{note}")

long = subprocess.Popen([a.builder, "-bytes", str(size * 10), *a.dirs], stdout=subprocess.PIPE)
wall, rss, code = run([a.spanrig, "flows", "--json", "-"], stdin=long.stdout)
long.stdout.close()
long.wait()
print(f"ten times as long, from a pipe: {wall:.1f} s, peak {rss:.0f} MB (once: {peak['spanrig flows --json']:.0f} MB), exit {code}")
shutil.rmtree(work)
sys.exit(code)
