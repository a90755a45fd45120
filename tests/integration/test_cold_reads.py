"""Cold reads: a sweeper reads a dataset three times as large as RAM while another client works on a hot set."""

import random
import threading
import time

import pytest

from support import tier_fields
from support.memory_watch import MemoryWatch, rss_limit
from support.server import is_sanitized
from support.waiting import make_seed, wait_until

KEY_COUNT = 100_000
VALUE_BYTES = 1024
MAXMEMORY_BYTES = 32 * 1024 * 1024
HOT_KEY_COUNT = 200
HOT_READ_COUNT_MIN = 5_000
BATCH = 500


def value_of(number: int) -> bytes:
    """Incompressible and different for every key, computed again when it is checked."""
    return random.Random(number).getrandbits(8 * VALUE_BYTES).to_bytes(VALUE_BYTES, "little")


class HotClient(threading.Thread):
    """Reads a small set over and over, checking each reply."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.read_count = 0
        self.slowest_s = 0.0
        self.error = None
        self.done = threading.Event()
        self._connection = server.connect()

    def run(self) -> None:
        expected = {b"key:%d" % i: value_of(i) for i in range(HOT_KEY_COUNT)}
        names = list(expected)
        try:
            while not self.done.is_set() or self.read_count < HOT_READ_COUNT_MIN:
                name = names[self.read_count % len(names)]
                begin = time.monotonic()
                reply = self._connection.command("GET", name)
                self.slowest_s = max(self.slowest_s, time.monotonic() - begin)
                assert reply.value == expected[name], "%r came back as %r" % (name, reply)
                self.read_count += 1
        except Exception as error:  # handed to the test
            self.error = error


def test_sweep_beside_a_hot_client(start_server):
    """No error reply and no lost value, for the sweeper and for the hot client, and memory stays inside its limit."""
    seed = make_seed()
    print("seed=%d (TIDEMARK_TEST_SEED)" % seed)
    server = start_server(
        tier={"maxmemory": str(MAXMEMORY_BYTES), "tier-enabled": "yes", "maxmemory-policy": "noeviction"}
    )
    with MemoryWatch(server) as watch, server.connect() as sweeper:
        for start in range(0, KEY_COUNT, BATCH):
            replies = sweeper.pipeline([("SET", b"key:%d" % i, value_of(i)) for i in range(start, start + BATCH)])
            assert all(reply.value == b"OK" for reply in replies), replies
        hot = HotClient(server)
        hot.start()
        order = list(range(KEY_COUNT))
        random.Random(seed).shuffle(order)
        for start in range(0, KEY_COUNT, BATCH):
            numbers = order[start : start + BATCH]
            for number, reply in zip(numbers, sweeper.pipeline([("GET", b"key:%d" % number) for number in numbers])):
                assert reply.value == value_of(number), "key:%d came back as %r" % (number, reply)
        hot.done.set()
        hot.join()
        if hot.error is not None:
            raise hot.error
        assert hot.read_count >= HOT_READ_COUNT_MIN
        print("hot client: %d reads, the slowest %.1f ms" % (hot.read_count, 1000 * hot.slowest_s))
        assert sweeper.command("DBSIZE").value == KEY_COUNT
    if server.is_tidemark:
        info = server.info("tiering")
        # At most maxmemory of the values fits into RAM, so the sweep had to read all others.
        cold_min = KEY_COUNT - MAXMEMORY_BYTES // VALUE_BYTES
        assert int(info[tier_fields.SPILLS]) >= cold_min
        assert int(info[tier_fields.READS]) >= cold_min
        assert int(info[tier_fields.READ_ERRORS]) == 0 and int(info[tier_fields.CORRUPTIONS]) == 0
        if not is_sanitized(server.binary):
            watch.assert_below(rss_limit(MAXMEMORY_BYTES))


@pytest.mark.tidemark_only
def test_metadata_commands_do_not_read_flash(start_server):
    """EXISTS, TTL, TYPE, EXPIRE, OBJECT ENCODING, SET, DEL and RENAME over cold keys cause no flash read."""
    server = start_server(tier={"maxmemory": "64mb", "tier-enabled": "yes"})
    with server.connect() as connection:
        names = [b"cold:%d" % i for i in range(50)]
        connection.pipeline([("SET", name, value_of(i)) for i, name in enumerate(names)])
        for reply in connection.pipeline([("TIER", "SPILL", name) for name in names]):
            assert not reply.is_error, reply
        deadline = time.monotonic() + 10
        while any(
            reply.value != tier_fields.COLD
            for reply in connection.pipeline([("TIER", "WHERE", name) for name in names])
        ):
            assert time.monotonic() < deadline, "the values did not become cold"
        reads_before = server.info_number("tiering", tier_fields.READS)
        for i, name in enumerate(names):
            replies = connection.pipeline(
                [
                    ("EXISTS", name),
                    ("TYPE", name),
                    ("TTL", name),
                    ("EXPIRE", name, 100),
                    ("OBJECT", "ENCODING", name),
                    ("PERSIST", name),
                    ("RENAME", name, b"renamed:%d" % i),
                    ("TOUCH", b"renamed:%d" % i),
                ]
            )
            assert [reply.value for reply in replies] == [1, b"string", -1, 1, b"raw", 1, b"OK", 1]
        assert connection.command("SET", "renamed:0", "new").value == b"OK"
        assert connection.command("DEL", "renamed:1").value == 1
        assert server.info_number("tiering", tier_fields.READS) == reads_before
        assert connection.command("GET", "renamed:2").value == value_of(2)
        assert server.info_number("tiering", tier_fields.READS) == reads_before + 1


@pytest.mark.tidemark_only
def test_values_that_are_only_looked_at(start_server):
    """Strings that are read and not to stay in RAM: the same replies as from RAM, alone, in transactions beside commands
    that change them, many at once, and named twice; and they stay cold."""
    server = start_server(
        tier={
            "maxmemory": "16mb",
            "tier-enabled": "yes",
            "tier-promote": "never",
            "tier-spill-watermark": "10",
            "tier-min-value-size": "64",
        }
    )
    count = 2000  # more than the buffers that values are left in
    names = [b"cold:%d" % i for i in range(count)]
    with server.connect() as connection:
        # Too small to be spilled, so that RAM is short whatever becomes of the others.
        for start in range(0, 60_000, BATCH):
            connection.pipeline([("SET", b"small:%d" % i, b"x" * 50) for i in range(start, start + BATCH)])
        for start in range(0, count, BATCH):
            connection.pipeline([("SET", names[i], value_of(i)) for i in range(start, start + BATCH)])
        connection.command("RPUSH", "list", *[b"x" * 60] * 60)

        def all_cold():
            where = connection.pipeline([("TIER", "WHERE", name) for name in [*names, b"list"]])
            return all(reply.value == tier_fields.COLD for reply in where)

        for reply in connection.pipeline([("TIER", "SPILL", name) for name in [*names, b"list"]]):
            assert not reply.is_error, reply
        wait_until(all_cold, "the values are cold")
        reads = server.info_number("tiering", tier_fields.READS)
        assert connection.command("GET", "list").value.startswith(b"WRONGTYPE")
        assert server.info_number("tiering", tier_fields.READS) == reads, "a value of the wrong type was read"

        value = value_of(7)
        assert connection.command("GET", names[7]).value == value
        assert connection.command("STRLEN", names[7]).value == VALUE_BYTES
        assert connection.command("GETRANGE", names[7], 10, 19).value == value[10:20]
        assert connection.command("SUBSTR", names[7], -5, -1).value == value[-5:]
        assert connection.command("GETBIT", names[7], 3).value == value[0] >> 4 & 1
        assert connection.command("BITCOUNT", names[7]).value == sum(bin(byte).count("1") for byte in value)
        assert connection.command("LCS", names[7], names[7], "LEN").value == VALUE_BYTES
        many = connection.command("MGET", *names, "missing", "list", names[3], names[3])
        expected = [value_of(i) for i in range(count)] + [None, None, value_of(3), value_of(3)]
        assert [reply.value for reply in many.value] == expected
        replies = connection.pipeline([("GET", name) for name in names])
        assert [reply.value for reply in replies] == expected[:count]
        assert all_cold()

        replies = connection.pipeline(
            [
                ("MULTI",),
                ("GET", names[0]),
                ("APPEND", names[0], "more"),
                ("GET", names[0]),
                ("STRLEN", names[1]),
                ("RENAME", names[1], names[2]),
                ("GET", names[2]),
                ("DEL", names[3]),
                ("GET", names[3]),
                ("MGET", names[4], names[5], names[4]),
                ("EXEC",),
            ]
        )
        results = [reply.value for reply in replies[-1].value]
        assert results[:3] == [value_of(0), VALUE_BYTES + 4, value_of(0) + b"more"]
        assert results[3:8] == [VALUE_BYTES, b"OK", value_of(1), 1, None]
        assert [reply.value for reply in results[8]] == [value_of(4), value_of(5), value_of(4)]
        # One that goes away while its values are on their way, and one that gets them all the same.
        with server.connect() as leaver:
            leaver.send(b"".join(b"GET %s\r\n" % name for name in names[10:500]))
        assert connection.command("GET", names[20]).value == value_of(20)
        # A command that ends its own connection.
        with server.connect() as quitter:
            assert quitter.pipeline([("GET", names[30]), ("QUIT",)])[0].value == value_of(30)
        info = server.info("tiering")
        assert int(info[tier_fields.PROMOTIONS]) == 0
        assert int(info[tier_fields.READ_ERRORS]) == 0 and int(info[tier_fields.CORRUPTIONS]) == 0
