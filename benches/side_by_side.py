#!/usr/bin/env python3
"""The same work by opencx-sf and by the official `sf`, against the same local org, at three latencies.

    cargo build --release --locked && benches/side_by_side.py [RUNS]

`sf` is installed from npm in the version of tests/conformance/package-lock.json, into the cache that
tests/conformance/run uses. A round is a first deploy into a new org with the package's own Apex
tests, then a comparison with the org: `drift`, and `sf project retrieve start`, which fetches what
somebody would then compare. The table gives medians of RUNS rounds (default 3); requests and bytes
are counted by the org. The local org works on a deploy for two looks at its status, and compiles and
tests at once.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "target" / "release" / "opencx-sf"
CONFORMANCE = ROOT / "tests" / "conformance"
WEBHOOK = "https://opencx.invalid/webhook/figures"
CONFIG = """version: 1
email_cases:
  webhook_url: ${env:OPENCX_WEBHOOK_URL}
  reply_to: support@acme.example
  outbound: { sender: { display_name: Acme Support } }
orgs:
  dev: { auth: env }
"""


def install():
    """The official CLI, or the end of the script."""
    cache = os.environ.get("OPENCX_SF_CONFORMANCE_CACHE")
    if not cache:
        home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
        cache = pathlib.Path(home) / "opencx-sf-conformance"
    versions = b"".join((CONFORMANCE / name).read_bytes() for name in ("package-lock.json", "requirements.txt"))
    folder = pathlib.Path(cache) / hashlib.sha256(versions).hexdigest()[:16]
    sf = folder / "node_modules" / ".bin" / "sf"
    if not sf.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(CONFORMANCE / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if not shutil.which("npm") or subprocess.run(command, cwd=folder).returncode != 0:
            sys.exit("NOT RUN: the official CLI could not be installed (node and npm are needed)")
    return sf


class Org:
    """A new local org in a process of its own."""

    def __init__(self, folder, latency):
        state = folder / "org"
        command = [BINARY, "emulator", "start", "--state", state, "--latency", str(latency)]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        found = {}
        for line in self.process.stdout:
            match = re.match(r"export (\w+)='?([^'\n]*)'?", line)
            if match:
                found[match[1]] = match[2]
            if len(found) == 2:
                break
        self.url, self.token = found["SF_INSTANCE_URL"], found["SF_ACCESS_TOKEN"]

    def traffic(self):
        with urllib.request.urlopen(f"{self.url}/traffic") as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def measure(org, arguments, folder, environment):
    """Runs one process; wall s, CPU s, peak MB, requests, KB."""
    before = org.traffic()
    started = time.perf_counter()
    with open(folder / "said", "wb") as said:
        process = subprocess.Popen(arguments, cwd=folder, env=environment, stdout=said, stderr=said, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{arguments} ended with {process.returncode}\n{(folder / 'said').read_text()}")
    after = org.traffic()
    size = sum(after[name] - before[name] for name in ("received", "sent")) / 1000
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, after["requests"] - before["requests"], size


def ours(org, folder):
    """Deploy, then drift."""
    (folder / "opencx.yaml").write_text(CONFIG)
    environment = os.environ | {
        "SF_INSTANCE_URL": org.url,
        "SF_ACCESS_TOKEN": org.token,
        "OPENCX_WEBHOOK_URL": WEBHOOK,
    }
    yield measure(org, [BINARY, "deploy", "-o", "dev"], folder, environment)
    yield measure(org, [BINARY, "drift", "-o", "dev"], folder, environment)


def theirs(sf, org, folder):
    """Deploy of the same package with the same tests, then retrieve."""
    (folder / "opencx.yaml").write_text(CONFIG)
    environment = os.environ | {"OPENCX_WEBHOOK_URL": WEBHOOK}
    subprocess.run([BINARY, "--quiet", "render", "--format", "source", "--out", "src"], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    project, home = folder / "src", folder / "home"
    home.mkdir()
    environment |= {
        "HOME": str(home),
        "SF_DISABLE_TELEMETRY": "true",
        "SF_DISABLE_AUTOUPDATE": "true",
        "SF_SKIP_NEW_VERSION_CHECK": "true",
        "SF_DISABLE_LOG_FILE": "true",
        "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
        "SF_ACCESS_TOKEN": org.token,
        "SF_TARGET_ORG": "dev",
        "NODE_COMPILE_CACHE": str(pathlib.Path(tempfile.gettempdir()) / "opencx-sf-figures-compiled"),
    }
    login = [sf, "org", "login", "access-token", "--instance-url", org.url, "--no-prompt", "--alias", "dev"]
    subprocess.run(login, cwd=project, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    tests = sorted(path.stem for path in project.rglob("*Test.cls"))
    deploy = [sf, "project", "deploy", "start", "--source-dir", "force-app", "--test-level", "RunSpecifiedTests"]
    for test in tests:
        deploy += ["--tests", test]
    yield measure(org, deploy, project, environment)
    retrieve = [sf, "project", "retrieve", "start", "--manifest", "manifest/package.xml"]
    yield measure(org, retrieve, project, environment)


def round_of(client, latency):
    """One new org, one client."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        org = Org(folder, latency)
        try:
            return list(client(org, folder))
        finally:
            org.stop()


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    if not BINARY.exists():
        sys.exit("build it first: cargo build --release --locked")
    sf = install()
    version = subprocess.run([sf, "--version"], capture_output=True, text=True).stdout.split()[0]
    clients = [
        (("`opencx-sf deploy`", "`opencx-sf drift`"), ours),
        (("`sf project deploy start`", "`sf project retrieve start`"), lambda org, folder: theirs(sf, org, folder)),
    ]
    print(f"{runs} rounds each, {os.cpu_count()} cores, {version}\n")
    print("| latency ms | command | wall s | CPU s | peak memory MB | requests | KB |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    round_of(clients[1][1], 0)  # Fills the caches of Node.
    for latency in (0, 50, 150):
        rounds = [(names, [round_of(client, latency) for _ in range(runs)]) for names, client in clients]
        for step in (0, 1):
            for names, samples in rounds:
                columns = zip(*(sample[step] for sample in samples))
                wall, cpu, peak, requests, size = (statistics.median(column) for column in columns)
                print(f"| {latency} | {names[step]} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {requests:.0f} | {size:.0f} |", flush=True)


if __name__ == "__main__":
    main()
