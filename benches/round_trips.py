#!/usr/bin/env python3
"""What a deploy costs beyond the org's own time: its round trips, counted one after the other.

    cargo build --release --locked && benches/round_trips.py [BINARY]

Stands between `opencx-sf` and a local org, and holds each answer until nothing more comes for 150 ms:
what is asked together is one round trip. A first deploy with the package's own tests, then one of a
changed config, then one with nothing to change. A look at a retrieve or a deploy that finds it
unfinished is the org's own time, and is counted apart. The load of the machine changes nothing.
"""

import asyncio
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "release" / "opencx-sf").resolve()
QUIET = 0.15
CONFIG = """version: 1
email_cases:
  webhook_url: ${env:OPENCX_WEBHOOK_URL}
  reply_to: ADDRESS@acme.example
  outbound: { sender: { display_name: Acme Support } }
orgs:
  dev: { auth: env }
"""


class Rounds:
    """Requests that arrive together are answered together."""

    def __init__(self):
        self.rounds, self.waiting, self.last = [], [], 0.0

    async def join(self, what):
        """Waits until the round is complete; its entry, for what the answer says."""
        loop = asyncio.get_running_loop()
        self.last = loop.time()
        if not self.waiting:
            self.rounds.append([])
        entry = [what, ""]
        self.rounds[-1].append(entry)
        self.waiting.append(entry)
        while (left := self.last + QUIET - loop.time()) > 0:
            await asyncio.sleep(left)
        self.waiting.clear()
        return entry


async def message(reader):
    """One HTTP message, whole; nothing when the connection is closed."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    size = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    body = b""
    if size:
        body = await reader.readexactly(int(size[1]))
    elif re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head):
        while True:
            line = await reader.readline()
            chunk = await reader.readexactly(int(line, 16) + 2)
            body += line + chunk
            if int(line, 16) == 0:
                break
    return head + body


def kind(request):
    """What a request is for."""
    line = request.split(b"\r\n", 1)[0].decode()
    if "/Soap/m/" in line:
        return "fetch" if b"checkRetrieveStatus" in request else "retrieve"
    if "/metadata/deployRequest" in line:
        return "send" if line.startswith("POST") else "look"
    return "ask"


async def serve(port, rounds):
    async def client(reader, writer):
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
        while request := await message(reader):
            entry = await rounds.join(kind(request))
            up_writer.write(request)
            answer = await message(up_reader)
            if entry[0] in ("fetch", "look") and re.search(rb'<done>false|"done":false', answer):
                entry[1] = "unfinished"
            writer.write(answer)
            await writer.drain()
        writer.close()
        up_writer.close()

    return await asyncio.start_server(client, "127.0.0.1", 0, limit=1 << 26)


async def deploy(folder, port, token, address):
    (folder / "opencx.yaml").write_text(CONFIG.replace("ADDRESS", address))
    rounds = Rounds()
    server = await serve(port, rounds)
    environment = os.environ | {
        "SF_INSTANCE_URL": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}",
        "SF_ACCESS_TOKEN": token,
        "OPENCX_WEBHOOK_URL": "https://opencx.invalid/webhook/figures",
    }
    process = await asyncio.create_subprocess_exec(
        BINARY, "deploy", "-o", "dev", cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        sys.exit(said.decode())
    server.close()
    return rounds.rounds


def row(name, rounds):
    own = [entries for entries in rounds if any(not note for _, note in entries)]
    at = next((place for place, entries in enumerate(own) if entries[0][0] == "send"), None)
    before = len(own) if at is None else at
    after = 0 if at is None else len(own) - at - 2
    requests = sum(map(len, rounds))
    sent = "–" if at is None else "2"
    print(f"| {name} | {before} | {sent} | {after} | {len(rounds) - len(own)} | {requests} |")
    if os.environ.get("SHOW"):
        print([[" ".join(entry).strip() for entry in entries] for entries in rounds])


async def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        org = subprocess.Popen(
            [BINARY, "emulator", "start", "--state", folder / "org"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        found = dict(re.match(r"export (\w+)='?([^'\n]*)'?", org.stdout.readline()).groups() for _ in range(2))
        port = int(found["SF_INSTANCE_URL"].rsplit(":", 1)[1])
        print("| deploy | before the package leaves | package and its last look | after | looks at unfinished work | requests |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        try:
            for name, address in (("first", "support"), ("changed config", "help"), ("nothing to change", "help")):
                row(name, await deploy(folder, port, found["SF_ACCESS_TOKEN"], address))
        finally:
            org.terminate()
            org.wait()
            org.stdout.close()


asyncio.run(main())
