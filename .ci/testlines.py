"""testlines: reads `go test -json` output and prints a line a package, what failed with its output, what
skipped with its reason, and `N passed, N failed, N skipped`. Exits with go test's own code."""
import collections
import json
import sys

counts, output, failed, skipped = collections.Counter(), collections.defaultdict(list), [], []
leaf = collections.defaultdict(bool)  # tests that have subtests are not counted themselves
events = []
for log in sys.argv[2:]:
    for line in open(log, errors="replace"):
        try:
            events.append(json.loads(line))
        except ValueError:
            print(line, end="")
for e in events:
    test = e.get("Test")
    if test and "/" in test:
        leaf[(e["Package"], test.rsplit("/", 1)[0])] = True
for e in events:
    action, test = e["Action"], e.get("Test")
    key = (e.get("Package", e.get("ImportPath", "")), test)
    if action in ("output", "build-output"):
        output[key].append(e["Output"])
    elif action in ("pass", "fail", "skip") and not test:
        no_tests = action == "skip"
        if not no_tests:
            print(f"{action:4}  {e['Package']}  {e.get('Elapsed', 0):.1f}s")
        if action == "fail":
            print("".join(output[key]), end="")
    elif action in ("pass", "fail", "skip"):
        if action == "fail":
            failed.append(key)
        if leaf[key]:
            continue
        counts[action] += 1
        if action == "skip":
            reason = [l.strip() for l in output[key] if not l.lstrip().startswith(("===", "---"))]
            skipped.append((key, " ".join(reason)))
    elif action == "build-fail":
        print("".join(output[key]), end="")
for key in failed:
    print(f"\nFAILED {key[0]} {key[1]}\n" + "".join(output[key]), end="")
for (package, test), reason in skipped:
    print(f"skipped {package} {test}: {reason}")
code = int(sys.argv[1])
if code and not counts["fail"]:
    counts["fail"] = 1  # a package that did not build, or died
print(f"{counts['pass']} passed, {counts['fail']} failed, {counts['skip']} skipped")
sys.exit(code)
