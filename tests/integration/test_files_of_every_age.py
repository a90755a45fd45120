"""RDB files of every version, with the encodings of their time, put together by hand from the descriptions of the format:
each is loaded by the server and holds what it must, and what this Redis reads it reads in the same way."""

import struct

import pytest

from support import rdb
from support.datasets import FAR_MS, contents
from support.rdb import length, listpack, string, zipmap
from support.rdb_file import aux, database, key, whole
from support.resp import OK
from support.server import oracle_binary

pytestmark = pytest.mark.tidemark_only

DUMP = "dump.rdb"
FAR_S = 2_000_000_000  # as a signed number of 32 bits seconds end in 2038


def little(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little", signed=True)


def old_ziplist(*heads_and_bodies: bytes) -> bytes:
    """Entries as they are to stand there, each behind the length of the one before it."""
    entries, previous, tail = b"", 0, 10
    for entry in heads_and_bodies:
        tail = 10 + len(entries)
        entry = (bytes([previous]) if previous < 254 else b"\xfe" + previous.to_bytes(4, "little")) + entry
        previous = len(entry)
        entries += entry
    size = 11 + len(entries)
    return struct.pack("<IIH", size, tail, len(heads_and_bodies)) + entries + b"\xff"


def text6(text: bytes) -> bytes:
    return bytes([len(text)]) + text


LONG_TEXT = bytes(range(32, 127)) * 4
# Every form that an entry of a ziplist can have, and what it means.
ZIPLIST = {
    text6(b"short"): b"short",
    bytes([0x40 | len(LONG_TEXT) >> 8, len(LONG_TEXT) & 255]) + LONG_TEXT: LONG_TEXT,
    b"\x80" + (20000).to_bytes(4, "big") + b"y" * 20000: b"y" * 20000,
    b"\xc0" + little(-30000, 2): b"-30000",
    b"\xd0" + little(2**31 - 1, 4): b"2147483647",
    b"\xe0" + little(-(2**63), 8): b"-9223372036854775808",
    b"\xf0" + little(-(2**23), 3): b"-8388608",
    b"\xfe" + little(-100, 1): b"-100",
    b"\xf1": b"0",
    b"\xfd": b"12",
    text6(b""): b"",
}
# Those that versions before 6 knew.
EARLY = {form: meaning for form, meaning in ZIPLIST.items() if form[0] & 0xF0 != 0xF0}


# Each case: the record (type and body), and commands with what they must answer.


def strings_of_then():
    """LZF and integers have been there from the beginning."""
    back_reference = b"\x03abcd" + bytes([0xE0, 30, 3])  # "abcd", then 39 bytes from four before
    unpacked = b"abcd" * 10 + b"abc"
    lzf = b"\xc3" + length(len(back_reference)) + length(len(unpacked)) + back_reference
    yield 0, b"\xc0\x9c", [(("GET",), b"-100")]
    yield 0, b"\xc1" + little(-30000, 2), [(("GET",), b"-30000")]
    yield 0, b"\xc2" + little(2**31 - 1, 4), [(("GET",), b"2147483647")]
    yield 0, lzf, [(("GET",), unpacked)]
    yield 0, string(b""), [(("GET",), b"")]
    yield 0, b"\x80" + (70000).to_bytes(4, "big") + b"z" * 70000, [(("STRLEN",), 70000)]


def plain_containers():
    yield 1, length(3) + string(b"x") + b"\xc0\x07" + string(b""), [(("LRANGE", 0, -1), [b"x", b"7", b""])]
    many = [b"element:%d" % i for i in range(700)]
    yield 1, length(700) + b"".join(map(string, many)), [(("LRANGE", 0, -1), many)]
    yield 2, length(2) + string(b"m") + b"\xc1\x39\x30", [(("SMISMEMBER", "m", "12345", "n"), [1, 1, 0]), (("SCARD",), 2)]
    scores = [(b"a", b"\x041.25"), (b"low", b"\xff"), (b"high", b"\xfe"), (b"big", b"\x051e300")]
    body = length(4) + b"".join(string(member) + score for member, score in scores)
    yield 3, body, [(("ZRANGE", 0, -1, "WITHSCORES"), [b"low", b"-inf", b"a", b"1.25", b"big", b"1.0000000000000001e+300", b"high", b"inf"])]
    yield 4, length(2) + string(b"f") + string(b"v") + string(b"n") + b"\xc0\x05", [(("HMGET", "f", "n", "o"), [b"v", b"5", None])]


def zipmaps():
    yield 9, string(zipmap((b"f", b"v"), (b"g", b"w" * 200))), [(("HMGET", "f", "g"), [b"v", b"w" * 200]), (("HLEN",), 2)]
    long = b"\xfe" + struct.pack("<I", 300)
    body = b"\x01" + b"\x01f" + long + b"\0" + b"l" * 300 + b"\xff"
    yield 9, string(body), [(("HGET", "f"), b"l" * 300)]
    fields = [(b"f%d" % i, b"%d" % i) for i in range(254)]
    counted_by_walking = b"\xfe" + zipmap(*fields[:200])[1:]
    yield 9, string(counted_by_walking), [(("HLEN",), 200), (("HGET", "f199"), b"199")]


def ziplists(forms):
    values = list(forms.values())
    yield 10, string(old_ziplist(*forms)), [(("LRANGE", 0, -1), values)]
    pairs = [part for i, form in enumerate(forms) for part in (text6(b"f%d" % i), form)]
    yield 13, string(old_ziplist(*pairs)), [(("HMGET", *["f%d" % i for i in range(len(forms))]), values)]
    yield 12, string(rdb.ziplist(b"one", b"1", b"two", b"2.5", b"inf", b"inf")), [
        (("ZRANGE", 0, -1, "WITHSCORES"), [b"one", b"1", b"two", b"2.5", b"inf", b"inf"])
    ]


def intsets():
    for size, numbers in ((2, (-3, 1, 7)), (4, (-70000, 5)), (8, (-(2**63), 0, 2**63 - 1))):
        body = struct.pack("<II", size, len(numbers)) + b"".join(little(number, size) for number in numbers)
        yield 11, string(body), [(("SMISMEMBER", *numbers, 4), [1] * len(numbers) + [0]), (("OBJECT ENCODING",), b"intset")]


def quicklists():
    values = list(ZIPLIST.values())
    body = length(2) + string(old_ziplist(*ZIPLIST)) + string(rdb.ziplist(b"end"))
    yield 14, body, [(("LRANGE", 0, -1), values + [b"end"])]


def binary_scores():
    scores = (1.5, float("-inf"), 1e300, -0.1)
    body = length(4) + b"".join(string(b"m%d" % i) + struct.pack("<d", score) for i, score in enumerate(scores))
    yield 5, body, [(("ZRANGE", 0, -1), [b"m1", b"m3", b"m0", b"m2"]), (("ZSCORE", "m3"), b"-0.10000000000000001")]


def listpacks():
    yield 16, string(listpack(b"f", b"v", b"g", b"w")), [(("HMGET", "g", "f"), [b"w", b"v"])]
    seven, thirteen = b"\x05\x01", b"\xdf\x9c\x02"  # 5 and -100
    numbers = b"\x81a\x02" + seven + b"\x81b\x02" + thirteen
    pack = struct.pack("<IH", 7 + len(numbers), 4) + numbers + b"\xff"
    # Sorted by score: b -100, a 5.
    in_order = b"\x81b\x02" + thirteen + b"\x81a\x02" + seven
    yield 17, string(pack[:6] + in_order + b"\xff"), [(("ZRANGE", 0, -1, "WITHSCORES"), [b"b", b"-100", b"a", b"5"])]
    body = length(3) + length(2) + string(listpack(b"a", b"b")) + length(1) + string(b"p" * 9000) + length(2) + string(listpack(b"c"))
    yield 18, body, [(("LRANGE", 0, -1), [b"a", b"b", b"p" * 9000, b"c"])]


def stream(version: int):
    """Two entries, the first of which was deleted; a group with one pending entry of alice."""

    def number(value: int) -> bytes:
        return bytes([value, 1])

    def word(text: bytes) -> bytes:
        return bytes([0x80 | len(text)]) + text + bytes([len(text) + 1])

    entries = number(2) + number(1) + number(1) + word(b"f") + number(0)
    entries += number(2) + number(0) + number(0) + word(b"a") + number(4)
    entries += number(3) + number(1) + number(0) + word(b"b") + number(4)
    entries += number(2) + number(2) + number(0) + word(b"c") + number(4)
    count = 5 + 3 * 5
    node = struct.pack("<IH", 7 + len(entries), count) + entries + b"\xff"
    first = struct.pack(">QQ", 5, 1)
    body = length(1) + string(first) + string(node) + length(2) + length(7) + length(1)
    if version >= 2:
        body += length(5) + length(1) + length(6) + length(1) + length(3)
    seen = (1_000_000_000_000).to_bytes(8, "little")
    body += length(1) + string(b"g") + length(7) + length(1)
    if version >= 2:
        body += length(3)
    body += length(1) + first + seen + length(3)
    body += length(1) + string(b"alice") + seen
    if version >= 3:
        body += seen
    body += length(1) + first
    found = [
        (("XLEN",), 2),
        (("XRANGE", "-", "+"), [[b"5-1", [b"f", b"a"]], [b"7-1", [b"f", b"c"]]]),
        (("XPENDING", "g"), [1, b"5-1", b"5-1", [[b"alice", b"1"]]]),
    ]
    yield {1: 15, 2: 19, 3: 21}[version], body, found


def new_forms():
    yield 20, string(listpack(b"a", b"b")), [(("SMISMEMBER", "a", "b", "c"), [1, 1, 0]), (("OBJECT ENCODING",), b"listpack")]


def expiring_fields():
    least = FAR_MS.to_bytes(8, "little")
    body = least + length(2) + length(1) + string(b"f") + string(b"v") + length(0) + string(b"g") + string(b"w")
    yield 24, body, [(("HMGET", "f", "g"), [b"v", b"w"]), (("HPEXPIRETIME", "FIELDS", 2, "f", "g"), [FAR_MS, -1])]
    time = b"\xf4" + least + b"\x09"
    entries = b"\x81f\x02" + b"\x81v\x02" + time + b"\x81g\x02" + b"\x81w\x02" + b"\x00\x01"
    pack = struct.pack("<IH", 7 + len(entries), 6) + entries + b"\xff"
    yield 25, least + string(pack), [(("HMGET", "f", "g"), [b"v", b"w"]), (("HPEXPIRETIME", "FIELDS", 2, "f", "g"), [FAR_MS, -1])]


def records_of(version: int):
    yield from strings_of_then()
    yield from plain_containers()
    if version <= 3:
        yield from zipmaps()
    if 2 <= version <= 9:
        yield from ziplists(ZIPLIST if version >= 6 else EARLY)
    if version >= 2:
        yield from intsets()
    if 7 <= version <= 9:
        yield from quicklists()
    if version >= 8:
        yield from binary_scores()
    if version >= 9:
        yield from stream({9: 1, 10: 2}.get(version, 3))
    if version >= 10:
        yield from listpacks()
    if version >= 11:
        yield from new_forms()
    if version >= 12:
        yield from expiring_fields()


def attributes(version: int, number: int) -> bytes:
    """What may stand in front of a key: an expiry in seconds or milliseconds, idle time or frequency."""
    parts = b""
    if number % 3 == 1:
        parts += b"\xfd" + FAR_S.to_bytes(4, "little")
    elif number % 3 == 2 and version >= 3:
        parts += b"\xfc" + (FAR_MS + number).to_bytes(8, "little")
    if version >= 9 and number % 2:
        parts += b"\xf8" + length(1000) if number % 4 == 1 else b"\xf9\x64"
    return parts


def expiry(version: int, number: int) -> int:
    return {0: -1, 1: FAR_S * 1000, 2: FAR_MS + number if version >= 3 else -1}[number % 3]


def plain(reply):
    """Without the types of the wire."""
    return [plain(item) for item in reply.value] if isinstance(reply.value, tuple) else reply.value


def file_of(version: int, with_module: bool = True):
    records = list(records_of(version))
    parts = []
    if version >= 7:
        parts += [aux(b"redis-ver", b"x.y"), aux(b"redis-bits", b"\x40"), aux(b"lua", b"return 1"), aux(b"anything", b"")]
    if version >= 9 and with_module:
        # What a module that has no keys says of itself before and after them: numbers, a double, a string.
        body = length(2) + length(7) + length(4) + struct.pack("<d", 1.5) + length(5) + string(b"text") + length(0)
        parts.append(b"\xf7\x81" + (0x1234567890ABCDEF).to_bytes(8, "big") + length(2) + length(1) + body)
    parts.append(database(0))
    if version >= 7:
        parts.append(b"\xfb" + length(len(records)) + length(3))
    for number, (tag, body, _) in enumerate(records):
        parts.append(attributes(version, number) + key(tag, b"k:%d" % number, body))
    parts.append(database(11) + key(0, b"there", string(b"1")))
    return records, whole(b"REDIS%04d" % version, *parts)


@pytest.mark.parametrize("version", range(1, 13))
def test_version(start_server, tmp_path, version):
    records, content = file_of(version)
    (tmp_path / DUMP).write_bytes(content)
    server = start_server({"dir": str(tmp_path)})
    with server.connect() as connection:
        for number, (tag, _, expected) in enumerate(records):
            name = "k:%d" % number
            assert connection.command("PEXPIRETIME", name).value == expiry(version, number), (version, number, tag)
            for (command, *arguments), wanted in expected:
                reply = connection.command(*command.split(), name, *arguments)
                assert plain(reply) == wanted, (version, number, tag, command)
        connection.command("SELECT", 11)
        assert connection.command("DBSIZE").value == 1
        connection.command("SELECT", 0)
        assert connection.command("DBSIZE").value == len(records)
        found = contents(connection)
        # Written again it is the same.
        assert connection.command("DEBUG", "RELOAD") == OK
        assert contents(connection) == found
    # redis-server 7.0 knows versions to 10, and does not start with what a module says.
    if version > 10:
        return
    (tmp_path / DUMP).write_bytes(file_of(version, with_module=False)[1])
    theirs = start_server({"dir": str(tmp_path)}, binary=oracle_binary())
    with theirs.connect() as connection:
        assert contents(connection) == found
