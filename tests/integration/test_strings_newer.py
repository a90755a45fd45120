"""Strings of Redis 8.4, which the oracle does not have: DIGEST, conditions on values and digests (SET, DELEX), MSETEX.
Replies are those of the documentation."""

import pytest

from support.resp import OK, Reply
from support.waiting import wait_until

NULL = Reply("$", None)
YES, NO = Reply(":", 1), Reply(":", 0)
OTHER_DIGEST = "0123456789abcdef"


@pytest.fixture(scope="module")
def server(start_shared_server):
    return start_shared_server()


@pytest.fixture
def run(server):
    with server.connect() as connection:
        connection.command("FLUSHALL")
        yield connection.command


def error_of(reply):
    assert reply.is_error, reply
    return reply.value.decode()


def digest(run, key):
    return run("DIGEST", key).value.decode()


def test_digest(run):
    run("SET", "k", "Hello world")
    assert run("DIGEST", "k") == Reply("$", b"b6acb9d84a38ff74")
    assert run("DIGEST", "missing") == NULL
    run("SET", "number", 12345)
    run("SET", "text", "1234")
    run("APPEND", "text", "5")
    assert digest(run, "number") == digest(run, "text")
    run("SET", "empty", "")
    assert len(digest(run, "empty")) == 16
    run("RPUSH", "list", "a")
    assert error_of(run("DIGEST", "list")).startswith("WRONGTYPE")


# Condition, and whether it holds for the string "hello", for another one, for a missing key.
CONDITIONS = [("IFEQ", True, False, False), ("IFNE", False, True, True)]
CONDITIONS += [("IFDEQ", True, False, False), ("IFDNE", False, True, True)]


def operand(run, condition, value):
    if condition in ("IFEQ", "IFNE"):
        return value
    run("SET", "scratch", value)
    return digest(run, "scratch").upper()


@pytest.mark.parametrize("condition, same, other, missing", CONDITIONS)
def test_set_on_a_condition(run, condition, same, other, missing):
    for current, holds in (("hello", same), ("else", other), (None, missing)):
        for get in ((), ("GET",)):
            run("DEL", "k")
            if current is not None:
                run("SET", "k", current)
            reply = run("SET", "k", "new", condition, operand(run, condition, "hello"), "EX", 100, *get)
            old = NULL if current is None else Reply("$", current.encode())
            assert reply == (old if get else OK if holds else NULL), (current, get)
            assert run("GET", "k") == (Reply("$", b"new") if holds else old)
            assert (run("TTL", "k").value > 0) == holds


@pytest.mark.parametrize("condition, same, other, missing", CONDITIONS)
def test_delex(run, condition, same, other, missing):
    for current, holds in (("hello", same), ("else", other)):
        run("SET", "k", current)
        assert run("DELEX", "k", condition, operand(run, condition, "hello")) == (YES if holds else NO)
        assert run("EXISTS", "k") == (NO if holds else YES)
    run("DEL", "k")
    assert run("DELEX", "k", condition, operand(run, condition, "hello")) == NO


def test_delex_without_a_condition(run):
    run("SET", "k", "v")
    run("HSET", "h", "f", "v")
    assert [run("DELEX", "k"), run("DELEX", "h"), run("DELEX", "k")] == [YES, YES, NO]


def test_conditions_on_numbers(run):
    run("SET", "k", 12345)
    assert run("SET", "k", 6, "IFEQ", "12345") == OK
    assert run("DELEX", "k", "IFDEQ", digest(run, "k")) == YES


def test_condition_errors(run):
    run("RPUSH", "list", "a")
    run("SET", "k", "v")
    for condition in ("IFEQ", "IFNE", "IFDEQ", "IFDNE"):
        for get in ((), ("GET",)):
            assert error_of(run("SET", "list", "v", condition, OTHER_DIGEST, *get)).startswith("WRONGTYPE")
        text = "ERR Key should be of string type if conditions are specified"
        assert error_of(run("DELEX", "list", condition, OTHER_DIGEST)) == text
        assert error_of(run("SET", "k", "v", condition)) == "ERR syntax error"
        assert error_of(run("SET", "k", "v", condition, "a", "NX")) == "ERR syntax error"
        assert error_of(run("SET", "k", "v", "XX", condition, "a")) == "ERR syntax error"
        assert error_of(run("SET", "k", "v", condition, "a", "IFEQ", "b")) == "ERR syntax error"
        assert error_of(run("DELEX", "k", condition)) == "ERR wrong number of arguments for 'delex' command"
        assert error_of(run("DELEX", "k", condition, "a", "b")) == "ERR wrong number of arguments for 'delex' command"
    assert error_of(run("DELEX", "k", "FOO", "v")) == "ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE"
    for bad in ("", "abc", OTHER_DIGEST + "0", "0x23456789abcdef", "0123456789abcdeg"):
        for condition in ("IFDEQ", "IFDNE"):
            text = "ERR must be exactly 16 hexadecimal characters"
            assert error_of(run("SET", "k", "new", condition, bad)) == text
            assert error_of(run("SET", "k", "new", condition, bad, "GET")) == text
            assert error_of(run("DELEX", "k", condition, bad)) == text
    assert run("GET", "k").value == b"v"
    assert run("LLEN", "list").value == 1


def test_conditions_of_cold_values(start_server):
    """A condition needs the old value; deletion without one, and MSETEX, do not bring it back."""
    server = start_server(tier={"tier-enabled": "yes", "maxmemory": "64mb"})
    with server.connect() as connection:
        run = connection.command
        value = "cold" * 300
        for key in ("a", "b", "c", "d"):
            run("SET", key, value)
        cold_digest = digest(run, "a")
        assert run("TIER", "SPILL", "a", "b", "c", "d").value == 4
        for key in ("a", "b", "c", "d"):
            wait_until(lambda: run("TIER", "WHERE", key).value == b"cold", "%s is cold" % key)
        assert run("SET", "a", "new", "IFDEQ", cold_digest) == OK
        assert run("DELEX", "b", "IFNE", value) == NO
        assert run("DELEX", "c") == YES
        assert run("MSETEX", 2, "d", "1", "e", "2", "XX") == NO
        assert run("MSETEX", 1, "d", "1", "XX") == YES
        assert run("MGET", "a", "d").value == (Reply("$", b"new"), Reply("$", b"1"))


def test_msetex(run):
    assert run("MSETEX", 2, "a", "1", "b", "2", "EX", 100) == YES
    assert run("MGET", "a", "b").value == (Reply("$", b"1"), Reply("$", b"2"))
    assert 0 < run("TTL", "a").value <= 100 and 0 < run("TTL", "b").value <= 100
    assert run("MSETEX", 1, "a", "3", "KEEPTTL") == YES
    assert 0 < run("TTL", "a").value <= 100
    assert run("MSETEX", 1, "a", "4") == YES
    assert run("TTL", "a").value == -1
    seconds, micros = (int(item.value) for item in run("TIME").value)
    for option, value in (("PX", 5000), ("EXAT", seconds + 5), ("PXAT", seconds * 1000 + micros // 1000 + 5000)):
        assert run("MSETEX", 1, "a", "5", option, value) == YES
        assert 0 < run("PTTL", "a").value <= 5000
    assert run("MSETEX", 2, "a", "6", "c", "7", "EXAT", 1) == YES
    assert run("EXISTS", "a", "c").value == 0
    # As in MSET the last one counts; and what follows the pairs alone is an option.
    assert run("MSETEX", 2, "nx", "1", "nx", "ex", "XX") == NO
    assert run("MSETEX", 2, "nx", "1", "nx", "ex", "NX") == YES
    assert run("GET", "nx").value == b"ex"


def test_msetex_conditions(run):
    run("SET", "there", "old")
    assert run("MSETEX", 2, "there", "1", "new", "2", "NX", "EX", 10) == NO
    assert run("MSETEX", 2, "there", "1", "new", "2", "EX", 10, "XX") == NO
    assert run("MGET", "there", "new").value == (Reply("$", b"old"), NULL)
    assert run("MSETEX", 2, "x", "1", "y", "2", "NX") == YES
    assert run("MSETEX", 3, "x", "3", "y", "4", "there", "5", "PX", 9000, "XX") == YES
    assert run("MGET", "x", "y", "there").value == (Reply("$", b"3"), Reply("$", b"4"), Reply("$", b"5"))


def test_msetex_of_many_keys(run):
    pairs = [text for i in range(100) for text in ("key:%d" % i, "value:%d" % i)]
    assert run("MSETEX", 100, *pairs, "EX", 100) == YES
    assert run("DBSIZE").value == 100
    assert run("GET", "key:99").value == b"value:99"


def test_msetex_errors(run):
    for count in ("key", 0, -1, 2147483648, "1.0"):
        assert error_of(run("MSETEX", count, "k", "v")) == "ERR invalid numkeys value"
    for count in (2, 2147483647):
        assert error_of(run("MSETEX", count, "k", "v", "k2")) == "ERR wrong number of key-value pairs"
    assert error_of(run("MSETEX", 1, "k")) == "ERR wrong number of arguments for 'msetex' command"
    wrong = [("FOO",), ("NX", "XX"), ("EX",), ("EX", 10, "PX", 10), ("KEEPTTL", "EX", 10), ("GET",), ("IFEQ", "v")]
    for options in wrong:
        assert error_of(run("MSETEX", 1, "k", "v", *options)) == "ERR syntax error", options
    assert error_of(run("MSETEX", 1, "k", "v", "EX", 0)) == "ERR invalid expire time in 'msetex' command"
    assert error_of(run("MSETEX", 1, "k", "v", "EX", "x")) == "ERR value is not an integer or out of range"
    assert run("DBSIZE").value == 0


def test_keys_of_msetex(run):
    reply = run("COMMAND", "GETKEYS", "MSETEX", 2, "a", "1", "b", "2", "EX", 5)
    assert [item.value for item in reply.value] == [b"a", b"b"]
