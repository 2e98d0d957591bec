"""benchrecord: see .ci/bench-record. To be run in a network namespace of its own."""
import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time

options = argparse.ArgumentParser()
options.add_argument("--runs", type=int, default=5)
options.add_argument("--recorder", required=True)
options.add_argument("--dir", required=True)
options.add_argument("capture")
o = options.parse_args()
out = os.path.join(o.dir, "recorded")


def ours(*flags):
    return [o.recorder, "-i", "span0", "-dir", out, *flags], "recording"


def dumpcap(*flags):
    return ["dumpcap", "-q", "-i", "span0", "-w", os.path.join(out, "capture.pcapng"), *flags], "File:"


BASE = "dumpcap, ring of 64 MiB"
PLAIN = "spanrig, no hashes"
TOOLS = {
    BASE: dumpcap("-B", "64"),
    "dumpcap as it comes (2 MiB)": dumpcap(),
    PLAIN: ours("-hashes=false"),
    "spanrig": ours(),
    "spanrig, with flow facts": ours("-facts"),
}


def wires():
    for command in ("link set lo up", "link add out0 type veth peer name span0"):
        subprocess.run(["ip", *command.split()], check=True)
    for name in ("out0", "span0"):
        with open(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "w") as f:
            f.write("1")
        subprocess.run(["ip", "link", "set", name, "mtu", "65535", "arp", "off", "up"], check=True)


def await_line(process, text):
    said = ""
    while text not in said:
        line = process.stderr.readline()
        if not line:
            sys.exit(f"{process.args[0]} ended: {said}")
        said += line


def one(command, ready):
    """Records one replay: frames sent, recorded and dropped, CPU seconds, frames a second."""
    shutil.rmtree(out, ignore_errors=True)
    os.mkdir(out)
    os.chmod(out, 0o777)  # dumpcap gives its privileges up
    p = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    await_line(p, ready)
    time.sleep(0.5)
    replay = subprocess.run(["tcpreplay", "-i", "out0", "--topspeed", "--no-flow-stats", "-K", o.capture],
                            capture_output=True, text=True)
    sent = int(re.search(r"Successful packets: +(\d+)", replay.stdout).group(1))
    rate = float(re.search(r"([\d.]+) pps", replay.stdout).group(1))
    time.sleep(1)  # dumpcap does not wait for the kernel's last block
    p.send_signal(signal.SIGINT)
    said, problems = p.stdout.read(), p.stderr.read()
    _, status, use = os.wait4(p.pid, 0)
    if status:
        sys.exit(f"{command[0]}: {problems}")
    files = [os.path.join(out, f) for f in os.listdir(out)]
    info = subprocess.run(["capinfos", "-Mc", *files], capture_output=True, text=True, check=True).stdout
    recorded = sum(int(n) for n in re.findall(r"Number of packets: +(\d+)", info))
    if said:
        facts = json.loads(said)
        if "-facts" in command and facts["seen"] != recorded:
            sys.exit(f"facts are made of {facts['seen']} frames of {recorded}")
        dropped, extra = facts["dropped"], f"{facts['facts']} flows" if facts["facts"] else ""
    else:
        m = re.search(r"received/dropped on interface.*?: \d+/(\d+)", problems)
        dropped, extra = int(m.group(1)), ""
    return {"sent": sent, "recorded": recorded, "dropped": dropped, "rate": rate, "extra": extra,
            "user": use.ru_utime, "system": use.ru_stime, "cpu": use.ru_utime + use.ru_stime}


def spread(values, form="{:.2f}"):
    return f"{form.format(statistics.median(values))} ({form.format(min(values))} to {form.format(max(values))})"


wires()
results = {name: [] for name in TOOLS}
for _ in range(o.runs):
    for name, (command, ready) in TOOLS.items():
        results[name].append(one(command, ready))
shutil.rmtree(out, ignore_errors=True)

base = statistics.median(r["cpu"] for r in results[BASE])
print(f"{o.runs} runs of {results[BASE][0]['sent']:,} frames each; medians (and spreads); CPU in seconds of the recorder alone")
print(f"{'recorder':30} {'lost of all runs':>18} {'sent, 1000/s':>22} {'user':>20} {'system':>20} {'CPU':>22} {'of dumpcap':>10}")
for name, runs in results.items():
    lost = sum(r["sent"] - r["recorded"] for r in runs)
    cpu = [r["cpu"] for r in runs]
    print(f"{name:30} {lost:18,} {spread([r['rate'] / 1000 for r in runs], '{:.0f}'):>22} {spread([r['user'] for r in runs]):>20} "
          f"{spread([r['system'] for r in runs]):>20} {spread(cpu):>22} {statistics.median(cpu) / base:10.2f}  {runs[0]['extra']}")

bars = []


def bar(held, text):
    bars.append(held)
    print(("holds: " if held else "FAILS: ") + text)


def lossless(name):
    return all(r["sent"] == r["recorded"] and r["dropped"] == 0 for r in results[name])


for name in TOOLS:
    if name.startswith("spanrig"):
        bar(lossless(name) or not lossless(BASE), f"{name}: no frame lost where dumpcap loses none")
ratio = statistics.median(r["cpu"] for r in results[PLAIN]) / base
bar(ratio <= 2, f"CPU at most twice dumpcap's with hashes and facts off: {ratio:.2f}")
print(f"{bars.count(True)} passed, {bars.count(False)} failed, 0 skipped")
sys.exit(0 if all(bars) else 1)
