"""The files of an append-only file: where they are, what they say, and what a server says that must not accept them."""

import pathlib
import re
import subprocess
from typing import List, NamedTuple

from support.aof import Command, parse_commands
from support.resp import encode
from support.server import is_tidemark, target_binary
from support.waiting import wait_until

FOLDER = "appendonlydir"
NAME = "appendonly.aof"
MANIFEST = NAME + ".manifest"


class File(NamedTuple):
    name: str
    seq: int
    kind: str


def manifest(directory) -> List[File]:
    """The records of DIRECTORY/appendonlydir's manifest."""
    lines = (pathlib.Path(directory) / FOLDER / MANIFEST).read_text().splitlines()
    words = [line.split() for line in lines]
    assert all(w[0::2][:3] == ["file", "seq", "type"] for w in words), lines
    return [File(w[1], int(w[3]), w[5]) for w in words]


def files(directory, kinds: str = "bi") -> List[pathlib.Path]:
    """Those of the manifest, in its order."""
    return [pathlib.Path(directory) / FOLDER / file.name for file in manifest(directory) if file.kind in kinds]


def write(directory, **contents: bytes) -> None:
    """Makes the directory with an increment for each (in order), and with its manifest; one
    that is named so is the base."""
    folder = pathlib.Path(directory) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    records = []
    for number, (name, content) in enumerate(contents.items(), 1):
        (folder / name).write_bytes(content)
        records.append("file %s seq %d type %s\n" % (name, number, "b" if "base" in name else "i"))
    (folder / MANIFEST).write_text("".join(records))


def log_of(*commands) -> bytes:
    return b"".join(map(encode, commands))


def commands_of(text: bytes) -> List[Command]:
    return list(parse_commands(text))


def persistence(server):
    return server.info("persistence")


def kill_once_written(server) -> None:
    """SIGKILL when everything that was acknowledged is in the file: under everysec a write may wait for a sync."""
    wait_until(lambda: persistence(server)["aof_buffer_length"] == "0", "what was appended is written")
    server.kill()


def wait_rewritten(server) -> None:
    """No rewrite is under way or due."""

    def done() -> bool:
        figures = persistence(server)
        return figures["aof_rewrite_in_progress"] == figures["aof_rewrite_scheduled"] == "0"

    wait_until(done, "the rewrite ends", 60)


def rewrite(server, connection) -> None:
    """BGREWRITEAOF to its good end."""
    reply = connection.command("BGREWRITEAOF")
    assert reply.kind == "+", reply
    wait_rewritten(server)
    assert persistence(server)["aof_last_bgrewrite_status"] == "ok", server.log()[-3000:]


def refusal(directory, *options, binary=None) -> str:
    """Starts a server that must not accept what is in the directory; what it said before it ended with code 1."""
    program = binary or target_binary()
    line = [program, "--port", "0", "--dir", str(directory), "--save", "", "--appendonly", "yes"]
    if not is_tidemark(program):
        line += ["--unixsocket", str(directory) + "/socket"]
    else:
        line += ["--tier-dir", str(directory) + "/tier"]
    run = subprocess.run([*line, *options], capture_output=True, timeout=60, check=False)
    said = (run.stdout + run.stderr).decode(errors="replace")
    assert run.returncode == 1, "code %d: %s" % (run.returncode, said)
    return said


def said_plainly(said: str) -> str:
    """Without what stands in front of each line of a log."""
    return re.sub(r"(?m)^\d+:[MC] \d+ \w+ \d+ [\d:.]+ . ", "", said)
