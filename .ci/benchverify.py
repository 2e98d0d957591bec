"""benchverify: see .ci/bench-verify."""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time

options = argparse.ArgumentParser()
options.add_argument("--runs", type=int, default=5)
options.add_argument("--spanrig", required=True)
options.add_argument("--dir", required=True)
o = options.parse_args()
recording, capture = os.path.join(o.dir, "recording"), os.path.join(o.dir, "recording", "capture.pcap")
folder, packed = os.path.join(o.dir, "bundle"), os.path.join(o.dir, "bundle.zip")
size = os.path.getsize(capture)
LONGEST, MOST = 1.2, 250  # times the slower of SHA-256 and judge; MB


def run(command, expected):
    """wall seconds, CPU seconds and peak memory in MB of one process"""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in expected:
        sys.exit(f"{' '.join(command)}: exit {process.returncode}: {said.decode()}")
    return time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def seal(out):
    if os.path.isdir(out):
        shutil.rmtree(out)
    elif os.path.exists(out):
        os.remove(out)
    return [o.spanrig, "evidence", "seal", recording, "-o", out]


VERIFY = ("verify, zip", "verify, folder")
steps = {
    "SHA-256 (openssl)": (lambda: ["openssl", "dgst", "-sha256", capture], {0}),
    "SHA-256 (sha256sum)": (lambda: ["sha256sum", capture], {0}),
    "judge": (lambda: [o.spanrig, "judge", "--json", recording], {0, 1, 3}),
    "seal, zip": (lambda: seal(packed), {0}),
    VERIFY[0]: (lambda: [o.spanrig, "evidence", "verify", packed], {0}),
    "seal, folder": (lambda: seal(folder), {0}),
    VERIFY[1]: (lambda: [o.spanrig, "evidence", "verify", folder], {0}),
}
runs = {name: [] for name in steps}
subprocess.run(["cat", capture], stdout=subprocess.DEVNULL)
for _ in range(o.runs):
    for name, (command, expected) in steps.items():
        runs[name].append(run(command(), expected))
wall = {name: statistics.median(r[0] for r in list_) for name, list_ in runs.items()}
peak = {name: max(r[2] for r in list_) for name, list_ in runs.items()}
least = {name: min(r[0] for r in list_) for name, list_ in runs.items()}
slower = {kind: max(t["SHA-256 (openssl)"], t["judge"]) for kind, t in {"median": wall, "min": least}.items()}
flows = sum(1 for _ in open(os.path.join(folder, "flows.jsonl"), "rb"))
print(f"recording of {size / 1e6:.0f} MB, {flows} flows; medians of {o.runs}")
print(f"{'':22}{'wall s':>8}{'min':>7}{'max':>7}{'CPU s':>8}{'MB/s':>7}{'peak MB':>9}   x the slower of SHA-256 (openssl) and judge: by median, min")
for name, list_ in runs.items():
    times = [r[0] for r in list_]
    cpu = statistics.median(r[1] for r in list_)
    print(f"{name:22}{wall[name]:8.2f}{min(times):7.2f}{max(times):7.2f}{cpu:8.2f}{size / 1e6 / wall[name]:7.0f}{peak[name]:9.0f}{wall[name] / slower['median']:9.2f}{least[name] / slower['min']:7.2f}")
# By the least times: on a busy machine they say best what the work takes.
missed = [f"{name} takes {least[name] / slower['min']:.2f} times, at most {LONGEST}" for name in VERIFY if least[name] > LONGEST * slower["min"]]
missed += [f"{name} takes {peak[name]:.0f} MB, at most {MOST}" for name in VERIFY if peak[name] > MOST]
if size >= 1e9 and missed:
    sys.exit("not held: " + "; ".join(missed))
