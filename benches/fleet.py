#!/usr/bin/env python3
"""How long `drift --all` takes over many orgs, and what it takes of the machine.

    cargo build --release --locked && benches/fleet.py [COUNT,COUNT,...] [LATENCY_MS] [RUNS]

The orgs are local ones, all of them in one other process (`benches/orgs.rs`), each with a port of its
own; every answer of theirs comes LATENCY_MS late (default 150). The tool is the release binary: it logs
in to each org (client credentials), reads it and compares. Wall time holds everything from start to end
of the tool, the orgs' work on the same processors included; CPU time and peak memory are the tool's
alone, and the orgs' CPU time stands beside it. Requests are those that the tool counts, logins aside.
Medians of RUNS (default 3). ORGS_PROFILE=dev serves the orgs from a debug build, which spares a long
build and makes their answers slower.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "target" / "release" / "opencx-sf"
TICKS = os.sysconf("SC_CLK_TCK")
TOP = """version: 1
email_cases:
  webhook_url: ${env:WEBHOOK}
  reply_to: support@acme.example
  outbound: { sender: { display_name: Acme Support } }
orgs:
"""
ORG = """  org-{number}:
    auth:
      client_credentials:
        client_id: 3MVG9.app
        client_secret: ${{env:SECRET}}
        login_url: ${{env:ORG_{number}}}
"""


class Orgs:
    """So many local orgs in a process of their own."""

    def __init__(self, count, latency):
        profile = os.environ.get("ORGS_PROFILE", "bench")
        command = ["cargo", "bench", "--quiet", "--locked", "--profile", profile, "--bench", "orgs", "--", str(count), str(latency)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = int(self.process.stdout.readline())
        self.urls = [self.process.stdout.readline().strip() for _ in range(count)]

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def drift(folder, environment, more):
    """Wall and CPU seconds, peak memory in MB, and the report's lines of one run."""
    with open(folder / "out", "w+b") as out:
        start = time.monotonic()
        command = [BINARY, "drift", "--all", "--json", "--quiet", *more]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        lines = [json.loads(line) for line in out]
    if process.returncode != 0:
        sys.exit(f"drift ended with {process.returncode}: {lines[:1]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, lines


def main():
    counts = [int(count) for count in (sys.argv[1] if len(sys.argv) > 1 else "1,10,100,1000").split(",")]
    latency = int(sys.argv[2]) if len(sys.argv) > 2 else 150
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    more = sys.argv[4:]
    print(f"{runs} runs each, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {latency} ms latency {more}\n")
    print("| orgs | wall s | CPU s | peak memory MB | requests per org | CPU s of the orgs |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for count in counts:
        orgs = Orgs(count, latency)
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            blocks = "".join(ORG.format(number=number) for number in range(count))
            (folder / "opencx.yaml").write_text(TOP + blocks)
            environment = {
                "PATH": os.environ["PATH"],
                "WEBHOOK": "https://opencx.invalid/webhook/local-demo",
                "SECRET": "secret",
                **{f"ORG_{number}": url for number, url in enumerate(orgs.urls)},
            }
            rows = []
            for _ in range(runs):
                before = orgs.cpu()
                wall, cpu, memory, lines = drift(folder, environment, more)
                requests = sum(line["requests"] for line in lines if line["command"] == "drift")
                clean = sum(line["status"] == "clean" for line in lines if line["command"] == "drift")
                if clean != count:
                    sys.exit(f"{clean} of {count} orgs are clean")
                rows.append((wall, cpu, memory, requests / count, orgs.cpu() - before))
        orgs.stop()
        wall, cpu, memory, requests, theirs = (statistics.median(column) for column in zip(*rows))
        print(f"| {count:,} | {wall:.2f} | {cpu:.2f} | {memory:.0f} | {requests:.1f} | {theirs:.2f} |", flush=True)


if __name__ == "__main__":
    main()
