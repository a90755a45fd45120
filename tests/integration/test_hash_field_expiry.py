"""Fields of hashes that expire: the commands of Redis 7.4 and 8, which the oracle does not have, in every encoding."""

import pytest
import redis

from support.waiting import wait_until

FAR_MS = 4102444800000  # 2100-01-01
NO_FIELD, NO_EXPIRY, CONDITION_FAILED, DONE, DELETED = -2, -1, 0, 1, 2


# The encoding of the hash before any field expires, and once one does.
@pytest.fixture(params=["listpack", "hashtable"])
def encoding(request):
    return request.param


@pytest.fixture
def server(start_server, encoding):
    entries = "512" if encoding == "listpack" else "1"
    return start_server(tier={"tier-enabled": "no", "hash-max-listpack-entries": entries})


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


@pytest.fixture
def h(client):
    client.hset("h", mapping={"a": "1", "b": "two", "c": "3.5"})
    return "h"


def run(client, *arguments):
    return client.execute_command(*arguments)


def now_ms(client) -> int:
    seconds, micros = client.time()
    return seconds * 1000 + micros // 1000


def expect_error(client, text, *arguments):
    with pytest.raises(redis.ResponseError) as error:
        run(client, *arguments)
    assert str(error.value) == text


def wait_ms(client, ms):
    end = now_ms(client) + ms
    wait_until(lambda: now_ms(client) > end, "the time is over")


def test_set_and_tell(client, h, encoding):
    assert run(client, "HEXPIRE", h, 1000, "FIELDS", 2, "a", "x") == [DONE, NO_FIELD]
    assert client.object("encoding", h) == (b"listpackex" if encoding == "listpack" else b"hashtable")
    assert run(client, "HPEXPIRE", h, 2000000, "FIELDS", 1, "b") == [DONE]
    ttl = run(client, "HTTL", h, "FIELDS", 4, "a", "b", "c", "x")
    assert 990 <= ttl[0] <= 1000 and 1990 <= ttl[1] <= 2000 and ttl[2:] == [NO_EXPIRY, NO_FIELD]
    pttl = run(client, "HPTTL", h, "fields", 1, "a")
    assert 990000 <= pttl[0] <= 1000000
    assert run(client, "HPEXPIREAT", h, FAR_MS + 1, "FIELDS", 1, "a") == [DONE]
    assert run(client, "HPEXPIRETIME", h, "FIELDS", 2, "a", "c") == [FAR_MS + 1, NO_EXPIRY]
    assert run(client, "HEXPIRETIME", h, "FIELDS", 1, "a") == [FAR_MS // 1000 + 1]
    assert run(client, "HEXPIREAT", h, FAR_MS // 1000, "FIELDS", 1, "a") == [DONE]
    assert run(client, "HPEXPIRETIME", h, "FIELDS", 1, "a") == [FAR_MS]
    assert client.hgetall(h) == {b"a": b"1", b"b": b"two", b"c": b"3.5"}


def test_conditions(client, h):
    def at(ms, condition):
        return run(client, "HPEXPIREAT", h, FAR_MS + ms, condition, "FIELDS", 1, "a")[0]

    assert at(0, "XX") == CONDITION_FAILED
    assert at(0, "GT") == CONDITION_FAILED
    assert at(0, "lt") == DONE
    assert at(5, "NX") == CONDITION_FAILED
    assert at(5, "LT") == CONDITION_FAILED
    assert at(0, "GT") == CONDITION_FAILED
    assert at(5, "GT") == DONE
    assert at(6, "XX") == DONE
    assert at(1, "LT") == DONE
    assert run(client, "HPERSIST", h, "FIELDS", 3, "a", "b", "x") == [DONE, NO_EXPIRY, NO_FIELD]
    assert at(0, "NX") == DONE


def test_a_time_that_has_passed_deletes(client, h):
    assert run(client, "HEXPIRE", h, 0, "FIELDS", 2, "a", "x") == [DELETED, NO_FIELD]
    assert run(client, "HPEXPIREAT", h, 1, "FIELDS", 1, "b") == [DELETED]
    assert client.hkeys(h) == [b"c"]
    assert run(client, "HPEXPIREAT", h, 1, "NX", "FIELDS", 2, "c", "c") == [DELETED, NO_FIELD]
    assert client.exists(h) == 0


def test_missing_keys_and_other_types(client):
    client.set("s", "string")
    for command in (("HTTL",), ("HPTTL",), ("HEXPIRETIME",), ("HPEXPIRETIME",), ("HPERSIST",)):
        assert run(client, *command, "nothing", "FIELDS", 2, "a", "b") == [NO_FIELD, NO_FIELD]
        expect_error(
            client, "WRONGTYPE Operation against a key holding the wrong kind of value", *command, "s", "FIELDS", 1, "a"
        )
    assert run(client, "HEXPIRE", "nothing", 10, "FIELDS", 1, "a") == [NO_FIELD]
    assert run(client, "HGETDEL", "nothing", "FIELDS", 2, "a", "b") == [None, None]
    assert run(client, "HGETEX", "nothing", "EX", 5, "FIELDS", 1, "a") == [None]
    assert client.exists("nothing") == 0
    for command in (("HSETEX", "s", "FIELDS", 1, "a", "b"), ("HGETDEL", "s", "FIELDS", 1, "a")):
        with pytest.raises(redis.ResponseError, match="WRONGTYPE|wrong kind of value"):
            run(client, *command)


def test_bad_arguments(client, h):
    mismatch = "The `numfields` parameter must match the number of arguments"
    missing = "Mandatory argument FIELDS is missing or not at the right position"
    expect_error(client, "value is not an integer or out of range", "HEXPIRE", h, "x", "FIELDS", 1, "a")
    expect_error(client, "invalid expire time, must be >= 0", "HEXPIRE", h, -1, "FIELDS", 1, "a")
    expect_error(client, "invalid expire time in 'hexpire' command", "HEXPIRE", h, 1 << 60, "FIELDS", 1, "a")
    expect_error(client, "invalid expire time in 'hpexpireat' command", "HPEXPIREAT", h, 1 << 46, "FIELDS", 1, "a")
    expect_error(client, missing, "HEXPIRE", h, 10, "FIELD", 1, "a")
    expect_error(client, missing, "HEXPIRE", h, 10, "NX", "XX", "FIELDS", 1, "a")
    expect_error(client, "Parameter `numFields` should be greater than 0", "HEXPIRE", h, 10, "FIELDS", 0, "a")
    expect_error(client, mismatch, "HEXPIRE", h, 10, "FIELDS", 2, "a")
    expect_error(client, missing, "HTTL", h, "FOO", 1, "a")
    expect_error(client, "Number of fields must be a positive integer", "HTTL", h, "FIELDS", "x", "a")
    expect_error(client, mismatch, "HPERSIST", h, "FIELDS", 1, "a", "b")
    expect_error(client, "wrong number of arguments for 'httl' command", "HTTL", h, "FIELDS", 1)
    assert run(client, "HTTL", h, "FIELDS", 1, "a") == [NO_EXPIRY]


def test_hgetdel(client, h):
    assert run(client, "HGETDEL", h, "FIELDS", 3, "a", "x", "a") == [b"1", None, None]
    assert run(client, "HGETDEL", h, "FIELDS", 2, "b", "c") == [b"two", b"3.5"]
    assert client.exists(h) == 0


def test_hgetex(client, h):
    assert run(client, "HGETEX", h, "FIELDS", 2, "a", "x") == [b"1", None]
    assert run(client, "HGETEX", h, "PXAT", FAR_MS, "FIELDS", 2, "a", "b") == [b"1", b"two"]
    assert run(client, "HPEXPIRETIME", h, "FIELDS", 3, "a", "b", "c") == [FAR_MS, FAR_MS, NO_EXPIRY]
    assert run(client, "HGETEX", h, "PERSIST", "FIELDS", 1, "a") == [b"1"]
    assert run(client, "HPEXPIRETIME", h, "FIELDS", 1, "a") == [NO_EXPIRY]
    assert run(client, "HGETEX", h, "EXAT", 1, "FIELDS", 1, "a") == [b"1"]
    assert client.hexists(h, "a") is False
    expect_error(
        client,
        "Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified",
        *("HGETEX", h, "EX", 5, "PERSIST", "FIELDS", 1, "b"),
    )
    expect_error(client, "unknown argument: KEEPTTL", "HGETEX", h, "KEEPTTL", "FIELDS", 1, "b")


def test_hsetex(client, h):
    def expiries():
        return run(client, "HPEXPIRETIME", h, "FIELDS", 2, "a", "n")

    assert run(client, "HSETEX", h, "PXAT", FAR_MS, "FIELDS", 2, "a", "A", "n", "N") == 1
    assert client.hmget(h, "a", "n") == [b"A", b"N"]
    assert expiries() == [FAR_MS, FAR_MS]
    assert run(client, "HSETEX", h, "KEEPTTL", "FIELDS", 1, "a", "AA") == 1
    assert expiries() == [FAR_MS, FAR_MS]
    assert run(client, "HSETEX", h, "FIELDS", 1, "a", "AAA") == 1
    assert expiries() == [NO_EXPIRY, FAR_MS]
    assert run(client, "HSETEX", h, "FNX", "FIELDS", 2, "new", "1", "a", "1") == 0
    assert run(client, "HSETEX", h, "FXX", "EX", 10, "FIELDS", 2, "new", "1", "a", "1") == 0
    assert client.hmget(h, "new", "a") == [None, b"AAA"]
    assert run(client, "HSETEX", h, "FNX", "FIELDS", 1, "new", "1") == 1
    assert run(client, "HSETEX", h, "NX", "FIELDS", 1, "new", "2") == 0
    assert run(client, "HSETEX", h, "XX", "FIELDS", 1, "new", "2") == 1
    assert run(client, "HSETEX", "nothing", "XX", "FIELDS", 1, "a", "1") == 0
    assert run(client, "HSETEX", "nothing", "FXX", "FIELDS", 1, "a", "1") == 0
    assert run(client, "HSETEX", "nothing", "PXAT", 1, "FIELDS", 1, "a", "1") == 1
    assert client.exists("nothing") == 0
    assert run(client, "HSETEX", h, "PXAT", 1, "FIELDS", 1, "new", "1") == 1
    assert client.hexists(h, "new") is False
    expect_error(
        client,
        "Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
        *("HSETEX", h, "EX", 5, "KEEPTTL", "FIELDS", 1, "a", "1"),
    )
    expect_error(
        client,
        "Only one of FXX or FNX arguments can be specified",
        *("HSETEX", h, "FNX", "FXX", "FIELDS", 1, "a", "1"),
    )
    expect_error(
        client, "wrong number of arguments for 'hsetex' command", "HSETEX", h, "FIELDS", 2, "a", "1", "b"
    )


def test_writes_and_expiries(client, h):
    """Setting a value takes the expiry away; arithmetic keeps it."""
    run(client, "HPEXPIREAT", h, FAR_MS, "FIELDS", 3, "a", "b", "c")
    assert client.hincrby(h, "a", 5) == 6
    assert client.hincrbyfloat(h, "c", 1) == 4.5
    assert run(client, "HPEXPIRETIME", h, "FIELDS", 2, "a", "c") == [FAR_MS, FAR_MS]
    client.hset(h, "a", "1")
    assert run(client, "HPEXPIRETIME", h, "FIELDS", 1, "a") == [NO_EXPIRY]
    client.copy(h, "copy")
    client.rename(h, "renamed")
    for name in ("copy", "renamed"):
        assert run(client, "HPEXPIRETIME", name, "FIELDS", 3, "a", "b", "c") == [NO_EXPIRY, FAR_MS, FAR_MS]
    client.delete("h")


def test_expired_fields_are_hidden(client, server, h):
    """With active expiry off: nobody sees a field whose time has come, and commands take it away."""
    run(client, "DEBUG", "SET-ACTIVE-EXPIRE", 0)
    for i in range(200):
        client.hset(h, "gone:%d" % i, i)
    fields = ["gone:%d" % i for i in range(200)]
    assert run(client, "HPEXPIRE", h, 20, "FIELDS", 200, *fields) == [DONE] * 200
    wait_ms(client, 40)
    assert client.hget(h, "gone:0") is None
    assert client.hgetall(h) == {b"a": b"1", b"b": b"two", b"c": b"3.5"}
    assert sorted(client.hkeys(h)) == [b"a", b"b", b"c"]
    assert client.hscan(h)[1] == {b"a": b"1", b"b": b"two", b"c": b"3.5"}
    assert sorted(client.hrandfield(h, 10)) == [b"a", b"b", b"c"]
    assert len(client.hrandfield(h, -10)) == 10
    assert run(client, "HTTL", h, "FIELDS", 1, "gone:199") == [NO_FIELD]
    assert client.hsetnx(h, "gone:199", "new")
    assert client.hincrby(h, "gone:198", 5) == 5
    assert client.hdel(h, "gone:197") == 0
    wait_until(lambda: client.hlen(h) == 5, "every command erases some")
    assert server.info_number("stats", "expired_subkeys") == 200


def test_the_key_goes_with_its_last_field(client, h):
    run(client, "DEBUG", "SET-ACTIVE-EXPIRE", 0)
    run(client, "HPEXPIRE", h, 10, "FIELDS", 3, "a", "b", "c")
    wait_ms(client, 30)
    assert client.exists(h) == 1
    assert client.hlen(h) == 0
    assert client.exists(h) == 0


def test_active_expiry_of_fields(client, server):
    """Fields go in the background, and keys with the last of them."""
    for start in range(0, 2000, 100):
        pipeline = client.pipeline(transaction=False)
        for i in range(start, start + 100):
            pipeline.hset("h:%d" % i, mapping={"stays": "1", "goes": "2", "too": "3"} if i % 2 else {"goes": "2"})
            fields = ("goes", "too") if i % 2 else ("goes",)
            pipeline.execute_command("HPEXPIRE", "h:%d" % i, 200, "FIELDS", len(fields), *fields)
        pipeline.execute()
    assert "subexpiry=" in server.info("keyspace")["db0"]
    wait_until(lambda: server.info_number("stats", "expired_subkeys") == 3000, "all fields are gone", 60)
    assert client.dbsize() == 1000
    assert client.hgetall("h:1") == {b"stays": b"1"}
    assert server.info("keyspace")["db0"].endswith("subexpiry=0")


def test_many_fields_of_one_hash_at_once(client, server):
    count = 20_000
    names = ["field:%d" % i for i in range(count)]
    client.hset("large", mapping={name: "v" for name in names})
    client.hset("large", "stays", "v")
    for start in range(0, count, 1000):
        run(client, "HPEXPIRE", "large", 300, "FIELDS", 1000, *names[start : start + 1000])
    wait_until(lambda: client.hlen("large") == 1, "all that expire are gone", 60)
    assert client.hgetall("large") == {b"stays": b"v"}
    assert server.info_number("stats", "expired_subkeys") == count


def test_hscan_without_values(client, server, h):
    with server.connect() as raw:  # redis-py would make pairs of the names
        names = raw.command("HSCAN", h, 0, "NOVALUES").value[1].value
        assert sorted(name.value for name in names) == [b"a", b"b", b"c"]
        assert raw.command("HSCAN", h, 0, "NOVALUES", "MATCH", "a").value[1].value[0].value == b"a"
    client.sadd("set", "a")
    expect_error(client, "NOVALUES option can only be used in HSCAN", "SSCAN", "set", 0, "NOVALUES")
    expect_error(client, "NOVALUES option can only be used in HSCAN", "SCAN", 0, "NOVALUES")
