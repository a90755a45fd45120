"""DUMP and RESTORE: values of every type and encoding move between Tidemark and redis-server, both ways."""

import pytest

from support import rdb
from support.resp import OK, Reply
from support.server import oracle_binary

LONG = b"a value long enough that it does not fit into a packed list, " * 2
GROUPS = (
    ("XGROUP", "CREATE", "stream:groups", "g", "0"),
    ("XGROUP", "CREATE", "stream:groups", "empty", "$"),
    ("XREADGROUP", "GROUP", "g", "alice", "COUNT", "3", "STREAMS", "stream:groups", ">"),
    ("XREADGROUP", "GROUP", "g", "bob", "COUNT", "2", "STREAMS", "stream:groups", ">"),
    ("XACK", "stream:groups", "g", "2-1"),
)


def fill(connection) -> None:
    """Keys of every type, in every encoding."""
    commands = [
        ("SET", "string:int", "12345"),
        ("SET", "string:big", "9223372036854775807"),
        ("SET", "string:text", b"bytes \x00\xff"),
        ("SET", "string:long", b"abcabcabd" * 1000),
        ("RPUSH", "list:small", "a", "12", "", "-70000", b"x" * 100),
        ("RPUSH", "list:large", *["element:%d" % i for i in range(3000)]),
        ("RPUSH", "list:plain", "first", b"p" * 20000, "last"),
        ("SADD", "set:ints", "1", "-5", "70000", "9223372036854775807"),
        ("SADD", "set:small", "a", "b", "17"),
        ("SADD", "set:large", *["member:%d" % i for i in range(2000)]),
        ("ZADD", "zset:small", "1", "a", "2.5", "b", "-inf", "c", "1e300", "17"),
        ("ZADD", "zset:large", *[x for i in range(1000) for x in (str(i / 7), "member:%d" % i)]),
        ("HSET", "hash:small", "f", "v", "1", "2", "n", "-123456789012"),
        ("HSET", "hash:large", *[x for i in range(1500) for x in ("field:%d" % i, "value:%d" % i)]),
        ("HSET", "hash:long", "f", LONG),
    ]
    for i in range(1, 250):
        commands.append(("XADD", "stream:plain", "%d-1" % i, "a", str(i), "b", "x" * (i % 50)))
        commands.append(("XADD", "stream:groups", "%d-1" % i, "f%d" % (i % 3), str(i)))
    commands += [("XDEL", "stream:plain", "3-1", "249-1"), ("XTRIM", "stream:plain", "MAXLEN", "100"), *GROUPS]
    for command in commands:
        reply = connection.command(*command)
        assert not reply.is_error, (command, reply)


def keys_of(connection):
    return sorted(key.value for key in connection.command("KEYS", "*").value)


def digest(connection, key):
    return connection.command("DEBUG", "DIGEST-VALUE", key).value[0]


def groups_of(connection):
    """What XINFO tells of the groups, but for idle times."""
    groups = connection.command("XINFO", "GROUPS", "stream:groups")
    pending = connection.command("XPENDING", "stream:groups", "g")
    assert not groups.is_error and not pending.is_error
    return groups, pending


@pytest.fixture
def tidemark(start_server):
    with start_server().connect() as connection:
        yield connection


@pytest.fixture
def redis_server(start_server):
    with start_server(binary=oracle_binary()).connect() as connection:
        yield connection


def move(source, target) -> None:
    keys = keys_of(source)
    assert len(keys) == 17
    for key in keys:
        payload = source.command("DUMP", key)
        assert payload.kind == "$", key
        assert target.command("RESTORE", key, 0, payload.value) == OK, key
        assert digest(source, key) == digest(target, key), key
        assert source.command("TYPE", key) == target.command("TYPE", key)
        # Once more, from what was restored.
        back = target.command("DUMP", key).value
        assert source.command("RESTORE", key, 0, back, "REPLACE") == OK, key
        assert digest(source, key) == digest(target, key), key
    assert source.command("DEBUG", "DIGEST") == target.command("DEBUG", "DIGEST")
    assert groups_of(source) == groups_of(target)


def test_from_tidemark_to_redis(tidemark, redis_server):
    fill(tidemark)
    move(tidemark, redis_server)


def test_from_redis_to_tidemark(tidemark, redis_server):
    fill(redis_server)
    move(redis_server, tidemark)


def test_large_lists_with_compressed_nodes(tidemark, redis_server):
    """Nodes that are compressed in memory move as they are."""
    for connection in (tidemark, redis_server):
        assert connection.command("CONFIG", "SET", "list-compress-depth", "1") == OK
    tidemark.command("RPUSH", "l", *[("element:%d " % i) * 20 for i in range(2000)])
    assert redis_server.command("RESTORE", "l", 0, tidemark.command("DUMP", "l").value) == OK
    assert digest(tidemark, "l") == digest(redis_server, "l")
    assert tidemark.command("RESTORE", "l", 0, redis_server.command("DUMP", "l").value, "REPLACE") == OK
    assert digest(tidemark, "l") == digest(redis_server, "l")


def test_payloads_of_old_servers(tidemark, redis_server):
    for name, payload in {**rdb.old_payloads(), **rdb.golden_payloads()}.items():
        for connection in (tidemark, redis_server):
            assert connection.command("RESTORE", name, 0, payload) == OK, name
        assert digest(tidemark, name) == digest(redis_server, name), name


@pytest.mark.tidemark_only
def test_payloads_of_new_servers(tidemark):
    """Versions 11, 12 and 80: sets in packed lists, fields that expire."""
    packed_set = rdb.seal(b"\x14" + rdb.string(rdb.listpack(b"a", b"b")), 11)
    assert tidemark.command("RESTORE", "set", 0, packed_set) == OK
    assert sorted(m.value for m in tidemark.command("SMEMBERS", "set").value) == [b"a", b"b"]
    far = 4102444800000
    body = far.to_bytes(8, "little") + rdb.length(2)
    body += rdb.length(1) + rdb.string(b"f") + rdb.string(b"v") + rdb.length(0) + rdb.string(b"g") + rdb.string(b"w")
    assert tidemark.command("RESTORE", "hash", 0, rdb.seal(b"\x18" + body, 12)) == OK
    assert tidemark.command("HPEXPIRETIME", "hash", "FIELDS", "2", "f", "g").value == (Reply(":", far), Reply(":", -1))
    valkey = rdb.length(1) + rdb.string(b"f") + rdb.string(b"v") + far.to_bytes(8, "little")
    assert tidemark.command("RESTORE", "valkey", 0, rdb.seal(b"\x16" + valkey, 80)) == OK
    assert tidemark.command("HPEXPIRETIME", "valkey", "FIELDS", "1", "f").value == (Reply(":", far),)
    for key in ("hash", "valkey"):
        payload = tidemark.command("DUMP", key).value
        assert payload[-10:-8] == (12).to_bytes(2, "little")
        assert tidemark.command("RESTORE", key, 0, payload, "REPLACE") == OK
        assert tidemark.command("HPEXPIRETIME", key, "FIELDS", "1", "f").value == (Reply(":", far),)
    for version in (16, 79, 81):
        reply = tidemark.command("RESTORE", "future", 0, rdb.seal(b"\x00\x01x", version))
        assert reply == Reply("-", b"ERR DUMP payload version or checksum are wrong")


@pytest.mark.parametrize("name,body", rdb.bad_bodies().items())
def test_bad_bodies(tidemark, name, body):
    assert tidemark.command("RESTORE", "k", 0, rdb.seal(body)) == Reply("-", b"ERR Bad data format")
    assert tidemark.command("EXISTS", "k") == Reply(":", 0)


def test_dump_of_a_cold_value(start_server):
    """Values of every type come back from flash as they were, encoding included."""
    server = start_server(tier={"tier-enabled": "yes", "maxmemory": "128mb"})
    with server.connect() as connection:
        fill(connection)
        keys = keys_of(connection)
        before = {key: (digest(connection, key), connection.command("OBJECT", "ENCODING", key)) for key in keys}
        everything = connection.command("DEBUG", "DIGEST")
        for key in keys:
            connection.command("TIER", "SPILL", key)
        if server.is_tidemark:
            cold = [key for key in keys if connection.command("TIER", "WHERE", key).value in (b"cold", b"spilling")]
            assert len(cold) >= len(keys) - 2, "all but integers"
        # Answered from flash, without bringing anything back.
        assert connection.command("DEBUG", "DIGEST") == everything
        for key in keys:
            payload = connection.command("DUMP", key).value
            assert connection.command("RESTORE", b"copy of " + key, 0, payload) == OK
            assert digest(connection, b"copy of " + key) == before[key][0], key
            assert (digest(connection, key), connection.command("OBJECT", "ENCODING", key)) == before[key], key
