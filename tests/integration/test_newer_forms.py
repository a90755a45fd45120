"""Forms of older commands that came after Redis 7.0: ranks with scores, scans without values, new operations of BITOP,
and AGGREGATE COUNT. Replies are those of their documentation."""

import pytest

from support.resp import Reply


@pytest.fixture(scope="module")
def server(start_shared_server):
    return start_shared_server()


@pytest.fixture
def connection(server):
    with server.connect() as connection:
        connection.command("FLUSHALL")
        yield connection


@pytest.fixture
def run(connection):
    return connection.command


# The encodings that a collection has at 3 members.
@pytest.fixture(params=["packed", "table"])
def encoding(request, run):
    entries = "512" if request.param == "packed" else "1"
    for directive in ("hash-max-listpack-entries", "zset-max-listpack-entries"):
        run("CONFIG", "SET", directive, entries)
    yield request.param
    for directive, entries in (("hash-max-listpack-entries", "512"), ("zset-max-listpack-entries", "128")):
        run("CONFIG", "SET", directive, entries)


def error_of(reply):
    assert reply.is_error, reply
    return reply.value.decode()


def scanned(reply):
    assert reply.value[0].value == b"0"
    return [item.value for item in reply.value[1].value]


def test_rank_with_score(run, encoding):
    run("ZADD", "z", 1, "one", 2.5, "two", 3, "three")
    assert run("ZRANK", "z", "two", "WITHSCORE") == Reply("*", (Reply(":", 1), Reply("$", b"2.5")))
    assert run("ZREVRANK", "z", "one", "withscore") == Reply("*", (Reply(":", 2), Reply("$", b"1")))
    assert run("ZRANK", "z", "three") == Reply(":", 2)
    for missing in (("z", "none"), ("nokey", "one")):
        for command in ("ZRANK", "ZREVRANK"):
            assert run(command, *missing) == Reply("$", None)
            assert run(command, *missing, "WITHSCORE") == Reply("*", None)
    run("HELLO", 3)
    assert run("ZRANK", "z", "two", "WITHSCORE") == Reply("*", (Reply(":", 1), Reply(",", b"2.5")))
    assert run("ZREVRANK", "z", "none", "WITHSCORE") == Reply("_", None)
    assert error_of(run("ZRANK", "z", "two", "WITHSCORES")) == "ERR syntax error"
    text = error_of(run("ZREVRANK", "z", "two", "WITHSCORE", "WITHSCORE"))
    assert text == "ERR wrong number of arguments for 'zrevrank' command"


def test_zscan_without_scores(run, encoding):
    run("ZADD", "z", 1, "one", 2, "two", 3, "three")
    assert sorted(scanned(run("ZSCAN", "z", 0, "NOSCORES"))) == [b"one", b"three", b"two"]
    assert sorted(scanned(run("ZSCAN", "z", 0, "MATCH", "t*", "NOSCORES", "COUNT", 10))) == [b"three", b"two"]
    assert sorted(scanned(run("ZSCAN", "z", 0))) == [b"1", b"2", b"3", b"one", b"three", b"two"]
    assert scanned(run("ZSCAN", "missing", 0, "NOSCORES")) == []
    assert run("ZSCAN", "z", 0, "NOVALUES").is_error


def test_hscan_without_values(run, encoding):
    run("HSET", "h", "a", 1, "b", 2, "c", 3)
    assert sorted(scanned(run("HSCAN", "h", 0, "NOVALUES"))) == [b"a", b"b", b"c"]
    assert scanned(run("HSCAN", "h", 0, "NOVALUES", "MATCH", "b*")) == [b"b"]
    assert sorted(scanned(run("HSCAN", "h", 0))) == [b"1", b"2", b"3", b"a", b"b", b"c"]
    assert scanned(run("HSCAN", "missing", 0, "novalues")) == []
    run("SADD", "s", "a")
    for command in (("SSCAN", "s", 0), ("SCAN", 0)):
        assert run(*command, "NOVALUES").is_error


@pytest.mark.parametrize("operation", ["DIFF", "DIFF1", "ANDOR", "ONE"])
def test_bitop(run, operation):
    """DIFF: of the first, in none of the others. DIFF1: in the others, not in the first. ANDOR: of the first, in some
    of the others. ONE: in one alone. Shorter strings count as padded with zeros."""
    inputs = {"x": b"\xc4\x00\xff", "y": b"\x4c\x03\x0f", "z": b"\x08"}
    for key, value in inputs.items():
        run("SET", key, value)
    x, y, z = (int.from_bytes(value.ljust(3, b"\0"), "big") for value in inputs.values())
    expected = {"DIFF": x & ~(y | z), "DIFF1": ~x & (y | z), "ANDOR": x & (y | z), "ONE": (x ^ y ^ z) & ~(x & y & z)}
    assert run("BITOP", operation, "to", "x", "y", "z").value == 3
    assert run("GET", "to").value == expected[operation].to_bytes(3, "big")
    assert run("BITOP", operation.lower(), "to", "missing", "none").value == 0
    assert run("EXISTS", "to").value == 0


def test_bitop_needs_two_sources_for_differences(run):
    run("SET", "x", "abc")
    for operation in ("DIFF", "DIFF1", "ANDOR"):
        text = error_of(run("BITOP", operation, "to", "x"))
        assert text == "ERR BITOP %s must be called with at least two source keys." % operation
    assert run("BITOP", "ONE", "to", "x").value == 3
    assert run("GET", "to").value == b"abc"


def with_scores(reply):
    return {reply.value[i].value.decode(): float(reply.value[i + 1].value) for i in range(0, len(reply.value), 2)}


def test_aggregate_count(run, encoding):
    """A member's score is the number of sets that have it; with weights, the sum of theirs. Scores play no part."""
    run("ZADD", "s1", 1, "foo", 1, "bar")
    run("ZADD", "s2", 2, "foo", 2, "bar")
    run("ZADD", "s3", 3, "foo")
    run("SADD", "s4", "foo", "baz")
    keys = ("s1", "s2", "s3")
    assert run("ZUNIONSTORE", "out", 3, *keys, "AGGREGATE", "COUNT").value == 2
    assert with_scores(run("ZRANGE", "out", 0, -1, "WITHSCORES")) == {"bar": 2, "foo": 3}
    assert run("ZINTERSTORE", "out", 3, *keys, "AGGREGATE", "count").value == 1
    assert with_scores(run("ZRANGE", "out", 0, -1, "WITHSCORES")) == {"foo": 3}
    union = run("ZUNION", 4, *keys, "s4", "AGGREGATE", "COUNT", "WITHSCORES")
    assert with_scores(union) == {"baz": 1, "bar": 2, "foo": 4}
    weighed = ("WEIGHTS", 2, 3, 5, "AGGREGATE", "COUNT", "WITHSCORES")
    assert with_scores(run("ZUNION", 3, *keys, *weighed)) == {"bar": 5, "foo": 10}
    assert with_scores(run("ZINTER", 3, *keys, *weighed)) == {"foo": 10}
    # Weights may be infinite, and opposite ones make 0.
    assert run("ZUNIONSTORE", "out", 2, "s1", "s2", "WEIGHTS", "inf", "-inf", "AGGREGATE", "COUNT").value == 2
    assert with_scores(run("ZRANGE", "out", 0, -1, "WITHSCORES")) == {"bar": 0, "foo": 0}
    assert error_of(run("ZUNION", 1, "s1", "AGGREGATE", "AVG")) == "ERR syntax error"
