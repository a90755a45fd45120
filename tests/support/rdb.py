"""Payloads of DUMP: their footer, and packed forms that only old servers write."""

import pathlib
from typing import Dict

_POLYNOMIAL = 0x95AC9329AC4BC9B5
GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "unit" / "formats" / "golden" / "redis-7.0.15.txt"


def _table():
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return table


_TABLE = _table()


def crc64(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc


def seal(value: bytes, version: int = 10) -> bytes:
    """The payload of a type byte and a body."""
    covered = value + version.to_bytes(2, "little")
    return covered + crc64(covered).to_bytes(8, "little")


def length(number: int) -> bytes:
    if number < 64:
        return bytes([number])
    if number < 16384:
        return bytes([0x40 | number >> 8, number & 0xFF])
    return b"\x80" + number.to_bytes(4, "big")


def string(text: bytes) -> bytes:
    return length(len(text)) + text


def ziplist(*texts: bytes) -> bytes:
    entries, previous, tail = b"", 0, 10
    for text in texts:
        tail = 10 + len(entries)
        entry = bytes([previous, len(text)]) + text
        previous = len(entry)
        entries += entry
    header = (11 + len(entries)).to_bytes(4, "little") + tail.to_bytes(4, "little") + len(texts).to_bytes(2, "little")
    return header + entries + b"\xff"


def listpack(*texts: bytes) -> bytes:
    """Every element as a string; none is to look like a number."""
    entries = b"".join(bytes([0x80 | len(text)]) + text + bytes([len(text) + 1]) for text in texts)
    return (7 + len(entries)).to_bytes(4, "little") + len(texts).to_bytes(2, "little") + entries + b"\xff"


def zipmap(*pairs) -> bytes:
    entries = b"".join(bytes([len(f)]) + f + bytes([len(v), 1]) + v + b"?" for f, v in pairs)
    return bytes([len(pairs)]) + entries + b"\xff"


def golden_payloads() -> Dict[str, bytes]:
    """What redis-server 7.0.15 dumped, by the name of the case."""
    lines = (line.split("\t") for line in GOLDEN.read_text().splitlines())
    return {name: bytes.fromhex(payload) for name, _, payload in lines}


def old_payloads() -> Dict[str, bytes]:
    """Values in forms that servers before 7.0 wrote."""
    pairs = ziplist(b"one", b"1", b"two", b"2.5")
    return {
        "list": seal(b"\x01" + length(2) + string(b"x") + string(b"")),
        "list_ziplist": seal(b"\x0a" + string(ziplist(b"a", b"bc", b"")), 6),
        "list_quicklist": seal(b"\x0e" + length(2) + string(ziplist(b"a", b"b")) + string(ziplist(b"c")), 9),
        "zset": seal(b"\x03" + length(2) + string(b"x") + b"\x031.5" + string(b"y") + b"\xfe", 7),
        "zset_ziplist": seal(b"\x0c" + string(pairs), 9),
        "hash_zipmap": seal(b"\x09" + string(zipmap((b"f", b"v"), (b"g", b"w"))), 2),
        "hash_ziplist": seal(b"\x0d" + string(pairs), 9),
    }


def bad_bodies() -> Dict[str, bytes]:
    """Type and body of what no server may accept, in forms that every server looks at before it believes them."""
    return {
        "empty set": b"\x02" + length(0),
        "empty list": b"\x12" + length(0),
        "short list": b"\x12" + length(2) + length(2) + string(listpack(b"a")),
        "list node of an unknown kind": b"\x12" + length(1) + length(3) + string(listpack(b"a")),
        "set of fewer members than it says": b"\x02" + length(3) + string(b"a"),
        "hash with a field twice": b"\x04" + length(2) + string(b"f") + string(b"1") + string(b"f") + string(b"2"),
        "unknown type": b"\x63" + string(b"x"),
        "cut string": b"\x00" + length(5) + b"abc",
        "no intset": b"\x0b" + string(b"abc"),
        "no listpack": b"\x10" + string(b"abc"),
        "score that is no number": b"\x05" + length(1) + string(b"m") + b"\xff" * 8,
    }
