"""The append-only files of a server, read back as commands."""

import pathlib
from typing import Iterator, List, Tuple

Command = Tuple[bytes, ...]


def parse_commands(data: bytes) -> Iterator[Command]:
    """RESP arrays of bulk strings, with annotations (`#TS:...`) between them. A torn end raises."""
    at = 0

    def number(prefix: bytes) -> int:
        nonlocal at
        assert data[at : at + 1] == prefix, "%r at %d" % (data[at : at + 40], at)
        end = data.index(b"\r\n", at)
        value = int(data[at + 1 : end])
        at = end + 2
        return value

    while at < len(data):
        if data[at : at + 1] == b"#":
            at = data.index(b"\n", at) + 1
            continue
        words = []
        for _ in range(number(b"*")):
            size = number(b"$")
            words.append(data[at : at + size])
            at += size + 2
        yield tuple(words)


def increment_files(directory: pathlib.Path) -> List[pathlib.Path]:
    """Of a server's directory, oldest first."""
    return sorted(
        (directory / "appendonlydir").glob("appendonly.aof.*.incr.aof"), key=lambda path: int(path.name.split(".")[2])
    )


def read_increments(directory: pathlib.Path) -> List[Command]:
    return [command for path in increment_files(directory) for command in parse_commands(path.read_bytes())]
