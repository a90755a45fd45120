"""INCREX of Redis 8.8, which the oracle does not have, with the examples of its documentation."""

import pytest

from support.resp import Reply

MAX = 9223372036854775807
MIN = -9223372036854775808


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


def pair(reply):
    assert reply.kind == "*" and len(reply.value) == 2, reply
    kinds = {item.kind for item in reply.value}
    assert kinds in ({":"}, {"$"})
    return [item.value if kinds == {":"} else float(item.value) for item in reply.value]


def error_of(reply):
    assert reply.is_error, reply
    return reply.value.decode()


def test_integers(run):
    assert pair(run("INCREX", "k")) == [1, 1]
    assert pair(run("INCREX", "k")) == [2, 1]
    run("SET", "k", 100)
    assert pair(run("INCREX", "k", "BYINT", 5)) == [105, 5]
    assert pair(run("INCREX", "k", "byint", -10)) == [95, -10]
    assert run("OBJECT", "ENCODING", "k").value == b"int"
    run("APPEND", "k", "0")
    assert pair(run("INCREX", "k")) == [951, 1]
    assert run("OBJECT", "ENCODING", "k").value == b"int"


def test_floats(connection, run):
    run("SET", "k", "1.5")
    assert run("INCREX", "k", "BYFLOAT", "0.25").value == (Reply("$", b"1.75"), Reply("$", b"0.25"))
    assert run("GET", "k").value == b"1.75"
    run("HELLO", 3)
    assert run("INCREX", "k", "BYFLOAT", 1).value == (Reply(",", b"2.75"), Reply(",", b"1"))
    assert run("INCREX", "n").value == (Reply(":", 1), Reply(":", 1))


@pytest.mark.parametrize(
    "old, options, kept, saturated",
    [
        (99, ("BYINT", 5, "UBOUND", 100), [99, 0], [100, 1]),
        (10, ("BYINT", -100, "LBOUND", 0), [10, 0], [0, -10]),
        (50, ("BYINT", 5, "UBOUND", 30), [50, 0], [30, -20]),
        (-50, ("BYINT", -5, "LBOUND", -30), [-50, 0], [-30, 20]),
        (7, ("LBOUND", 0, "BYINT", 10, "UBOUND", 10), [7, 0], [10, 3]),
        (MAX - 7, ("BYINT", MAX - 7), [MAX - 7, 0], [MAX, 7]),
        (MIN + 8, ("BYINT", MIN + 8), [MIN + 8, 0], [MIN, -8]),
        (10, ("BYFLOAT", "10.0", "UBOUND", "15.5"), [10, 0], [15.5, 5.5]),
        ("50.5", ("BYFLOAT", "5.5", "UBOUND", "30"), [50.5, 0], [30, -20.5]),
    ],
)
def test_beyond_the_bounds(run, old, options, kept, saturated):
    run("SET", "k", old, "EX", 500)
    assert pair(run("INCREX", "k", *options, "EX", 100)) == kept
    assert run("GET", "k").value == str(old).encode()
    assert run("TTL", "k").value > 400
    assert pair(run("INCREX", "k", *options, "SATURATE", "EX", 100)) == saturated
    assert 0 < run("TTL", "k").value <= 100


def test_bounds_of_a_missing_key(run):
    assert pair(run("INCREX", "k", "BYINT", 15, "UBOUND", 10)) == [0, 0]
    assert pair(run("INCREX", "k", "BYFLOAT", "-0.5", "UBOUND", "-1.5")) == [0, 0]
    assert run("EXISTS", "k").value == 0
    assert pair(run("INCREX", "k", "LBOUND", 5, "SATURATE")) == [5, 5]
    run("SET", "k", 50)
    assert pair(run("INCREX", "k", "BYINT", -25, "UBOUND", 30)) == [25, -25]


def test_expiry(run):
    run("SET", "k", 5, "EX", 1000)
    run("INCREX", "k")
    assert run("TTL", "k").value > 900
    run("INCREX", "k", "PERSIST")
    assert run("TTL", "k").value == -1
    run("INCREX", "k", "EX", 100, "ENX")
    assert 0 < run("TTL", "k").value <= 100
    assert pair(run("INCREX", "k", "ENX", "EX", 500)) == [9, 1]
    assert 0 < run("TTL", "k").value <= 100
    run("INCREX", "k", "PX", 50000)
    assert 0 < run("TTL", "k").value <= 50
    # A deadline that is over: not with ENX where there is another one.
    assert pair(run("INCREX", "k", "EXAT", 1, "ENX")) == [11, 1]
    assert pair(run("INCREX", "k", "PXAT", 1)) == [12, 1]
    assert run("EXISTS", "k").value == 0
    run("INCREX", "new", "BYFLOAT", "1.5", "EX", 100, "ENX")
    assert 0 < run("TTL", "new").value <= 100
    run("INCREX", "new", "BYFLOAT", 1)
    assert 0 < run("TTL", "new").value <= 100


def test_option_errors(run):
    run("SET", "k", 10)
    twice = [("BYINT", 1), ("BYFLOAT", 1), ("LBOUND", 0), ("UBOUND", 9), ("SATURATE",), ("PERSIST",), ("EX", 10)]
    wrong = [option * 2 for option in twice]
    wrong += [("FOO",), ("BYINT", 1, "BYFLOAT", 1), ("BYFLOAT", 1, "BYINT", 1), ("EX", 10, "PX", 10), ("LBOUND",)]
    wrong += [("EX", 10, "PERSIST"), ("PERSIST", "EX", 10), ("PERSIST", "ENX"), ("ENX", "PERSIST"), ("BYINT",)]
    wrong += [("ENX", "ENX", "EX", 10), ("EXAT",)]
    for options in wrong:
        assert error_of(run("INCREX", "k", *options)) == "ERR syntax error", options
    texts = {
        ("ENX",): "ERR ENX flag requires an expiration",
        ("BYINT", "1.5"): "ERR Increment is not an integer or out of range",
        ("BYFLOAT", "x"): "ERR Increment is not a valid float",
        ("BYFLOAT", "nan"): "ERR Increment is not a valid float",
        ("BYFLOAT", "-inf"): "ERR BYFLOAT increment cannot be Infinity",
        ("UBOUND", "12.5"): "ERR UBOUND is not an integer or out of range",
        ("LBOUND", "x"): "ERR LBOUND is not an integer or out of range",
        ("BYFLOAT", "1", "UBOUND", "x"): "ERR UBOUND is not a valid float",
        ("LBOUND", "10", "UBOUND", "5"): "ERR LBOUND can't be greater than UBOUND",
        ("BYFLOAT", "1", "LBOUND", "10.5", "UBOUND", "1.5"): "ERR LBOUND can't be greater than UBOUND",
        ("EX", "0"): "ERR invalid expire time in 'increx' command",
        ("PX", "-1"): "ERR invalid expire time in 'increx' command",
    }
    for options, text in texts.items():
        assert error_of(run("INCREX", "k", *options)) == text
    assert error_of(run("INCREX")) == "ERR wrong number of arguments for 'increx' command"
    assert run("GET", "k").value == b"10"


def test_value_errors(run):
    run("RPUSH", "list", "a")
    run("SET", "text", "hello")
    run("SET", "float", "1.5")
    run("SET", "infinite", "inf")
    run("SET", "high", MAX)
    assert error_of(run("INCREX", "list")).startswith("WRONGTYPE")
    assert error_of(run("INCREX", "text", "BYFLOAT", 1)) == "ERR value is not a valid float"
    for key in ("text", "float"):
        assert error_of(run("INCREX", key)) == "ERR value is not an integer or out of range"
    assert error_of(run("INCREX", "infinite", "BYFLOAT", 1)) == "ERR value cannot be Infinity"
    text = error_of(run("INCREX", "high", "SATURATE", "UBOUND", MIN))
    assert text == "ERR applied increment would overflow"
    text = error_of(run("INCREX", "float", "BYFLOAT", 1, "SATURATE", "LBOUND", "inf", "UBOUND", "inf"))
    assert text == "ERR applied increment would be Infinity"
