"""Cold reads: a sweeper reads a dataset three times as large as RAM while another client works on a hot set."""

import random
import threading
import time

import pytest

from support import tier_fields
from support.memory_watch import MemoryWatch, rss_limit
from support.server import is_sanitized
from support.waiting import make_seed

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
