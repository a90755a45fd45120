"""Kill -9 at any moment leaves a tier which the next start empties and uses, and the log says what it found."""

import contextlib
import random
import re
import socket
import threading
import time

import pytest

from support.resp import OK, ConnectionClosed, Reply
from support.waiting import make_seed, wait_until

pytestmark = pytest.mark.tidemark_only

FOUND = re.compile(r"Flash tier: (removed \d+ files \(\d+ MB\) of an earlier server|nothing of an earlier server found)")
VALUE_BYTES = 4000


class Writer(threading.Thread):
    """SETs, GETs and DELs over many keys, without pause, until the server is gone."""

    def __init__(self, server, seed: int):
        super().__init__(daemon=True)
        self.acknowledged = 0
        self._random = random.Random(seed)
        self._connection = server.connect()

    def run(self) -> None:
        value = self._random.getrandbits(8 * VALUE_BYTES).to_bytes(VALUE_BYTES, "little")
        try:
            while True:
                commands = []
                for _ in range(50):
                    key = b"key:%d" % self._random.randrange(20_000)
                    kind = self._random.randrange(10)
                    commands.append(("SET", key, value) if kind < 7 else ("GET", key) if kind < 9 else ("DEL", key))
                self.acknowledged += len(self._connection.pipeline(commands))
        except (OSError, ConnectionClosed, socket.timeout):
            pass


def tier_bytes(server) -> int:
    total = 0
    for path in (server.directory / "tier").iterdir():
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


@pytest.mark.parametrize("engine, cycles", [("valuelog", 25), ("rocksdb", 8)])
def test_kill_at_random_moments(start_server, engine, cycles):
    seed = make_seed()
    print("seed=%d (TIDEMARK_TEST_SEED)" % seed)
    rng = random.Random(seed)
    server = start_server(
        tier={"tier-enabled": "yes", "tier-engine": engine, "tier-segment-size": "16mb", "maxmemory": "16mb"}
    )
    for cycle in range(cycles):
        found = FOUND.search(server.log())
        assert found, "cycle %d:\n%s" % (cycle, server.log())
        if cycle > 0:
            print("cycle %d: %s" % (cycle, found.group(1)))
        writers = [Writer(server, rng.randrange(1 << 32)) for _ in range(2)]
        for writer in writers:
            writer.start()
        if cycle % 5 == 4:
            # Before anything is on flash.
            time.sleep(rng.random() * 0.02)
        else:
            wait_until(lambda: tier_bytes(server) > 1 << 20, "values are on flash", interval=0.002)
            time.sleep(rng.random() * 0.5)
        server.kill()
        for writer in writers:
            writer.join()
        server.start_again()
    with server.connect() as connection:
        assert connection.command("DBSIZE") == Reply(":", 0)
        assert connection.command("SET", "k", b"v" * 1000) == OK
        assert connection.command("TIER", "SPILL", "k") == Reply(":", 1)
        assert connection.command("GET", "k") == Reply("$", b"v" * 1000)


def test_the_next_start_may_use_the_other_engine(start_server):
    """What one engine left is nothing to the other: it is removed, and the log says so."""
    first = start_server(tier={"tier-enabled": "yes", "tier-engine": "rocksdb", "maxmemory": "64mb"})
    first.kill()
    second = start_server(
        tier={"tier-enabled": "yes", "maxmemory": "64mb", "tier-dir": str(first.directory / "tier")}
    )
    assert re.search(r"Flash tier: removed \d+ files", second.log()), second.log()
    assert "engine valuelog on " in second.log()
