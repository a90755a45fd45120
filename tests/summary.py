#!/usr/bin/python3
"""Adds up what the runners of test.sh report, and exits with status 1 unless all passed.

The ledger has a line a suite: name, exit code, JUnit file (of ctest or pytest; none for what is one test by itself). A
suite that ended badly without naming a failed test counts as one failure, so that a crash of a runner is never lost.
What each failed test said is repeated here, so that the end of a long log tells what went wrong.
"""

import os
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter

SHOWN_CHARS = 6000
LINES_SHOWN = 25
COMPLAINT = re.compile(r"ERROR: |runtime error: |does not hold")


def said(case):
    """The end of what a failed test printed and of how it failed, which is where the reason stands."""
    elements = [case.find(tag) for tag in ("system-out", "failure", "error")]
    texts = [(element.text or element.get("message") or "").strip() for element in elements if element is not None]
    return "\n".join(text[-SHOWN_CHARS:] for text in texts if text)


def complaint(results, suite):
    """What a fuzzer or a sanitizer said in the suite's log, if it has one."""
    try:
        with open(os.path.join(results, suite.replace(" ", "-") + ".log"), errors="replace") as log:
            lines = log.read().splitlines()
    except OSError:
        return ""
    told = [i for i, line in enumerate(lines) if COMPLAINT.search(line)]
    return "\n".join(lines[told[0] : told[0] + LINES_SHOWN]) if told else ""


def outcomes(path):
    try:
        cases = ElementTree.parse(path).getroot().iter("testcase")
    except (OSError, ElementTree.ParseError):
        return Counter()
    counts = Counter()
    for case in cases:
        tags = {child.tag for child in case}
        if tags & {"failure", "error"}:
            counts["failed"] += 1
            print(f"  FAILED {case.get('classname')}: {case.get('name')}\n{said(case)}")
        elif "skipped" in tags or case.get("status") in ("notrun", "disabled"):
            counts["skipped"] += 1
        else:
            counts["passed"] += 1
    return counts


def main():
    total = Counter()
    with open(sys.argv[1]) as ledger:
        for line in ledger:
            suite, status, path = line.rstrip("\n").split("\t")
            if path:
                counts = outcomes(path)
            else:
                counts = Counter(passed=int(status == "0"))
            if status != "0" and not counts["failed"]:
                counts["failed"] = 1
                print(f"  FAILED {suite} (exit code {status})\n{complaint(os.path.dirname(sys.argv[1]), suite)}")
            total += counts
            skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
            print(f"{suite}: {counts['passed']} passed, {counts['failed']} failed{skipped}")
    print(f"{total['passed']} passed, {total['failed']} failed")
    sys.exit(0 if total["passed"] and not total["failed"] else 1)


if __name__ == "__main__":
    main()
