"""MAXCOUNT and MAXSIZE of XREAD and XREADGROUP (Redis 8.10): what all streams together may answer."""

import pytest

from support.resp import Reply
from support.waiting import wait_until

TIER_OFF = {"tier-enabled": "no", "maxmemory": "0"}


@pytest.fixture(scope="module")
def server(start_shared_server):
    return start_shared_server(tier=TIER_OFF)


@pytest.fixture
def connection(server):
    with server.connect() as connection:
        connection.command("FLUSHALL")
        for key in ("s1", "s2", "s3"):
            connection.command("XGROUP", "CREATE", key, "g", "0", "MKSTREAM")
            for an_id in ("1-0", "2-0", "3-0"):
                connection.command("XADD", key, an_id, "f", "v")
        yield connection


def read(connection, *options, keys=("s1", "s2", "s3"), after="0"):
    return entries_of(connection.command("XREAD", *options, "STREAMS", *keys, *[after for _ in keys]))


def read_group(connection, *options, keys=("s1", "s2", "s3"), after=">", consumer="c"):
    group = ("GROUP", "g", consumer)
    return entries_of(connection.command("XREADGROUP", *group, *options, "STREAMS", *keys, *[after for _ in keys]))


def entries_of(reply):
    """The IDs that each stream answers."""
    if reply.is_null:
        return []
    assert not reply.is_error, reply
    pairs = reply.value if reply.kind == "%" else [pair.value for pair in reply.value]
    return [(key.value.decode(), [entry.value[0].value.decode() for entry in entries.value]) for key, entries in pairs]


def test_maxcount_is_of_all_streams(connection):
    """COUNT is of each stream, MAXCOUNT of all; streams come in the order in which they are named."""
    assert len(read(connection, "COUNT", "2")) == 3
    assert read(connection, "COUNT", "2", "MAXCOUNT", "3") == [("s1", ["1-0", "2-0"]), ("s2", ["1-0"])]
    assert read(connection, "MAXCOUNT", "2") == [("s1", ["1-0", "2-0"])]
    assert read(connection, "MAXCOUNT", "3") == [("s1", ["1-0", "2-0", "3-0"])]
    assert read(connection, "MAXCOUNT", "100") == read(connection)
    assert read(connection, "MAXCOUNT", "100", after="9") == []


def test_maxsize_lets_the_first_entry_pass(connection):
    assert read(connection, "MAXSIZE", "1") == [("s1", ["1-0"])]
    assert read(connection, "MAXSIZE", "1048576") == read(connection)


def test_maxsize_counts_the_bytes_of_the_reply(connection):
    """No entry is begun once so many bytes are there: of streams their headers and names, of entries all."""
    name = len("*2\r\n$2\r\ns1\r\n")
    entry = len("*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n")
    assert read(connection, "MAXSIZE", str(name + entry)) == [("s1", ["1-0"])]
    assert read(connection, "MAXSIZE", str(name + entry + 1)) == [("s1", ["1-0", "2-0"])]
    whole = name + 3 * entry + len("*3\r\n")
    assert read(connection, "MAXSIZE", str(whole)) == [("s1", ["1-0", "2-0", "3-0"])]
    assert read(connection, "MAXSIZE", str(whole + name + 1)) == [("s1", ["1-0", "2-0", "3-0"]), ("s2", ["1-0"])]


def test_limits_in_resp3(server, connection):
    with server.connect() as resp3:
        resp3.command("HELLO", "3")
        assert read(resp3, "MAXCOUNT", "4") == [("s1", ["1-0", "2-0", "3-0"]), ("s2", ["1-0"])]
        assert read(resp3, "MAXSIZE", "1") == [("s1", ["1-0"])]


def test_what_a_group_is_not_given_stays_new(connection):
    assert read_group(connection, "MAXCOUNT", "4") == [("s1", ["1-0", "2-0", "3-0"]), ("s2", ["1-0"])]
    assert connection.command("XPENDING", "s2", "g").value[0].value == 1
    assert connection.command("XPENDING", "s3", "g").value[0].value == 0
    assert read_group(connection, "MAXSIZE", "1") == [("s2", ["2-0"])]
    assert read_group(connection) == [("s2", ["3-0"]), ("s3", ["1-0", "2-0", "3-0"])]


def test_limits_of_a_consumers_history(connection):
    read_group(connection)
    assert read_group(connection, "MAXCOUNT", "2", after="0") == [("s1", ["1-0", "2-0"])]
    assert read_group(connection, "MAXSIZE", "1", after="0") == [("s1", ["1-0"])]
    deliveries = [entry.value[3].value for entry in connection.command("XPENDING", "s1", "g", "-", "+", "9").value]
    assert deliveries == [3, 2, 1]


def test_limits_of_what_is_claimed(connection):
    read_group(connection, keys=("s1",))
    assert read_group(connection, "MAXCOUNT", "2", "CLAIM", "0", consumer="d") == [("s1", ["1-0", "2-0"])]
    owners = [entry.value[1].value for entry in connection.command("XPENDING", "s1", "g", "-", "+", "9").value]
    assert owners == [b"d", b"d", b"c"]


def test_limits_beside_waiting(server, connection):
    with server.connect() as waiting:
        waiting.send_command("XREAD", "BLOCK", "0", "MAXCOUNT", "1", "MAXSIZE", "5", "STREAMS", "s1", "$")
        wait_until(lambda: server.info_number("clients", "blocked_clients") == 1, "the client waits")
        connection.command("XADD", "s1", "9-0", "f", "v")
        assert entries_of(waiting.read_reply()) == [("s1", ["9-0"])]
    assert connection.command("XREAD", "BLOCK", "10", "MAXCOUNT", "1", "STREAMS", "s1", "$").is_null


def test_replies_behind_one_that_was_held_back(connection):
    """The connection's next replies come where they belong."""
    replies = connection.pipeline([("PING",), ("XREAD", "MAXCOUNT", "1", "STREAMS", "s1", "0"), ("PING",)])
    assert [reply.value for reply in (replies[0], replies[2])] == [b"PONG", b"PONG"]
    assert entries_of(replies[1]) == [("s1", ["1-0"])]


@pytest.mark.parametrize(
    "options, error",
    [
        (("MAXCOUNT", "0"), b"ERR MAXCOUNT must be a positive integer"),
        (("MAXCOUNT", "x"), b"ERR MAXCOUNT must be a positive integer"),
        (("MAXSIZE", "0"), b"ERR MAXSIZE must be a positive integer"),
        (("MAXSIZE", "-1"), b"ERR MAXSIZE must be a positive integer"),
        (("COUNT", "2", "MAXCOUNT", "1"), b"ERR MAXCOUNT must be greater than or equal to COUNT"),
        (("MAXCOUNT", "1", "COUNT", "2"), b"ERR MAXCOUNT must be greater than or equal to COUNT"),
    ],
)
def test_bad_limits(connection, options, error):
    assert connection.command("XREAD", *options, "STREAMS", "s1", "0") == Reply("-", error)
    group = ("GROUP", "g", "c")
    assert connection.command("XREADGROUP", *group, *options, "STREAMS", "s1", ">") == Reply("-", error)
