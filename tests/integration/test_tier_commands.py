"""TIER and its subcommands: spill, look, load, compact, statistics, help, errors."""

import random

import pytest

from support import tier_fields
from support.resp import OK, Reply
from support.waiting import wait_until

pytestmark = pytest.mark.tidemark_only
VALUE = bytes(range(256)) * 16


@pytest.fixture
def server(start_server):
    return start_server(tier={"tier-enabled": "yes", "maxmemory": "64mb"})


@pytest.fixture
def connection(server):
    with server.connect() as connection:
        yield connection


def where(connection, key) -> bytes:
    reply = connection.command("TIER", "WHERE", key)
    assert reply.kind in "+$", reply
    assert reply.value in tier_fields.RESIDENCIES, reply
    return reply.value


def spill(connection, key) -> None:
    reply = connection.command("TIER", "SPILL", key)
    assert not reply.is_error, reply
    wait_until(lambda: where(connection, key) == tier_fields.COLD, "%r is cold" % key)


def test_where(connection):
    """WHERE names the residency of a value through its life."""
    assert where(connection, "k") == tier_fields.MISSING
    assert connection.command("SET", "k", VALUE) == OK
    assert where(connection, "k") == tier_fields.RESIDENT
    spill(connection, "k")
    assert connection.command("DEL", "k") == Reply(":", 1)
    assert where(connection, "k") == tier_fields.MISSING


def test_dump_leaves_a_value_where_it_is(server, connection):
    """Whatever it is, however often."""
    connection.command("SET", "k", VALUE)
    connection.command("RPUSH", "l", *[VALUE[i:] for i in range(100)])
    for key in ("k", "l"):
        dumped = connection.command("DUMP", key)
        spill(connection, key)
        for _ in range(3):
            assert connection.command("DUMP", key) == dumped
            assert where(connection, key) == tier_fields.COLD
    assert server.info_number("tiering", tier_fields.PROMOTIONS) == 0


def test_many_values_are_spilled_at_once(server, connection):
    """More than fit into the files that the tier has made ahead."""
    names = [b"many:%d" % i for i in range(12_000)]
    connection.pipeline([("SET", name, VALUE[: 1000 + i % 7]) for i, name in enumerate(names)])
    assert connection.command("TIER", "SPILL", *names) == Reply(":", len(names))
    wait_until(lambda: server.info_number("tiering", tier_fields.COLD_KEYS) == len(names), "all are cold", 30)


def test_spilled_value_is_read_back(server, connection):
    """A spilled value is served from flash, keeps its metadata, and its reads are counted."""
    connection.command("SET", "k", VALUE, "EX", 1000)
    before = server.info("tiering")
    spill(connection, "k")
    assert connection.command("TYPE", "k") == Reply("+", b"string")
    assert connection.command("OBJECT", "ENCODING", "k") == Reply("$", b"raw")
    assert 0 < connection.command("TTL", "k").value <= 1000
    assert where(connection, "k") == tier_fields.COLD, "metadata needs no value"
    assert connection.command("GET", "k") == Reply("$", VALUE)
    after = server.info("tiering")
    assert int(after[tier_fields.SPILLS]) == int(before[tier_fields.SPILLS]) + 1
    assert int(after[tier_fields.READS]) == int(before[tier_fields.READS]) + 1


def test_load(connection):
    """LOAD brings a value back into RAM, where it has a clean copy on flash."""
    connection.command("SET", "k", VALUE)
    spill(connection, "k")
    reply = connection.command("TIER", "LOAD", "k")
    assert not reply.is_error, reply
    wait_until(lambda: where(connection, "k") in (tier_fields.CLEAN, tier_fields.RESIDENT), "the value is in RAM")
    assert connection.command("GET", "k") == Reply("$", VALUE)


def test_change_after_spill_wins(connection):
    """Whatever is written after a spill began is what is read."""
    for i in range(200):
        value = VALUE + b"%d" % i
        connection.send_command("SET", "k", value)
        connection.send_command("TIER", "SPILL", "k")
        connection.send_command("APPEND", "k", "tail")
        connection.send_command("GET", "k")
        connection.send_command("TIER", "SPILL", "k")
        connection.send_command("SET", "k", b"new" + value)
        connection.send_command("GET", "k")
        replies = connection.read_replies(7)
        assert replies[2] == Reply(":", len(value) + 4)
        assert replies[3] == Reply("$", value + b"tail")
        assert replies[6] == Reply("$", b"new" + value)


def test_pipeline_of_cold_reads_keeps_order(connection):
    """Cold and resident keys mixed in one pipeline: the replies come in the order of the commands."""
    for i in range(100):
        connection.command("SET", b"k:%d" % i, VALUE + b"%d" % i)
    for i in range(0, 100, 2):
        spill(connection, b"k:%d" % i)
    replies = connection.pipeline([("GET", b"k:%d" % i) for i in range(100)] + [("PING",)])
    assert [reply.value for reply in replies] == [VALUE + b"%d" % i for i in range(100)] + [b"PONG"]


def test_client_may_leave_during_a_cold_read(server, connection):
    """A client that closes while its cold read is under way leaves the server and the value unharmed."""
    for i in range(50):
        connection.command("SET", b"k:%d" % i, VALUE + b"%d" % i)
    for _ in range(20):
        for i in range(50):
            connection.command("TIER", "SPILL", b"k:%d" % i)
        with server.connect() as leaving:
            leaving.send(b"".join(b"*2\r\n$3\r\nGET\r\n$%d\r\nk:%d\r\n" % (len("k:%d" % i), i) for i in range(50)))
    replies = connection.pipeline([("GET", b"k:%d" % i) for i in range(50)])
    assert [reply.value for reply in replies] == [VALUE + b"%d" % i for i in range(50)]


def test_flush_and_swap_with_cold_values(connection):
    """Cold values move with SWAPDB and MOVE, and FLUSHALL drops them."""
    connection.command("SET", "a", VALUE)
    spill(connection, "a")
    assert connection.command("MOVE", "a", 1) == Reply(":", 1)
    assert connection.command("SWAPDB", 1, 2) == OK
    assert connection.command("SELECT", 2) == OK
    assert where(connection, "a") == tier_fields.COLD
    assert connection.command("COPY", "a", "b") == Reply(":", 1)
    assert connection.command("MGET", "a", "b") == Reply("*", (Reply("$", VALUE), Reply("$", VALUE)))
    assert connection.command("FLUSHALL") == OK
    assert where(connection, "a") == tier_fields.MISSING


def test_compact_and_stats(server, connection):
    """COMPACT is accepted; STATS and INFO tiering show the tier's counters."""
    for i in range(100):
        connection.command("SET", b"k:%d" % i, VALUE)
        connection.command("TIER", "SPILL", b"k:%d" % i)
    connection.command("DEL", *(b"k:%d" % i for i in range(90)))
    assert not connection.command("TIER", "COMPACT").is_error
    assert connection.command("TIER", "STATS").kind in "*%$="
    info = server.info("tiering")
    assert not set(tier_fields.ALL) - set(info)
    for i in range(90, 100):
        assert connection.command("GET", b"k:%d" % i) == Reply("$", VALUE)


def test_help_and_errors(connection):
    """HELP is an array of lines; mistakes get the errors Redis users know; a missing key is no crash."""
    reply = connection.command("TIER", "HELP")
    assert reply.kind == "*" and any(b"WHERE" in line.value for line in reply.value)
    assert connection.command("TIER") == Reply("-", b"ERR wrong number of arguments for 'tier' command")
    assert connection.command("TIER", "WHERE") == Reply("-", b"ERR wrong number of arguments for 'tier|where' command")
    assert connection.command("TIER", "nope") == Reply("-", b"ERR unknown subcommand 'nope'. Try TIER HELP.")
    for subcommand in ("SPILL", "LOAD"):
        connection.command("TIER", subcommand, "no such key")
    assert connection.command("PING").value == b"PONG"


def test_tier_off(start_server):
    """With the tier off values stay resident and SPILL is refused or does nothing; no data is harmed."""
    server = start_server(tier={"tier-enabled": "no", "maxmemory": "0"})
    with server.connect() as connection:
        connection.command("SET", "k", VALUE)
        connection.command("TIER", "SPILL", "k")
        assert where(connection, "k") == tier_fields.RESIDENT
        assert connection.command("GET", "k") == Reply("$", VALUE)


def test_spill_of_what_there_is_no_place_for(start_server):
    """A value that the tier cannot take is not counted, and stays; a smaller one goes."""
    server = start_server(tier={"tier-enabled": "yes", "tier-max-size": "8mb", "tier-compression": "no"})
    with server.connect() as connection:
        large = random.Random(1).randbytes(7 << 20)
        assert connection.command("SET", "large", large) == OK
        assert connection.command("SET", "small", VALUE) == OK
        assert connection.command("TIER", "SPILL", "large", "small") == Reply(":", 1)
        wait_until(lambda: where(connection, "small") == tier_fields.COLD, "the small one is cold")
        assert where(connection, "large") == tier_fields.RESIDENT
        assert connection.command("GET", "large").value == large
