"""Data sets for tests that move them between servers."""

from typing import Dict

LONG = b"a value long enough that it does not fit into a packed list, " * 2


def every_type():
    """Commands that make keys of every type, in every encoding."""
    yield ("SET", "string:int", "12345")
    yield ("SET", "string:big", "9223372036854775807")
    yield ("SET", "string:text", b"bytes \x00\xff")
    yield ("SET", "string:long", b"abcabcabd" * 1000)
    yield ("SET", "string:empty", b"")
    yield ("SET", b"k" * 100, b"a long key")
    yield ("SET", "1234567", "a key that is a number")
    yield ("RPUSH", "list:small", "a", "12", "", "-70000", b"x" * 100)
    yield ("RPUSH", "list:large", *["element:%d" % i for i in range(3000)])
    yield ("RPUSH", "list:plain", "first", b"p" * 20000, "last")
    yield ("SADD", "set:ints", "1", "-5", "70000", "9223372036854775807")
    yield ("SADD", "set:small", "a", "b", "17")
    yield ("SADD", "set:large", *["member:%d" % i for i in range(2000)])
    yield ("ZADD", "zset:small", "1", "a", "2.5", "b", "-inf", "c", "1e300", "17")
    yield ("ZADD", "zset:large", *[x for i in range(1000) for x in (str(i / 7), "member:%d" % i)])
    yield ("HSET", "hash:small", "f", "v", "1", "2", "n", "-123456789012")
    yield ("HSET", "hash:large", *[x for i in range(1500) for x in ("field:%d" % i, "value:%d" % i)])
    yield ("HSET", "hash:long", "f", LONG)
    yield ("PFADD", "hll", *["element:%d" % i for i in range(500)])
    for i in range(1, 250):
        yield ("XADD", "stream:plain", "%d-1" % i, "a", str(i), "b", "x" * (i % 50))
        yield ("XADD", "stream:groups", "%d-1" % i, "f%d" % (i % 3), str(i))
    yield ("XDEL", "stream:plain", "3-1", "249-1")
    yield ("XTRIM", "stream:plain", "MAXLEN", "100")
    yield ("XGROUP", "CREATE", "stream:groups", "g", "0")
    yield ("XGROUP", "CREATE", "stream:groups", "empty", "$")
    yield ("XREADGROUP", "GROUP", "g", "alice", "COUNT", "3", "STREAMS", "stream:groups", ">")
    yield ("XREADGROUP", "GROUP", "g", "bob", "COUNT", "2", "STREAMS", "stream:groups", ">")
    yield ("XACK", "stream:groups", "g", "2-1")


FAR_MS = 4102444800000


def fill_databases(connection, count: int = 16) -> None:
    """Every type in database 0, with expiries; a few keys in each of the others."""
    for command in every_type():
        reply = connection.command(*command)
        assert not reply.is_error, (command, reply)
    for i, name in enumerate(("string:int", "list:large", "set:ints", "zset:small", "hash:large", "stream:plain")):
        assert connection.command("PEXPIREAT", name, FAR_MS + i).value == 1
    for number in range(1, count):
        connection.command("SELECT", number)
        connection.command("SET", "here", number)
        connection.command("RPUSH", "list:%d" % number, *range(number))
        connection.command("PEXPIREAT", "here", FAR_MS + number)
    connection.command("SELECT", 0)


def contents(connection, count: int = 16) -> Dict:
    """What tells two data sets apart: each key's type, encoding, expiry and a digest of its content."""
    found = {}
    for number in range(count):
        connection.command("SELECT", number)
        for reply in connection.command("KEYS", "*").value:
            name = reply.value
            commands = (("TYPE", name), ("PEXPIRETIME", name), ("DEBUG", "DIGEST-VALUE", name), ("OBJECT", "ENCODING", name))
            answers = [connection.command(*command).value for command in commands]
            # redis-server 7.0 knows fewer encodings of lists and sets.
            found[number, name] = tuple(answers[:3] if answers[0] in (b"list", b"set") else answers)
    connection.command("SELECT", 0)
    return found
