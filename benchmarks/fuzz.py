"""Fuzzes whatever the program reads for as long as it is told.

    python benchmarks/fuzz.py --minutes 60

It runs `tests/fuzz` again and again, each time with another seed and many more examples than
`make test`, and prints how many inputs were tried, what made the program raise anything but its own
faults, and what kept it longer than five seconds. The exit code is 1 if anything did. What is found
lies in `.hypothesis/`, from where the tests replay it; write a test of its own for it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLES = 500
GRACE = 300.0
"""Seconds that a session may take beyond its time, before it counts as one that hangs."""


def session(seed: int, until: float, report: Path) -> tuple[int, str]:
    """Run the tests once, until the time `until` at most; returns exit code and output."""
    settings = {
        "FUZZ_EXAMPLES": str(EXAMPLES),
        "FUZZ_UNTIL": str(until),
        "FUZZ_REPORT": str(report),
    }
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "--tb=short",
        "--timeout=0",
        f"--hypothesis-seed={seed}",
    ]
    try:
        found = subprocess.run(
            [sys.executable, "-m", "pytest", *options, "tests/fuzz"],
            cwd=ROOT,
            env=os.environ | settings,
            capture_output=True,
            text=True,
            timeout=max(0.0, until - time.time()) + GRACE,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        output = late.stdout or b""
        return -1, output if isinstance(output, str) else output.decode(errors="replace")
    return found.returncode, found.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began = time.time()
    until = began + 60 * options.minutes
    sessions = tried = refused = hangs = tracebacks = 0
    slowest = 0.0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        report = Path(folder) / "report.json"
        while time.time() < until:
            report.unlink(missing_ok=True)
            code, output = session(options.seed + sessions, until, report)
            sessions += 1
            if code:
                print(output)
                hung = output.count("HangError: more than") or code == -1
                hangs += int(hung)
                tracebacks += not hung
            if report.exists():
                counts = json.loads(report.read_text())
                tried, refused = tried + counts[0], refused + counts[1]
                slowest = max(slowest, counts[2])
    print(f"inputs      {tried:,} in {sessions} sessions, {refused:,} of them refused")
    print(f"tracebacks  {tracebacks}")
    print(f"hangs       {hangs} of more than 5 s; the slowest input took {slowest:.2f} s")
    print(f"time        {time.time() - began:.0f} s")
    return int(tracebacks > 0 or hangs > 0)


if __name__ == "__main__":
    sys.exit(main())
