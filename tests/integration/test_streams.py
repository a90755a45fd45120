"""What Redis 7.0 lacks of streams: XREAD's "+", XDELEX, XACKDEL, KEEPREF, DELREF and ACKED; and waiting for entries."""

import pytest

from support.waiting import wait_until

TIER_OFF = {"tier-enabled": "no", "maxmemory": "0"}


@pytest.fixture(scope="module")
def server(start_shared_server):
    return start_shared_server(tier=TIER_OFF)


@pytest.fixture
def connection(server):
    with server.connect() as connection:
        connection.command("FLUSHALL")
        yield connection


def wait_for_blocked(server, count):
    wait_until(lambda: server.info_number("clients", "blocked_clients") == count, "%d clients wait" % count)


def add(connection, *ids):
    for an_id in ids:
        assert connection.command("XADD", "s", an_id, "f", "v").value == an_id.encode()


def ids_of(reply):
    return [entry.value[0].value.decode() for entry in reply.value]


def numbers(reply):
    return [item.value for item in reply.value]


def entry_ids(connection):
    return ids_of(connection.command("XRANGE", "s", "-", "+"))


def read_all(connection, group, consumer="c"):
    connection.command("XREADGROUP", "GROUP", group, consumer, "STREAMS", "s", ">")


def test_xread_plus_answers_the_last_entry(connection):
    """XREAD STREAMS key +: the last living entry alone, whatever COUNT says; nothing for an empty stream."""
    add(connection, "1-1", "2-2", "3-3")
    connection.command("XDEL", "s", "3-3")
    reply = connection.command("XREAD", "COUNT", "5", "STREAMS", "s", "+")
    assert ids_of(reply.value[0].value[1]) == ["2-2"]
    connection.command("XTRIM", "s", "MAXLEN", "0")
    assert connection.command("XREAD", "STREAMS", "s", "+").is_null
    assert connection.command("XREAD", "STREAMS", "missing", "+").is_null
    connection.command("XGROUP", "CREATE", "s", "g", "0")
    assert connection.command("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", "+").value.startswith(b"ERR The + ID")


def test_xdelex(connection):
    """Per ID: -1 not there, 1 deleted, 2 kept because a group has not acknowledged it."""
    add(connection, "1-1", "2-1", "3-1", "4-1")
    connection.command("XGROUP", "CREATE", "s", "g", "0")
    read_all(connection, "g")
    connection.command("XACK", "s", "g", "1-1")
    assert numbers(connection.command("XDELEX", "s", "ACKED", "IDS", "3", "1-1", "2-1", "9-9")) == [1, 2, -1]
    assert numbers(connection.command("XDELEX", "s", "IDS", "1", "2-1")) == [1]
    assert connection.command("XPENDING", "s", "g").value[0].value == 3
    assert numbers(connection.command("XDELEX", "s", "DELREF", "IDS", "1", "3-1")) == [1]
    assert connection.command("XPENDING", "s", "g").value[0].value == 2
    assert entry_ids(connection) == ["4-1"]
    assert numbers(connection.command("XDELEX", "missing", "IDS", "2", "1-1", "2-1")) == [-1, -1]


def test_xackdel(connection):
    """Acknowledged, and deleted if no other group refers to it (ACKED), or anyway."""
    add(connection, "1-1", "2-1", "3-1")
    for group in ("g", "h"):
        connection.command("XGROUP", "CREATE", "s", group, "0")
        read_all(connection, group)
    assert numbers(connection.command("XACKDEL", "s", "g", "ACKED", "IDS", "2", "1-1", "9-9")) == [2, -1]
    assert numbers(connection.command("XACKDEL", "s", "h", "ACKED", "IDS", "1", "1-1")) == [1]
    assert numbers(connection.command("XACKDEL", "s", "g", "DELREF", "IDS", "1", "2-1")) == [1]
    assert connection.command("XPENDING", "s", "h").value[0].value == 1
    assert entry_ids(connection) == ["3-1"]
    assert numbers(connection.command("XACKDEL", "s", "no such", "IDS", "1", "3-1")) == [-1]


@pytest.mark.parametrize(
    "arguments, error",
    [
        (("IDS", "0", "1-1"), b"ERR Number of IDs must be a positive integer"),
        (("IDS", "x", "1-1"), b"ERR Number of IDs must be a positive integer"),
        (("IDS", "2", "1-1"), b"ERR The `numids` parameter must match the number of arguments"),
        (("IDS", "1", "x"), b"ERR Invalid stream ID specified as stream command argument"),
        (("FOO", "1", "1-1"), b"ERR syntax error"),
        (("KEEPREF", "ACKED", "IDS", "1", "1-1"), b"ERR syntax error"),
    ],
)
def test_bad_id_lists(connection, arguments, error):
    assert connection.command("XDELEX", "s", *arguments).value == error
    assert connection.command("XACKDEL", "s", "g", *arguments).value == error


def test_trims_that_heed_groups(connection):
    """XADD and XTRIM with ACKED keep what is pending or unread; with DELREF they take it out of the groups too."""
    add(connection, "1-1", "2-1", "3-1", "4-1")
    connection.command("XGROUP", "CREATE", "s", "g", "0")
    connection.command("XREADGROUP", "GROUP", "g", "c", "COUNT", "3", "STREAMS", "s", ">")
    connection.command("XACK", "s", "g", "1-1", "3-1")
    assert connection.command("XTRIM", "s", "MAXLEN", "0", "ACKED").value == 2
    assert entry_ids(connection) == ["2-1", "4-1"]
    assert connection.command("XADD", "s", "DELREF", "MAXLEN", "1", "5-1", "f", "v").value == b"5-1"
    assert entry_ids(connection) == ["5-1"]
    assert connection.command("XPENDING", "s", "g").value[0].value == 0
    assert connection.command("XTRIM", "s", "KEEPREF", "DELREF", "MAXLEN", "1").value == b"ERR syntax error"


def test_active_time_is_of_the_last_success(connection):
    """XINFO CONSUMERS: idle since the last attempt, inactive since the last entry given, -1 if there was none."""
    connection.command("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM")
    connection.command("XGROUP", "CREATECONSUMER", "s", "g", "c")
    fields = numbers(connection.command("XINFO", "CONSUMERS", "s", "g").value[0])
    assert fields[::2] == [b"name", b"pending", b"idle", b"inactive"]
    assert fields[7] == -1
    add(connection, "1-1")
    read_all(connection, "g")
    assert numbers(connection.command("XINFO", "CONSUMERS", "s", "g").value[0])[7] >= 0


def test_xread_waits_for_what_comes_behind(server, connection):
    """BLOCK with $: only what is added after; the reply names only the stream that got something."""
    add(connection, "1-1")
    with server.connect() as waiting:
        waiting.send_command("XREAD", "BLOCK", "0", "STREAMS", "other", "s", "0", "$")
        wait_for_blocked(server, 1)
        add(connection, "2-1")
        reply = waiting.read_reply()
    assert [stream.value[0].value for stream in reply.value] == [b"s"]
    assert ids_of(reply.value[0].value[1]) == ["2-1"]


def test_xreadgroup_waits(server, connection):
    """Two consumers wait for one entry: the first gets it, the other goes on waiting."""
    connection.command("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM")
    with server.connect() as first, server.connect() as second:
        first.send_command("XREADGROUP", "GROUP", "g", "a", "BLOCK", "0", "STREAMS", "s", ">")
        wait_for_blocked(server, 1)
        second.send_command("XREADGROUP", "GROUP", "g", "b", "BLOCK", "0", "STREAMS", "s", ">")
        wait_for_blocked(server, 2)
        add(connection, "1-1")
        assert ids_of(first.read_reply().value[0].value[1]) == ["1-1"]
        wait_for_blocked(server, 1)
        add(connection, "2-1")
        assert ids_of(second.read_reply().value[0].value[1]) == ["2-1"]


@pytest.mark.parametrize(
    "command, error",
    [
        (("DEL", "s"), b"UNBLOCKED the stream key no longer exists"),
        (("SET", "s", "v"), b"UNBLOCKED the stream key no longer exists"),
        (("FLUSHALL",), b"UNBLOCKED the stream key no longer exists"),
        (("XGROUP", "DESTROY", "s", "g"), b"NOGROUP the consumer group this client was blocked on no longer exists"),
    ],
)
def test_xreadgroup_does_not_wait_for_what_is_gone(server, connection, command, error):
    connection.command("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM")
    with server.connect() as waiting:
        waiting.send_command("XREADGROUP", "GROUP", "g", "a", "BLOCK", "0", "STREAMS", "s", ">")
        wait_for_blocked(server, 1)
        connection.command(*command)
        assert waiting.read_reply().value == error
