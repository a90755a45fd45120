"""Expiry, SCAN's guarantee, RANDOMKEY's fairness, databases, lazy freeing."""

import random

import pytest

from support.resp import OK, Reply
from support.waiting import wait_until

TIER_OFF = {"tier-enabled": "no", "maxmemory": "0"}
TIER_ON = {"tier-enabled": "yes", "maxmemory": "8mb", "tier-min-value-size": "1"}
CHI_SQUARE_PER_DEGREE_MAX = 4.0


@pytest.fixture(params=[TIER_OFF, TIER_ON], ids=["ram", "tier"])
def server(request, start_server):
    return start_server(tier=request.param)


def server_time_ms(connection) -> int:
    seconds, micros = connection.command("TIME").value
    return int(seconds.value) * 1000 + int(micros.value) // 1000


def test_active_expiry(server):
    """Expired keys go away although nobody asks for them, and are counted."""
    count = 20_000
    with server.connect() as connection:
        for start in range(0, count, 500):
            connection.pipeline(
                [("SET", b"k:%d" % i, b"v" * 200, "PX", 300 + i % 500) for i in range(start, start + 500)]
            )
        connection.command("SET", "stays", "v", "EX", 10_000)
        connection.command("SET", "stays too", "v")
        wait_until(lambda: connection.command("DBSIZE").value == 2, "all keys with a short TTL are gone", 30)
        assert server.info_number("stats", "expired_keys") == count
        assert connection.command("MGET", "stays", "stays too", "k:1").value == (
            Reply("$", b"v"),
            Reply("$", b"v"),
            Reply("$", None),
        )


def test_lazy_expiry(server):
    """With active expiry off a key past its time is still counted, and gone for whoever asks."""
    with server.connect() as connection:
        assert connection.command("DEBUG", "SET-ACTIVE-EXPIRE", "0") == OK
        names = ["get", "exists", "ttl", "type", "strlen", "rename", "copy", "del", "incr", "append"]
        for name in names:
            connection.command("SET", name, "5", "PX", 50)
        end = server_time_ms(connection) + 60
        wait_until(lambda: server_time_ms(connection) > end, "the time is over")
        assert connection.command("DBSIZE").value == len(names)
        assert server.info_number("stats", "expired_keys") == 0
        assert connection.command("GET", "get").is_null
        assert connection.command("EXISTS", "exists").value == 0
        assert connection.command("TTL", "ttl").value == -2
        assert connection.command("TYPE", "type").value == b"none"
        assert connection.command("STRLEN", "strlen").value == 0
        assert connection.command("RENAME", "rename", "x").value == b"ERR no such key"
        assert connection.command("COPY", "copy", "x").value == 0
        assert connection.command("DEL", "del").value == 0
        assert connection.command("INCR", "incr").value == 1
        assert connection.command("APPEND", "append", "tail").value == 4
        assert connection.command("DBSIZE").value == 2
        assert server.info_number("stats", "expired_keys") == len(names)
        assert connection.command("DEBUG", "SET-ACTIVE-EXPIRE", "1") == OK


def test_expiry_moment(server):
    """A key lives until its moment and not much longer; PTTL runs down to it."""
    with server.connect() as connection:
        before = server_time_ms(connection)
        connection.command("SET", "k", "v", "PX", 400)
        seen_ms = []

        def gone():
            left = connection.command("PTTL", "k").value
            seen_ms.append(left)
            return left == -2

        wait_until(gone, "the key expires", interval=0)
        assert 395 <= server_time_ms(connection) - before < 1000
        assert all(later <= earlier for earlier, later in zip(seen_ms, seen_ms[1:]))
        assert max(seen_ms) <= 400 and len(seen_ms) > 3


def test_scan_guarantee_while_the_table_changes(server, rng):
    """Keys that are there from the first to the last SCAN call are returned, however the table grows and shrinks."""
    stable = {b"stable:%d" % i for i in range(2000)}
    with server.connect() as connection:
        connection.pipeline([("SET", name, b"v" * 50) for name in stable])
        for phase in ("grow", "shrink", "both"):
            extra = 0 if phase != "shrink" else 40_000
            if extra:
                for start in range(0, extra, 1000):
                    connection.pipeline([("SET", b"extra:%d" % i, "x") for i in range(start, start + 1000)])
            cursor, found, calls = b"0", set(), 0
            while True:
                reply = connection.command("SCAN", cursor, "COUNT", rng.choice((1, 10, 100)))
                cursor = reply.value[0].value
                found.update(item.value for item in reply.value[1].value)
                calls += 1
                if cursor == b"0":
                    break
                assert calls < 200_000, "SCAN does not come to an end"
                if phase != "shrink" and extra < 40_000:
                    connection.pipeline([("SET", b"extra:%d" % i, "x") for i in range(extra, extra + 200)])
                    extra += 200
                elif phase != "grow" and extra > 0:
                    connection.pipeline([("DEL", b"extra:%d" % i) for i in range(max(0, extra - 200), extra)])
                    extra = max(0, extra - 200)
            assert calls > 10
            assert stable <= found, "%s: %d stable keys were not returned" % (phase, len(stable - found))
            assert all(name.startswith((b"stable:", b"extra:")) for name in found)
            for start in range(0, 40_000, 1000):
                connection.pipeline([("DEL", b"extra:%d" % i) for i in range(start, start + 1000)])
            assert connection.command("DBSIZE").value == len(stable)


def test_scan_twice_in_a_still_table(server):
    """In a table that does not change SCAN returns every key, MATCH and TYPE filter, COUNT bounds the work."""
    names = {b"k:%d" % i for i in range(3000)}
    with server.connect() as connection:
        connection.pipeline([("SET", name, b"v") for name in names])
        for options, wanted in (
            (("COUNT", 100), names),
            (("MATCH", "k:1*"), {n for n in names if n.startswith(b"k:1")}),
            (("TYPE", "string"), names),
            (("TYPE", "list"), set()),
            (("MATCH", "nothing*", "COUNT", 1000), set()),
        ):
            cursor, found = b"0", []
            while True:
                cursor_reply, items = connection.command("SCAN", cursor, *options).value
                cursor = cursor_reply.value
                found += [item.value for item in items.value]
                if "COUNT" in options:
                    assert len(items.value) <= options[options.index("COUNT") + 1] + 64
                if cursor == b"0":
                    break
            assert set(found) == wanted


def test_randomkey_is_fair(server, rng):
    """RANDOMKEY draws every key about equally often (chi-square with a generous bound)."""
    count, draws = 100, 5000
    with server.connect() as connection:
        names = [b"k:%d" % rng.getrandbits(40) for _ in range(count)]
        connection.pipeline([("SET", name, "v") for name in names])
        drawn = dict.fromkeys(names, 0)
        for reply in connection.pipeline([("RANDOMKEY",)] * draws):
            drawn[reply.value] += 1
    expected = draws / count
    chi_square = sum((seen - expected) ** 2 / expected for seen in drawn.values())
    print("chi-square per degree of freedom: %.2f" % (chi_square / (count - 1)))
    assert chi_square / (count - 1) < CHI_SQUARE_PER_DEGREE_MAX
    assert min(drawn.values()) > 0


def test_swapdb_and_move(server):
    """SWAPDB and MOVE carry values, TTLs and counts; other clients see the exchange at once."""
    with server.connect() as connection, server.connect() as other:
        connection.pipeline([("SET", b"zero:%d" % i, b"v%d" % i, "EX", 5000) for i in range(500)])
        connection.command("SELECT", 1)
        connection.pipeline([("SET", b"one:%d" % i, b"w%d" % i) for i in range(300)])
        assert other.command("DBSIZE").value == 500
        assert connection.command("SWAPDB", 0, 1) == OK
        assert other.command("DBSIZE").value == 300
        assert other.command("GET", "one:7").value == b"w7"
        assert connection.command("DBSIZE").value == 500
        assert 0 < connection.command("TTL", "zero:7").value <= 5000
        assert connection.command("MOVE", "zero:7", 0).value == 1
        assert connection.command("MOVE", "zero:7", 0).value == 0
        assert other.command("GET", "zero:7").value == b"v7"
        assert 0 < other.command("TTL", "zero:7").value <= 5000
        assert other.command("MOVE", "one:1", 1).value == 1
        assert other.command("SET", "one:1", "again") == OK
        assert other.command("MOVE", "one:1", 1).value == 0, "the target has the key already"
        assert server.info("keyspace")["db0"].startswith("keys=301,expires=1,")
        assert server.info("keyspace")["db1"].startswith("keys=500,expires=499,")


def test_sixteen_databases(server):
    """Each database has its own keys; FLUSHDB empties one, FLUSHALL all."""
    with server.connect() as connection:
        for number in range(16):
            assert connection.command("SELECT", number) == OK
            assert connection.command("SET", "k", number) == OK
        assert connection.command("FLUSHDB") == OK
        for number in range(16):
            connection.command("SELECT", number)
            assert connection.command("GET", "k").value == (b"%d" % number if number < 15 else None)
        assert connection.command("FLUSHALL") == OK
        assert server.info("keyspace") == {}


def test_flushall_async_frees_in_the_background(server):
    """FLUSHALL ASYNC empties at once and frees in the background; memory comes back."""
    count = 20_000
    with server.connect() as connection:
        empty = server.info_number("memory", "used_memory")
        for start in range(0, count, 500):
            connection.pipeline([("SET", b"k:%d" % i, b"v" * 200) for i in range(start, start + 500)])
        full = server.info_number("memory", "used_memory")
        assert connection.command("FLUSHALL", "ASYNC") == OK
        assert connection.command("DBSIZE").value == 0
        wait_until(
            lambda: server.info_number("memory", "lazyfree_pending_objects") == 0, "the background has freed all"
        )
        wait_until(lambda: server.info_number("memory", "lazyfreed_objects") >= count, "the freed objects are counted")
        wait_until(
            lambda: server.info_number("memory", "used_memory") - empty < (full - empty) // 4, "memory is given back"
        )
        assert connection.command("CONFIG", "RESETSTAT") == OK
        assert server.info_number("memory", "lazyfreed_objects") == 0


def test_unlink_gives_memory_back(server):
    """UNLINK of large values gives their memory back."""
    with server.connect() as connection:
        before = server.info_number("memory", "used_memory")
        value = random.Random(1).getrandbits(8 * 1_000_000).to_bytes(1_000_000, "little")
        for i in range(5):
            assert connection.command("SET", b"big:%d" % i, value) == OK
        assert connection.command("UNLINK", *(b"big:%d" % i for i in range(5))).value == 5
        wait_until(lambda: server.info_number("memory", "used_memory") < before + 1_000_000, "the memory is given back")
        assert connection.command("DBSIZE").value == 0


@pytest.mark.tidemark_only
def test_unlink_of_large_values_is_lazy(start_server):
    """UNLINK of large values frees them in the background and counts them (Redis frees strings at once)."""
    server = start_server(tier=TIER_OFF)
    with server.connect() as connection:
        for i in range(10):
            connection.command("SET", b"big:%d" % i, b"x" * 4_000_000)
        assert connection.command("UNLINK", *(b"big:%d" % i for i in range(10))).value == 10
        wait_until(lambda: server.info_number("memory", "lazyfreed_objects") == 10, "the freed objects are counted")
        wait_until(lambda: server.info_number("memory", "lazyfree_pending_objects") == 0, "nothing is pending")


def test_stat_counters(server):
    """keyspace_hits, keyspace_misses, total_commands_processed and total_error_replies count; RESETSTAT clears."""
    with server.connect() as connection:
        connection.command("SET", "k", "v")
        assert connection.command("CONFIG", "RESETSTAT") == OK
        connection.pipeline([("GET", "k")] * 7 + [("GET", "none")] * 3 + [("NOSUCH",)] * 2)
        info = dict(
            line.split(":", 1)
            for line in connection.command("INFO", "stats").value.decode().splitlines()
            if ":" in line
        )
        assert (info["keyspace_hits"], info["keyspace_misses"], info["total_error_replies"]) == ("7", "3", "2")
        # CONFIG RESETSTAT itself is counted after the reset; unknown commands are none.
        assert int(info["total_commands_processed"]) in (10, 11)


def test_debug_populate(server):
    """DEBUG POPULATE makes the keys it names, with values of the given size."""
    with server.connect() as connection:
        assert connection.command("DEBUG", "POPULATE", 1000) == OK
        assert connection.command("DBSIZE").value == 1000
        assert connection.command("GET", "key:999").value == b"value:999"
        assert connection.command("DEBUG", "POPULATE", 10, "p", 100) == OK
        value = connection.command("GET", "p:3").value
        assert len(value) == 100 and value.startswith(b"value:3")
