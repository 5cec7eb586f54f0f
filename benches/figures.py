#!/usr/bin/env python3
"""Measures whole processes of the release binary: wall time, CPU time and peak memory.

    cargo build --release --locked && python3 benches/figures.py [RUNS]

Every command runs RUNS times (default 15) in a folder of its own; the table gives the median and,
in brackets, the smallest and largest. A process starts with the memory of the Python that starts
it, so peaks below that are shown as "under". Standard library only.
"""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "target" / "release" / "opencx-sf"
CONFIG = ROOT / "examples" / "minimal" / "opencx.yaml"


def measure(arguments, folder, binary=BINARY):
    """Runs one process; returns wall seconds, CPU seconds, peak memory in MB."""
    started = time.perf_counter()
    with open(os.devnull, "wb") as sink:
        process = subprocess.Popen([binary, *arguments], cwd=folder, stdout=sink, stderr=sink)
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{arguments} ended with {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


# Peak memory of a process that does nothing.
FLOOR = measure([], ROOT, "/bin/true")[2]


def row(name, arguments, runs, before=None):
    """Measures one command and prints its row."""
    samples = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        shutil.copy(CONFIG, folder / "opencx.yaml")
        for _ in range(runs):
            if before:
                before(folder)
            samples.append(measure(arguments, folder))
    cells = []
    for index, (unit, digits) in enumerate([(1000, 1), (1000, 1), (1, 1)]):
        values = [sample[index] * unit for sample in samples]
        middle, low, high = statistics.median(values), min(values), max(values)
        if index == 2 and middle < FLOOR + 0.5:
            cells.append(f"under {FLOOR:.0f}")
            continue
        cells.append(f"{middle:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})")
    print(f"| {name} | {' | '.join(cells)} |")


def forget(folder):
    """Removes the local org, so that the next deploy is a first one."""
    shutil.rmtree(folder / ".opencx", ignore_errors=True)


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    if not BINARY.exists():
        sys.exit("build it first: cargo build --release --locked")
    print(f"{runs} runs each, {os.cpu_count()} cores; binary {BINARY.stat().st_size / 1e6:.1f} MB\n")
    print("| command | wall ms | CPU ms | peak memory MB |")
    print("| --- | ---: | ---: | ---: |")
    row("`--help`", ["--help"], runs)
    row("`render`", ["render"], runs)
    row("`lint`", ["lint"], runs)
    row("`deploy -o local`, first", ["deploy", "-o", "local"], runs, forget)
    row("`deploy -o local`, nothing to change", ["deploy", "-o", "local"], runs)
    row("`drift -o local`", ["drift", "-o", "local"], runs, deploy_first())
    row("`simulate`, every scenario", ["simulate"], runs)


def deploy_first():
    """A preparation that deploys once, before the first sample."""

    def prepare(folder):
        if not (folder / ".opencx").exists():
            measure(["deploy", "-o", "local"], folder)

    return prepare


if __name__ == "__main__":
    main()
