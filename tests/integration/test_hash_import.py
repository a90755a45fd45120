"""HIMPORT of Redis 8.10, which the oracle does not have, with the examples of its documentation."""

import pytest

from support.resp import OK, Reply


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


def error_of(reply):
    assert reply.is_error, reply
    return reply.value.decode()


def fields_of(run, key):
    reply = run("HGETALL", key).value
    return {reply[i].value: reply[i + 1].value for i in range(0, len(reply), 2)}


def test_hashes_of_one_fieldset(run):
    assert run("HIMPORT", "PREPARE", "u", "name", "email", "age") == OK
    assert run("HIMPORT", "SET", "user:1", "u", "alice", "a@example.com", "30") == OK
    assert run("himport", "set", "user:2", "u", "bob", "b@example.com", "25") == OK
    assert fields_of(run, "user:1") == {b"name": b"alice", b"email": b"a@example.com", b"age": b"30"}
    assert fields_of(run, "user:2") == {b"name": b"bob", b"email": b"b@example.com", b"age": b"25"}
    assert run("HSET", "user:1", "age", "31", "city", "Paris").value == 1
    assert run("HIMPORT", "DISCARD", "u") == Reply(":", 1)
    assert run("HIMPORT", "DISCARD", "u") == Reply(":", 0)
    assert error_of(run("HIMPORT", "SET", "user:3", "u", "a", "b", "c")) == "ERR no such fieldset"
    assert run("HLEN", "user:1").value == 4


def test_large_hashes(run):
    names = ["field:%d" % i for i in range(1000)]
    run("HIMPORT", "PREPARE", "large", *names)
    assert run("HIMPORT", "SET", "k", "large", *("value of " + name for name in names)) == OK
    assert run("OBJECT", "ENCODING", "k").value == b"hashtable"
    assert run("HLEN", "k").value == 1000
    assert run("HGET", "k", "field:500").value == b"value of field:500"


def test_a_hash_is_replaced_with_its_expiry(run):
    run("HIMPORT", "PREPARE", "f", "a", "b")
    run("HSET", "k", "old", "1", "a", "2")
    run("EXPIRE", "k", 1000)
    run("HEXPIRE", "k", 1000, "FIELDS", 1, "a")
    assert run("HIMPORT", "SET", "k", "f", "x", "y") == OK
    assert fields_of(run, "k") == {b"a": b"x", b"b": b"y"}
    assert run("TTL", "k").value == -1
    assert run("HTTL", "k", "FIELDS", 1, "a").value == (Reply(":", -1),)


def test_a_fieldset_is_replaced_or_stays(run):
    run("HIMPORT", "PREPARE", "f", "a", "b")
    assert error_of(run("HIMPORT", "PREPARE", "f", "x", "y", "x")) == "ERR duplicate field name in fieldset"
    assert run("HIMPORT", "SET", "k", "f", "1", "2") == OK
    assert run("HIMPORT", "PREPARE", "f", "", "y", "z") == OK
    mismatch = "ERR value count does not match fieldset field count"
    assert error_of(run("HIMPORT", "SET", "k", "f", "1", "2")) == mismatch
    assert error_of(run("HIMPORT", "SET", "k", "f", "1", "2", "3", "4")) == mismatch
    assert run("HIMPORT", "SET", "k", "f", "1", "2", "3") == OK
    assert fields_of(run, "k") == {b"": b"1", b"y": b"2", b"z": b"3"}


def test_fieldsets_belong_to_the_connection(server, run):
    run("HIMPORT", "PREPARE", "f", "a")
    with server.connect() as other:
        assert error_of(other.command("HIMPORT", "SET", "k", "f", "1")) == "ERR no such fieldset"
    run("SELECT", 3)
    assert run("HIMPORT", "SET", "k", "f", "1") == OK
    assert run("RESET") == Reply("+", b"RESET")
    assert error_of(run("HIMPORT", "SET", "k", "f", "1")) == "ERR no such fieldset"


def test_discard_all(run):
    assert run("HIMPORT", "DISCARDALL") == Reply(":", 0)
    run("HIMPORT", "PREPARE", "u", "name", "email", "age")
    run("HIMPORT", "PREPARE", "o", "id", "total")
    assert run("HIMPORT", "DISCARDALL") == Reply(":", 2)
    assert error_of(run("HIMPORT", "SET", "k", "o", "1", "2")) == "ERR no such fieldset"


def test_in_a_transaction(run):
    run("MULTI")
    run("HIMPORT", "PREPARE", "f", "a", "b")
    run("HIMPORT", "SET", "k", "f", "1", "2")
    run("HIMPORT", "DISCARD", "f")
    assert run("EXEC").value == (OK, OK, Reply(":", 1))
    assert fields_of(run, "k") == {b"a": b"1", b"b": b"2"}


def test_client_memory_counts_fieldsets(run):
    def total_memory():
        line = run("CLIENT", "INFO").value.decode()
        return int(dict(word.split("=", 1) for word in line.split())["tot-mem"])

    before = total_memory()
    for i in range(100):
        run("HIMPORT", "PREPARE", "f%d" % i, *("field:%d:%d" % (i, j) for j in range(64)))
    assert total_memory() - before > 100 * 64 * 8
    run("HIMPORT", "DISCARDALL")
    assert total_memory() - before < 100 * 64


def test_errors(run):
    run("SET", "string", "x")
    # The type comes first.
    assert error_of(run("HIMPORT", "SET", "string", "missing", "1")).startswith("WRONGTYPE")
    assert error_of(run("HIMPORT")) == "ERR wrong number of arguments for 'himport' command"
    assert error_of(run("HIMPORT", "FOO")) == "ERR unknown subcommand 'FOO'. Try HIMPORT HELP."
    for words in (("PREPARE", "f"), ("SET", "k", "f"), ("DISCARD",), ("DISCARD", "a", "b"), ("DISCARDALL", "a")):
        text = "ERR wrong number of arguments for 'himport|%s' command" % words[0].lower()
        assert error_of(run("HIMPORT", *words)) == text
    assert run("GET", "string").value == b"x"
