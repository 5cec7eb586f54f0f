#!/usr/bin/env python3
"""Puts load on a local org that is served, and measures its process.

    cargo build --release --locked && python3 benches/soak.py [DEPLOYS]

Four things: how soon a new org answers after its process was started, a full deploy with the
package's own tests executed, DEPLOYS (default 100) further deploys of changed packages in a row,
and 10,000 Cases in one transaction (the most rows that the platform allows), with the package's
trigger on them. Wall time per piece, peak memory of the server's process. Standard library only;
Linux, because /proc tells the memory.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "target" / "release" / "opencx-sf"
CONFIG = ROOT / "examples" / "minimal" / "opencx.yaml"
CASES = 10_000


class Org:
    """A served org."""

    def __init__(self, folder):
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [BINARY, "emulator", "start", "--state", folder / "served"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        found = {}
        while len(found) < 2:
            match = re.match(r"export (\w+)='?([^']*?)'?$", self.process.stdout.readline().strip())
            if match:
                found[match[1]] = match[2]
        self.url, self.token = found["SF_INSTANCE_URL"], found["SF_ACCESS_TOKEN"]
        urllib.request.urlopen(f"{self.url}/services/data").read()
        self.started = time.perf_counter() - began

    def get(self, path, **parameters):
        """An answer of the REST API as JSON."""
        address = f"{self.url}/services/data/v66.0{path}?{urllib.parse.urlencode(parameters)}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.load(answer)

    def peak(self):
        """Peak memory of the process so far, in MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        """Ends the process as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def deploy(org, folder):
    """One deploy of the folder's config; its wall seconds."""
    env = dict(os.environ, SF_INSTANCE_URL=org.url, SF_ACCESS_TOKEN=org.token)
    began = time.perf_counter()
    ran = subprocess.run(
        [BINARY, "deploy", "-o", "served"], cwd=folder, env=env, capture_output=True, text=True
    )
    if ran.returncode != 0:
        sys.exit(f"deploy ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
    return time.perf_counter() - began


def show(name, seconds, org):
    """A row of the table."""
    wall = f"{seconds * 1000:,.0f} ms" if seconds < 10 else f"{seconds:,.1f} s"
    print(f"| {name} | {wall} | {org.peak():.0f} MB |", flush=True)


def main():
    deploys = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    if not BINARY.exists():
        sys.exit("build it first: cargo build --release --locked")
    print("| what | wall | peak memory of the org |")
    print("| --- | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        text = CONFIG.read_text() + (
            "\n  served:\n    auth: env\n"
            "    email_cases: { webhook_url: https://opencx.invalid/webhook/soak }\n"
        )
        (folder / "opencx.yaml").write_text(text)
        starts = []
        for _ in range(7):
            shutil.rmtree(folder / "served", ignore_errors=True)
            org = Org(folder)
            starts.append(org.started)
            org.stop()
        shutil.rmtree(folder / "served", ignore_errors=True)
        org = Org(folder)
        show("a new org is started and answers (median of 7)", sorted(starts)[3], org)
        show("a first deploy, its tests executed", deploy(org, folder), org)
        took = []
        for number in range(deploys):
            changed = text.replace("display_name: Acme Support", f"display_name: Support {number}")
            (folder / "opencx.yaml").write_text(changed)
            took.append(deploy(org, folder))
        if took:
            first, last = sum(took[:5]) / len(took[:5]), sum(took[-5:]) / len(took[-5:])
            show(f"{deploys} deploys in a row", sum(took), org)
            print(f"\nThe first five took {first * 1000:.0f} ms each, the last five {last * 1000:.0f} ms.\n")
        code = (
            f"List<Case> all = new List<Case>(); for (Integer i = 0; i < {CASES}; i++) "
            "all.add(new Case(Subject = 'Question ' + i, SuppliedEmail = 'customer@example.com')); insert all;"
        )
        began = time.perf_counter()
        ran = org.get("/tooling/executeAnonymous", anonymousBody=code)
        took = time.perf_counter() - began
        if not ran["success"]:
            sys.exit(f"the Cases were not saved: {ran}")
        found = org.get("/query", q="SELECT COUNT() FROM Case")["totalSize"]
        if found != CASES:
            sys.exit(f"{found} Cases instead of {CASES}")
        show(f"{CASES:,} Cases in one transaction", took, org)
        org.stop()


if __name__ == "__main__":
    main()
