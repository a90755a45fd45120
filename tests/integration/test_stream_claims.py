"""Entries of a consumer group that change hands: XREADGROUP CLAIM (Redis 8.4) hands out those that have been idle,
XNACK (8.8) gives them back."""

import time

import pytest

from support.resp import OK, Reply
from support.waiting import wait_until

TIER_ON = {"tier-enabled": "yes", "maxmemory": "128mb"}
DELIVERIES_MAX = 2**63 - 1


@pytest.fixture(scope="module")
def server(start_shared_server):
    return start_shared_server(tier=TIER_ON)


@pytest.fixture
def connection(server):
    with server.connect() as connection:
        connection.command("FLUSHALL")
        yield connection


def wait_for_blocked(server, count):
    wait_until(lambda: server.info_number("clients", "blocked_clients") == count, "%d clients wait" % count)


def plain(reply):
    """A reply as lists, bytes and numbers."""
    if reply.kind == "*" and reply.value is not None:
        return [plain(item) for item in reply.value]
    if reply.kind == "%":
        return {plain(key): plain(value) for key, value in reply.value}
    return reply.value


def add(connection, *ids, key="s"):
    for an_id in ids:
        assert connection.command("XADD", key, an_id, "f", an_id).value == an_id.encode()


def deliver(connection, consumer, *ids, key="s"):
    """The entries, added and read by the consumer."""
    add(connection, *ids, key=key)
    reply = connection.command("XREADGROUP", "GROUP", "g", consumer, "STREAMS", key, ">")
    assert not reply.is_error and not reply.is_null


def age(connection, consumer, *ids, idle_ms, key="s"):
    """Makes pending entries look as if delivered so long ago."""
    reply = connection.command("XCLAIM", key, "g", consumer, 0, *ids, "IDLE", idle_ms, "JUSTID")
    assert plain(reply) == [an_id.encode() for an_id in ids]


def claim(connection, consumer, min_idle_ms, *options, keys=("s",)):
    """What each key answers: entries as ID, idle time, deliveries before."""
    arguments = ["XREADGROUP", "GROUP", "g", consumer, *options, "CLAIM", str(min_idle_ms)]
    reply = connection.command(*arguments, "STREAMS", *keys, *[">" for _ in keys])
    return claimed(reply)


def claimed(reply):
    if reply.is_null:
        return {}
    assert not reply.is_error, reply
    return {
        key.decode(): [(an_id.decode(), idle, deliveries) for an_id, fields, idle, deliveries in entries]
        for key, entries in (plain(reply).items() if reply.kind == "%" else plain(reply))
    }


def pending(connection, key="s"):
    """ID, consumer, deliveries; the idle time only where it is -1."""
    rows = plain(connection.command("XPENDING", key, "g", "-", "+", "100"))
    return [
        (an_id.decode(), consumer.decode(), deliveries, *([idle] if idle < 0 else []))
        for an_id, consumer, idle, deliveries in rows
    ]


@pytest.fixture
def group(connection):
    connection.command("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM")
    return connection


def test_idle_entries_come_before_new_ones(group):
    """Four elements an entry: ID, fields, idle time, deliveries so far; 0 and 0 for what is new."""
    deliver(group, "alice", "1-0", "2-0")
    age(group, "alice", "2-0", idle_ms=9000)
    age(group, "alice", "1-0", idle_ms=5000)
    add(group, "3-0")
    reply = plain(group.command("XREADGROUP", "GROUP", "g", "bob", "CLAIM", "1000", "STREAMS", "s", ">"))
    (key, entries), = reply
    assert key == b"s"
    assert [(entry[0], entry[1], entry[3]) for entry in entries] == [
        (b"2-0", [b"f", b"2-0"], 1),
        (b"1-0", [b"f", b"1-0"], 1),
        (b"3-0", [b"f", b"3-0"], 0),
    ]
    idle = [entry[2] for entry in entries]
    assert 9000 <= idle[0] < 20000 and 5000 <= idle[1] < 16000 and idle[2] == 0
    assert pending(group) == [("1-0", "bob", 2), ("2-0", "bob", 2), ("3-0", "bob", 1)]
    # They are not idle any more.
    assert claim(group, "alice", 1000) == {}


def test_only_what_is_idle_enough(group):
    deliver(group, "alice", "1-0", "2-0")
    age(group, "alice", "1-0", idle_ms=5000)
    assert [entry[0] for entry in claim(group, "bob", 4000)["s"]] == ["1-0"]
    add(group, "3-0")
    assert claim(group, "bob", 60000) == {"s": [("3-0", 0, 0)]}
    assert sorted(entry[0] for entry in claim(group, "bob", 0)["s"]) == ["1-0", "2-0", "3-0"]


def test_count_is_of_both(group):
    deliver(group, "alice", "1-0", "2-0", "3-0")
    age(group, "alice", "1-0", "2-0", "3-0", idle_ms=5000)
    add(group, "4-0", "5-0")
    assert [entry[0] for entry in claim(group, "bob", 1000, "COUNT", "2")["s"]] == ["1-0", "2-0"]
    assert [entry[0] for entry in claim(group, "bob", 1000, "COUNT", "2")["s"]] == ["3-0", "4-0"]
    assert claim(group, "bob", 1000, "COUNT", "2") == {"s": [("5-0", 0, 0)]}


def test_history_and_noack(group):
    """With an ID CLAIM means nothing; NOACK means nothing for what was pending already."""
    deliver(group, "alice", "1-0")
    age(group, "alice", "1-0", idle_ms=5000)
    history = group.command("XREADGROUP", "GROUP", "g", "alice", "CLAIM", "1000", "STREAMS", "s", "0")
    assert plain(history) == [[b"s", [[b"1-0", [b"f", b"1-0"]]]]]
    age(group, "alice", "1-0", idle_ms=5000)
    add(group, "2-0")
    assert [entry[0] for entry in claim(group, "bob", 1000, "NOACK")["s"]] == ["1-0", "2-0"]
    assert pending(group) == [("1-0", "bob", 3)]


def test_entries_that_are_gone(group):
    """What was deleted from the stream is not handed out, and is pending no more."""
    deliver(group, "alice", "1-0", "2-0", "3-0")
    age(group, "alice", "1-0", "2-0", "3-0", idle_ms=5000)
    group.command("XDEL", "s", "1-0", "3-0")
    assert [entry[0] for entry in claim(group, "bob", 1000, "COUNT", "1")["s"]] == ["2-0"]
    group.command("XDEL", "s", "2-0")
    age_of_nothing = claim(group, "bob", 0)
    assert age_of_nothing == {} and pending(group) == []


def test_several_streams(group):
    for key in ("s", "t"):
        group.command("XGROUP", "CREATE", key, "g", "0", "MKSTREAM")
        deliver(group, "alice", "1-0", key=key)
        age(group, "alice", "1-0", idle_ms=5000, key=key)
    add(group, "2-0")
    reply = claim(group, "bob", 1000, keys=("s", "t", "s"))
    assert [entry[0] for entry in reply["t"]] == ["1-0"]
    assert pending(group) == [("1-0", "bob", 2), ("2-0", "bob", 1)]


def test_resp3(server, group):
    deliver(group, "alice", "1-0")
    with server.connect() as connection:
        connection.command("HELLO", "3")
        assert [entry[0] for entry in claim(connection, "bob", 0)["s"]] == ["1-0"]


@pytest.mark.parametrize(
    "arguments, error",
    [
        (("CLAIM", "-1"), b"ERR min-idle-time must be a positive integer"),
        (("CLAIM", "x"), b"ERR min-idle-time is not an integer"),
        (("CLAIM",), b"ERR min-idle-time is not an integer"),
    ],
)
def test_bad_claims(group, arguments, error):
    assert group.command("XREADGROUP", "GROUP", "g", "c", *arguments, "STREAMS", "s", ">") == Reply("-", error)


def test_claim_is_for_groups(group):
    assert group.command("XREAD", "CLAIM", "1", "STREAMS", "s", "0").is_error


def test_waiting_for_an_entry_to_become_idle(server, group):
    """BLOCK ends when an entry has been idle for long enough, though nobody touches the stream."""
    deliver(group, "alice", "1-0")
    with server.connect() as waiting:
        began = time.monotonic()
        waiting.send_command("XREADGROUP", "GROUP", "g", "bob", "BLOCK", "0", "CLAIM", "400", "STREAMS", "s", ">")
        wait_for_blocked(server, 1)
        ((an_id, idle, deliveries),) = claimed(waiting.read_reply())["s"]
    assert (an_id, deliveries) == ("1-0", 1) and 400 <= idle < 5000
    assert time.monotonic() - began >= 0.3
    assert pending(group) == [("1-0", "bob", 2)]


def test_waiting_in_several_streams_to_the_end(server, group):
    """Nothing becomes idle in time: null at the deadline. What is acknowledged meanwhile is not waited for."""
    group.command("XGROUP", "CREATE", "t", "g", "0", "MKSTREAM")
    deliver(group, "alice", "1-0")
    deliver(group, "alice", "1-0", key="t")
    with server.connect() as waiting:
        arguments = ("BLOCK", "700", "CLAIM", "300", "STREAMS", "s", "t", ">", ">")
        waiting.send_command("XREADGROUP", "GROUP", "g", "bob", *arguments)
        wait_for_blocked(server, 1)
        group.command("XACK", "s", "g", "1-0")
        group.command("XACK", "t", "g", "1-0")
        assert waiting.read_reply().is_null


def test_waiting_clients_get_new_entries_too(server, group):
    deliver(group, "alice", "1-0")
    with server.connect() as waiting:
        waiting.send_command("XREADGROUP", "GROUP", "g", "bob", "BLOCK", "0", "CLAIM", "60000", "STREAMS", "s", ">")
        wait_for_blocked(server, 1)
        add(group, "2-0")
        assert claimed(waiting.read_reply()) == {"s": [("2-0", 0, 0)]}


def test_an_entry_that_is_given_back_ends_a_wait(server, group):
    deliver(group, "alice", "1-0")
    with server.connect() as waiting:
        waiting.send_command("XREADGROUP", "GROUP", "g", "bob", "BLOCK", "0", "CLAIM", "60000", "STREAMS", "s", ">")
        wait_for_blocked(server, 1)
        assert group.command("XNACK", "s", "g", "FAIL", "IDS", "1", "1-0").value == 1
        assert [entry[0] for entry in claimed(waiting.read_reply())["s"]] == ["1-0"]


def test_what_another_was_given_meanwhile_becomes_idle(server, group):
    """The first of two who wait gets the entry; the second gets it when the first does not deal with it."""
    with server.connect() as first, server.connect() as second:
        first.send_command("XREADGROUP", "GROUP", "g", "alice", "BLOCK", "0", "CLAIM", "300", "STREAMS", "s", ">")
        wait_for_blocked(server, 1)
        second.send_command("XREADGROUP", "GROUP", "g", "bob", "BLOCK", "0", "CLAIM", "300", "STREAMS", "s", ">")
        wait_for_blocked(server, 2)
        add(group, "1-0")
        assert claimed(first.read_reply()) == {"s": [("1-0", 0, 0)]}
        ((an_id, idle, deliveries),) = claimed(second.read_reply())["s"]
        assert (an_id, deliveries) == ("1-0", 1) and idle >= 300


@pytest.mark.parametrize("mode, deliveries", [("SILENT", 0), ("FAIL", 1), ("FATAL", DELIVERIES_MAX)])
def test_xnack(group, mode, deliveries):
    """The entry stays pending, but for nobody: no consumer, idle -1."""
    deliver(group, "alice", "1-0", "2-0")
    assert group.command("XNACK", "s", "g", mode, "IDS", "3", "1-0", "9-9", "9-8").value == 1
    assert pending(group) == [("1-0", "", deliveries, -1), ("2-0", "alice", 1)]
    assert plain(group.command("XPENDING", "s", "g")) == [2, b"1-0", b"2-0", [[b"alice", b"1"]]]
    assert plain(group.command("XPENDING", "s", "g", "-", "+", "10", "alice"))[0][0] == b"2-0"
    # At once anybody's, whatever idle time is asked for.
    ((an_id, _, before),) = claim(group, "bob", 3600000)["s"]
    assert (an_id, before) == ("1-0", deliveries)
    assert pending(group)[0] == ("1-0", "bob", min(deliveries + 1, DELIVERIES_MAX))


def test_xnack_in_the_order_of_release(group):
    deliver(group, "alice", "1-0", "2-0", "3-0", "4-0")
    age(group, "alice", "1-0", idle_ms=50000)
    for an_id in ("3-0", "2-0"):
        assert group.command("XNACK", "s", "g", "FAIL", "IDS", "1", an_id).value == 1
    assert [entry[0] for entry in claim(group, "bob", 1000)["s"]] == ["3-0", "2-0", "1-0"]


def test_xnack_retrycount_and_force(group):
    deliver(group, "alice", "1-0")
    assert group.command("XNACK", "s", "g", "FATAL", "RETRYCOUNT", "5", "IDS", "1", "1-0").value == 1
    add(group, "2-0", "3-0", "4-0")
    assert group.command("XNACK", "s", "g", "FAIL", "IDS", "1", "2-0").value == 0
    assert group.command("XNACK", "s", "g", "FAIL", "IDS", "2", "2-0", "9-9", "FORCE").value == 1
    assert group.command("XNACK", "s", "g", "FATAL", "IDS", "1", "3-0", "FORCE").value == 1
    assert group.command("XNACK", "s", "g", "SILENT", "FORCE", "IDS", "1", "4-0", "RETRYCOUNT", "7").value == 1
    assert group.command("XNACK", "s", "g", "SILENT", "IDS", "1", "2-0").value == 1, "released before"
    assert pending(group) == [
        ("1-0", "", 5, -1),
        ("2-0", "", 0, -1),
        ("3-0", "", DELIVERIES_MAX, -1),
        ("4-0", "", 7, -1),
    ]


def test_what_is_released_is_claimed_and_acknowledged(group):
    deliver(group, "alice", "1-0", "2-0", "3-0")
    group.command("XNACK", "s", "g", "FAIL", "IDS", "3", "1-0", "2-0", "3-0")
    assert group.command("XGROUP", "DELCONSUMER", "s", "g", "alice").value == 0
    assert plain(group.command("XCLAIM", "s", "g", "bob", "3600000", "2-0", "JUSTID")) == [b"2-0"]
    assert plain(group.command("XAUTOCLAIM", "s", "g", "bob", "3600000", "3-0", "JUSTID"))[1] == [b"3-0"]
    assert group.command("XACK", "s", "g", "1-0").value == 1
    assert pending(group) == [("2-0", "bob", 1), ("3-0", "bob", 1)]


def test_xinfo_counts_what_is_released(group):
    deliver(group, "alice", "1-0", "2-0")
    group.command("XNACK", "s", "g", "FAIL", "IDS", "1", "1-0")
    full = plain(group.command("XINFO", "STREAM", "s", "FULL"))
    fields = full[full.index(b"groups") + 1][0]
    assert fields[8:12] == [b"pel-count", 2, b"nacked-count", 1]
    assert fields[13][0] == [b"1-0", b"", 0, 1]
    assert fields[13][1][:2] == [b"2-0", b"alice"]


@pytest.mark.parametrize(
    "arguments, error",
    [
        (("MAYBE", "IDS", "1", "1-0"), b"ERR mode must be SILENT, FAIL, or FATAL"),
        (("FAIL", "IDS", "0", "1-0"), b"ERR numids must be a positive integer"),
        (("FAIL", "IDS", "x", "1-0"), b"ERR numids must be a positive integer"),
        (("FAIL", "IDS", "3", "1-0"), b"ERR number of IDs doesn't match numids"),
        (("FAIL", "IDS", "1", "1-0", "RETRYCOUNT", "-1"), b"ERR Invalid RETRYCOUNT value, must be >= 0"),
        (("FAIL", "IDS", "1", "1-0", "BOGUS"), b"ERR Unrecognized XNACK option 'BOGUS'"),
        (("FAIL", "IDS", "1", "1-0", "2-0"), b"ERR Unrecognized XNACK option '2-0'"),
        (("FAIL", "FORCE", "FORCE", "FORCE"), b"ERR syntax error, expected IDS keyword"),
        (("FAIL", "IDS", "1", "x"), b"ERR Invalid stream ID specified as stream command argument"),
    ],
)
def test_bad_xnacks(group, arguments, error):
    assert group.command("XNACK", "s", "g", *arguments) == Reply("-", error)


def test_xnack_of_what_is_not_there(group):
    arguments = ("FAIL", "IDS", "1", "1-0")
    for key, name in (("missing", "g"), ("s", "no such")):
        assert group.command("XNACK", key, name, *arguments).value.startswith(b"NOGROUP No such key")
    group.command("SET", "text", "v")
    assert group.command("XNACK", "text", "g", *arguments).value.startswith(b"WRONGTYPE")


def test_released_entries_of_a_cold_stream_and_of_a_copy(group):
    deliver(group, "alice", "1-0", "2-0", "3-0")
    group.command("XNACK", "s", "g", "FAIL", "IDS", "2", "3-0", "1-0")
    payload = group.command("DUMP", "s").value
    assert payload[-10:-8] == (14).to_bytes(2, "little")
    assert group.command("RESTORE", "copy", 0, payload) == OK
    assert pending(group, "copy") == pending(group) == [("1-0", "", 1, -1), ("2-0", "alice", 1), ("3-0", "", 1, -1)]
    group.command("TIER", "SPILL", "s")
    wait_until(lambda: group.command("TIER", "WHERE", "s").value == b"cold", "the stream is cold")
    for key in ("s", "copy"):
        assert [entry[0] for entry in claim(group, "bob", 60000, keys=(key,))[key]] == ["3-0", "1-0"]
