"""Streams whose producers may send an entry twice (Redis 8.6): XADD IDMP and IDMPAUTO, XCFGSET, XIDMPRECORD, and what
XINFO STREAM tells of them."""

import pytest

from support.resp import OK, Reply
from support.waiting import wait_until

TIER_ON = {"tier-enabled": "yes", "maxmemory": "128mb"}
PRODUCER_FIELDS = [
    b"idmp-duration",
    b"idmp-maxsize",
    b"pids-tracked",
    b"iids-tracked",
    b"iids-added",
    b"iids-duplicates",
]


@pytest.fixture(scope="module")
def server(start_shared_server):
    return start_shared_server(tier=TIER_ON)


@pytest.fixture
def connection(server):
    with server.connect() as connection:
        connection.command("FLUSHALL")
        yield connection


def add(connection, *arguments, pairs=("f", "v")):
    reply = connection.command("XADD", "s", *arguments, "*", *pairs)
    assert reply.kind == "$", reply
    return reply.value


def length(connection):
    return connection.command("XLEN", "s").value


def producers_of(connection, *full):
    """The six fields of XINFO STREAM, which stand behind those of 7.0."""
    fields = connection.command("XINFO", "STREAM", "s", *full).value
    assert [name.value for name in fields[14:26:2]] == PRODUCER_FIELDS
    return [value.value for value in fields[15:26:2]]


def test_an_entry_is_added_once(connection):
    """The same producer and iid: the first entry's ID, whatever the fields, even when the entry is gone."""
    first = add(connection, "IDMP", "p1", "order", pairs=("amount", "100"))
    assert add(connection, "IDMP", "p1", "order", pairs=("amount", "200")) == first
    assert add(connection, "IDMP", "p2", "order") != first
    assert add(connection, "IDMP", "p1", "another") != first
    assert length(connection) == 3
    connection.command("XDEL", "s", first)
    assert add(connection, "MAXLEN", "0", "IDMP", "p1", "order") == first
    assert length(connection) == 2, "what is not added trims nothing"


def test_the_content_as_iid(connection):
    first = add(connection, "IDMPAUTO", "p1", pairs=("a", "1", "b", "2"))
    assert add(connection, "IDMPAUTO", "p1", pairs=("b", "2", "a", "1")) == first
    assert add(connection, "IDMPAUTO", "p1", pairs=("b", "1", "a", "2")) != first
    assert add(connection, "IDMPAUTO", "p2", pairs=("a", "1", "b", "2")) != first
    assert length(connection) == 3


def test_other_options_beside(connection):
    assert connection.command("XADD", "s", "NOMKSTREAM", "IDMP", "p", "1", "*", "f", "v").is_null
    first = add(connection, "IDMP", "p", "*", "KEEPREF", "MAXLEN", "~", "1000", "LIMIT", "10")
    assert add(connection, "MAXLEN", "~", "100", "IDMP", "p", "*") == first
    assert add(connection, "IDMP", b"\x00\xff", b"\x00" * 70000) != first


@pytest.mark.parametrize(
    "arguments, error",
    [
        (("IDMP", "p1", "*", "f", "v"), b"ERR Invalid stream ID specified as stream command argument"),
        (("IDMP", "p1", "i", "1-1", "f", "v"), b"ERR IDMP/IDMPAUTO can be used only with auto-generated IDs"),
        (("IDMPAUTO", "p1", "1-*", "f", "v"), b"ERR IDMP/IDMPAUTO can be used only with auto-generated IDs"),
        (("IDMP", "p1", "i", "IDMP", "p2", "i", "*", "f", "v"), b"ERR IDMP/IDMPAUTO specified multiple times"),
        (("IDMPAUTO", "p1", "IDMP", "p2", "i", "*", "f", "v"), b"ERR IDMP/IDMPAUTO specified multiple times"),
        (("IDMP", "", "i", "*", "f", "v"), b"ERR IDMP requires a non-empty producer ID"),
        (("IDMP", "p1", "", "*", "f", "v"), b"ERR IDMP requires a non-empty idempotent ID"),
        (("IDMPAUTO", "", "*", "f", "v"), b"ERR IDMPAUTO requires a non-empty producer ID"),
    ],
)
def test_bad_arguments(connection, arguments, error):
    assert connection.command("XADD", "s", *arguments) == Reply("-", error)
    assert connection.command("EXISTS", "s").value == 0


def test_the_oldest_are_forgotten(connection):
    add(connection, "IDMP", "p", "init")
    assert connection.command("XCFGSET", "s", "IDMP-MAXSIZE", "3", "IDMP-DURATION", "60") == OK
    ids = [add(connection, "IDMP", "p", "request %d" % i) for i in range(4)]
    assert add(connection, "IDMP", "p", "request 0") != ids[0]
    assert add(connection, "IDMP", "p", "request 3") == ids[3]
    assert producers_of(connection) == [60, 3, 1, 3, 6, 1]
    assert producers_of(connection, "FULL") == [60, 3, 1, 3, 6, 1]


def test_forgotten_after_a_time(connection):
    add(connection)
    connection.command("XCFGSET", "s", "idmp-duration", "1")
    first = add(connection, "IDMP", "p", "1")
    assert add(connection, "IDMP", "p", "1") == first
    assert producers_of(connection)[2:] == [1, 1, 1, 1]
    wait_until(lambda: producers_of(connection)[2:] == [0, 0, 1, 1], "the iid is forgotten")
    assert add(connection, "IDMP", "p", "1") != first


def test_only_other_limits_forget(connection):
    first = add(connection, "IDMP", "p", "1")
    assert producers_of(connection) == [100, 100, 1, 1, 1, 0]
    assert connection.command("XCFGSET", "s", "IDMP-DURATION", "100", "IDMP-MAXSIZE", "100") == OK
    assert add(connection, "IDMP", "p", "1") == first
    assert connection.command("XCFGSET", "s", "IDMP-DURATION", "99") == OK
    assert producers_of(connection) == [99, 100, 0, 0, 1, 1]
    assert add(connection, "IDMP", "p", "1") != first


@pytest.mark.parametrize(
    "arguments, error",
    [
        ((), b"ERR At least one parameter must be specified"),
        (("IDMP-DURATION",), b"ERR syntax error"),
        (("INVALID", "1"), b"ERR syntax error"),
        (("IDMP-DURATION", "1", "IDMP-MAXSIZE"), b"ERR syntax error"),
        (("IDMP-DURATION", "3.14"), b"ERR value is not an integer or out of range"),
        (("IDMP-MAXSIZE", "000"), b"ERR value is not an integer or out of range"),
        (("IDMP-DURATION", "x", "IDMP-MAXSIZE"), b"ERR value is not an integer or out of range"),
        (("IDMP-DURATION", "0"), b"ERR IDMP-DURATION must be between 1 and 86400 seconds"),
        (("IDMP-DURATION", "86401"), b"ERR IDMP-DURATION must be between 1 and 86400 seconds"),
        (("IDMP-MAXSIZE", "-50"), b"ERR IDMP-MAXSIZE must be between 1 and 10000 entries"),
        (("IDMP-MAXSIZE", "10001"), b"ERR IDMP-MAXSIZE must be between 1 and 10000 entries"),
    ],
)
def test_bad_limits(connection, arguments, error):
    add(connection)
    assert connection.command("XCFGSET", "s", *arguments) == Reply("-", error)
    assert producers_of(connection) == [100, 100, 0, 0, 0, 0]


def test_limits_of_what_is_no_stream(connection):
    assert connection.command("XCFGSET", "s", "IDMP-DURATION", "5") == Reply("-", b"ERR no such key")
    connection.command("SET", "s", "v")
    assert connection.command("XCFGSET", "s", "IDMP-DURATION", "5").value.startswith(b"WRONGTYPE")


def test_directives_are_the_limits_of_new_streams(connection):
    try:
        for name, value in (("stream-idmp-duration", "7"), ("stream-idmp-maxsize", "2")):
            assert connection.command("CONFIG", "GET", name).value[1].value == b"100"
            assert connection.command("CONFIG", "SET", name, "0").is_error
            assert connection.command("CONFIG", "SET", name, value) == OK
        add(connection, "IDMP", "p", "1")
    finally:
        connection.command("CONFIG", "SET", "stream-idmp-duration", "100", "stream-idmp-maxsize", "100")
    assert producers_of(connection) == [7, 2, 1, 1, 1, 0]


def test_xidmprecord(connection):
    """A pair of producer and iid for an entry that is there; said once more it changes nothing."""
    entry, other = add(connection), add(connection)
    assert connection.command("XIDMPRECORD", "s", "p", "1", entry) == OK
    assert connection.command("XIDMPRECORD", "s", "p", "1", entry) == OK
    assert add(connection, "IDMP", "p", "1") == entry
    assert connection.command("XIDMPRECORD", "s", "p", "1", other).is_error
    assert connection.command("XIDMPRECORD", "s", "p", "2", "1-1").is_error
    assert connection.command("XIDMPRECORD", "s", "", "2", entry).is_error
    assert connection.command("XIDMPRECORD", "s", "p", "", entry).is_error
    assert connection.command("XIDMPRECORD", "s", "p", "2", "x").value.startswith(b"ERR Invalid stream ID")
    assert connection.command("XIDMPRECORD", "missing", "p", "1", entry) == Reply("-", b"ERR no such key")
    connection.command("SET", "text", "v")
    assert connection.command("XIDMPRECORD", "text", "p", "1", entry).value.startswith(b"WRONGTYPE")


def test_dump_and_restore(connection):
    first = add(connection, "IDMP", "p", "1")
    connection.command("XCFGSET", "s", "IDMP-MAXSIZE", "50")
    second = add(connection, "IDMP", "p", "2")
    add(connection, "IDMP", "p", "2")
    before = producers_of(connection)
    payload = connection.command("DUMP", "s").value
    assert payload[-10:-8] == (13).to_bytes(2, "little")
    connection.command("DEL", "s")
    assert connection.command("RESTORE", "s", 0, payload) == OK
    assert producers_of(connection) == before == [100, 50, 1, 1, 2, 1]
    assert add(connection, "IDMP", "p", "2") == second != first
    assert connection.command("COPY", "s", "copy").value == 1
    assert connection.command("XADD", "copy", "IDMP", "p", "2", "*", "f", "v").value == second


def test_streams_without_producers_are_dumped_as_ever(connection):
    add(connection)
    assert connection.command("DUMP", "s").value[-10:-8] == (10).to_bytes(2, "little")


def test_producers_of_a_cold_stream(server, connection):
    first = add(connection, "IDMP", "p", "1", pairs=("f", "v" * 1000))
    before = producers_of(connection)
    connection.command("TIER", "SPILL", "s")
    wait_until(lambda: connection.command("TIER", "WHERE", "s").value == b"cold", "the stream is cold")
    assert add(connection, "IDMP", "p", "1") == first
    assert producers_of(connection)[:5] == before[:5]
    # The duplicate is a change, and must not be lost with the copy on flash.
    connection.command("TIER", "SPILL", "s")
    wait_until(lambda: connection.command("TIER", "WHERE", "s").value == b"cold", "the stream is cold again")
    assert producers_of(connection)[5] == 1
