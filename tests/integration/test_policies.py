"""The eight maxmemory policies: with the tier off they act at maxmemory, with it on when the tier is full.

With the tier off each test runs against redis-server too, which proves that it asserts what Redis does.
"""

import random
import time

import pytest

from support import tier_fields
from support.resp import OK
from support.server import oracle_binary, target_binary
from support.waiting import make_seed, wait_until

POLICIES = [
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
]
ALLKEYS = [policy for policy in POLICIES if policy.startswith("allkeys")]
VOLATILE = [policy for policy in POLICIES if policy.startswith("volatile")]
OOM = b"OOM command not allowed when used memory > 'maxmemory'."

VALUE_BYTES = 1000
ROOM_BYTES = 4 * 1024 * 1024
# Far more than fits into the room.
WRITE_COUNT = 3 * ROOM_BYTES // VALUE_BYTES
BATCH = 50
TTL_S = 100_000

TIER_MAXMEMORY = "16mb"
TIER_MAX_BYTES = 32 * 1024 * 1024
TIER_WRITE_COUNT = 120_000


def value_of(number: int, size: int = VALUE_BYTES) -> bytes:
    return random.Random(number).getrandbits(8 * size).to_bytes(size, "little")


def start_limited(start_server, binary: str, policy: str):
    """A server without tier whose maxmemory is what it uses empty, plus ROOM_BYTES."""
    server = start_server(
        {"maxmemory-policy": policy, "maxmemory-samples": "10"},
        tier={"tier-enabled": "no", "maxmemory": "0"},
        binary=binary,
    )
    limit = server.info_number("memory", "used_memory") + ROOM_BYTES
    assert server.client().config_set("maxmemory", str(limit))
    return server, limit


@pytest.fixture(params=["oracle", "target"])
def binary(request):
    return oracle_binary() if request.param == "oracle" else target_binary()


def write_until_oom(connection, name_format: bytes, count: int, *extra):
    """SETs in small pipelines; returns the numbers acknowledged. After the first refusal it goes no further."""
    written = []
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        replies = connection.pipeline([("SET", name_format % i, value_of(i), *extra) for i in numbers])
        for number, reply in zip(numbers, replies):
            assert reply == OK or reply.value == OOM, reply
            if reply == OK:
                written.append(number)
        if replies[-1].is_error:
            break
    return written


def existing(connection, name_format: bytes, numbers):
    replies = connection.pipeline([("EXISTS", name_format % i) for i in numbers])
    return [number for number, reply in zip(numbers, replies) if reply.value == 1]


def assert_values(connection, name_format: bytes, numbers) -> None:
    for start in range(0, len(numbers), BATCH):
        part = numbers[start : start + BATCH]
        for number, reply in zip(part, connection.pipeline([("GET", name_format % i) for i in part])):
            assert reply.value == value_of(number), "%r came back as %r" % (name_format % number, reply)


def freeze(connection) -> None:
    """Lifts the limit, so that looking at the result evicts nothing more (client buffers count as used memory)."""
    assert connection.command("CONFIG", "SET", "maxmemory", "512mb") == OK


def test_noeviction(start_server, binary):
    """noeviction: writes that need memory are refused, reads and deletes go on, nothing is removed."""
    server, limit = start_limited(start_server, binary, "noeviction")
    with server.connect() as connection:
        written = write_until_oom(connection, b"k:%d", WRITE_COUNT, "EX", TTL_S)
        assert ROOM_BYTES // 3 // VALUE_BYTES < len(written) < WRITE_COUNT
        # Well below what is used, so that the size of some buffer does not decide.
        assert connection.command("CONFIG", "SET", "maxmemory", limit - ROOM_BYTES // 2) == OK
        for command in (
            ("SET", "x", "y"),
            ("APPEND", "x", "y"),
            ("INCR", "n"),
            ("MSET", "a", "b"),
            ("SETRANGE", "x", 0, "y"),
            ("GETSET", "x", "y"),
            ("COPY", "k:1", "x"),
        ):
            assert connection.command(*command).value == OOM, command
        # These do not carry the denyoom flag.
        assert connection.command("EXPIRE", "k:0", 500).value == 1
        assert connection.command("GET", "k:1").value == value_of(1)
        assert connection.command("PING").value == b"PONG"
        assert_values(connection, b"k:%d", written)
        assert connection.command("DBSIZE").value == len(written)
        assert server.info_number("stats", "evicted_keys") == 0
        assert connection.command("DEL", *(b"k:%d" % i for i in written)).value == len(written)
        wait_until(lambda: connection.command("SET", "x", "y") == OK, "deleting made room")


@pytest.mark.parametrize("policy", ALLKEYS)
def test_allkeys(start_server, binary, policy):
    """allkeys-*: every write succeeds, keys make room one by one, used memory stays at the limit."""
    server, limit = start_limited(start_server, binary, policy)
    with server.connect() as connection:
        written = write_until_oom(connection, b"k:%d", WRITE_COUNT)
        assert len(written) == WRITE_COUNT
        used = server.info_number("memory", "used_memory")
        freeze(connection)
        left = existing(connection, b"k:%d", written)
        assert ROOM_BYTES // 3 // VALUE_BYTES < len(left) < WRITE_COUNT
        assert server.info_number("stats", "evicted_keys") == WRITE_COUNT - len(left) > 0
        assert connection.command("DBSIZE").value == len(left)
        assert_values(connection, b"k:%d", left)
        assert used < limit + ROOM_BYTES // 4


@pytest.mark.parametrize("policy", VOLATILE)
def test_volatile(start_server, binary, policy):
    """volatile-*: only keys with a TTL make room; when there is none left, writes are refused."""
    server, limit = start_limited(start_server, binary, policy)
    with server.connect() as connection:
        kept = write_until_oom(connection, b"keep:%d", ROOM_BYTES // 4 // VALUE_BYTES)
        written = write_until_oom(connection, b"ttl:%d", WRITE_COUNT, "EX", TTL_S)
        assert len(written) == WRITE_COUNT
        freeze(connection)
        left = existing(connection, b"ttl:%d", written)
        assert server.info_number("stats", "evicted_keys") == len(written) - len(left) > 0
        assert_values(connection, b"ttl:%d", left)
        assert connection.command("CONFIG", "SET", "maxmemory", limit) == OK
        more = write_until_oom(connection, b"more:%d", WRITE_COUNT)
        assert 0 < len(more) < WRITE_COUNT, "without volatile keys the writes must end in OOM"
        freeze(connection)
        assert existing(connection, b"ttl:%d", written) == []
        assert_values(connection, b"keep:%d", kept)
        assert_values(connection, b"more:%d", more)


def test_volatile_ttl_takes_the_nearest(start_server, binary):
    """volatile-ttl: the keys that would expire first go first."""
    server, _ = start_limited(start_server, binary, "volatile-ttl")
    seed = make_seed()
    print("seed=%d (TIDEMARK_TEST_SEED)" % seed)
    count = ROOM_BYTES // 2 // VALUE_BYTES
    ranks = list(range(count))
    random.Random(seed).shuffle(ranks)
    with server.connect() as connection:
        for number, rank in enumerate(ranks):
            assert connection.command("SET", b"ttl:%d" % number, value_of(number), "EX", TTL_S + 10 * rank) == OK
        added = 0
        while server.info_number("stats", "evicted_keys") < count // 4:
            assert added < WRITE_COUNT
            assert connection.command("SET", b"fill:%d" % added, value_of(added)) == OK
            added += 1
        left = set(existing(connection, b"ttl:%d", range(count)))
        gone_ranks = [rank for number, rank in enumerate(ranks) if number not in left]
        near = sum(rank < count // 2 for rank in gone_ranks)
        assert near >= 0.8 * len(gone_ranks) > 0, "%d of %d evicted keys are of the nearer half" % (
            near,
            len(gone_ranks),
        )


def assert_hot_survive(server, connection, hot, cold) -> None:
    added = 0
    while server.info_number("stats", "evicted_keys") < len(cold) // 2:
        assert added < WRITE_COUNT
        replies = connection.pipeline([("SET", b"fill:%d" % i, value_of(i)) for i in range(added, added + BATCH)])
        assert all(reply == OK for reply in replies)
        added += BATCH
        connection.pipeline([("GET", b"k:%d" % i) for i in hot])
    survivors = existing(connection, b"k:%d", hot)
    cold_left = existing(connection, b"k:%d", cold)
    print("hot left %d of %d, cold left %d of %d" % (len(survivors), len(hot), len(cold_left), len(cold)))
    assert len(survivors) >= 0.9 * len(hot)
    assert len(cold_left) / len(cold) < len(survivors) / len(hot)


def test_lru_keeps_what_is_used(start_server, binary):
    """allkeys-lru: keys read of late survive, keys idle for seconds go."""
    server, _ = start_limited(start_server, binary, "allkeys-lru")
    count = ROOM_BYTES // 2 // VALUE_BYTES
    hot, cold = range(0, count, 10), [i for i in range(count) if i % 10]
    with server.connect() as connection:
        connection.pipeline([("SET", b"k:%d" % i, value_of(i)) for i in range(count)])
        wait_until(
            lambda: connection.command("OBJECT", "IDLETIME", "k:1").value >= 2, "the keys are idle for two seconds"
        )
        connection.pipeline([("GET", b"k:%d" % i) for i in hot])
        assert_hot_survive(server, connection, list(hot), cold)


def test_lfu_keeps_what_is_used_often(start_server, binary):
    """allkeys-lfu: keys read often survive those read once."""
    server, _ = start_limited(start_server, binary, "allkeys-lfu")
    count = ROOM_BYTES // 2 // VALUE_BYTES
    hot, cold = range(0, count, 10), [i for i in range(count) if i % 10]
    with server.connect() as connection:
        connection.pipeline([("SET", b"k:%d" % i, value_of(i)) for i in range(count)])
        for _ in range(60):
            connection.pipeline([("GET", b"k:%d" % i) for i in hot])
        assert connection.command("OBJECT", "FREQ", "k:0").value > connection.command("OBJECT", "FREQ", "k:1").value
        assert_hot_survive(server, connection, list(hot), cold)


# With the tier: the policy acts once RAM and tier are both full.


def start_tiered(start_server, policy: str):
    return start_server(
        {"maxmemory-policy": policy},
        tier={
            "maxmemory": TIER_MAXMEMORY,
            "tier-enabled": "yes",
            "tier-max-size": str(TIER_MAX_BYTES),
            "tier-compression": "no",
        },
    )


def assert_no_damage(server) -> None:
    info = server.info("tiering")
    assert int(info[tier_fields.READ_ERRORS]) == 0 and int(info[tier_fields.CORRUPTIONS]) == 0
    assert int(info[tier_fields.SPILLS]) > 0


@pytest.mark.tidemark_only
def test_full_tier_noeviction(start_server):
    """Tier full, noeviction: OOM error at last; all that was acknowledged before is there; deleting makes room."""
    server = start_tiered(start_server, "noeviction")
    with server.connect() as connection:
        written = write_until_oom(connection, b"k:%d", TIER_WRITE_COUNT)
        assert len(written) < TIER_WRITE_COUNT, "the tier never became full"
        assert len(written) * VALUE_BYTES > TIER_MAX_BYTES // 2, "refused long before the tier is full"
        assert_values(connection, b"k:%d", written)
        assert server.info_number("stats", "evicted_keys") == 0
        assert connection.command("DBSIZE").value == len(written)
        for start in range(0, len(written), 500):
            connection.command("DEL", *(b"k:%d" % i for i in written[start : start + 500]))
        wait_until(lambda: connection.command("SET", "x", "y") == OK, "deleting makes room", 60)
    assert_no_damage(server)


@pytest.mark.tidemark_only
@pytest.mark.parametrize("policy", ALLKEYS)
def test_full_tier_allkeys(start_server, policy):
    """Tier full, allkeys-*: writes go on, keys are evicted wherever they live, those left are whole."""
    server = start_tiered(start_server, policy)
    with server.connect() as connection:
        written = write_until_oom(connection, b"k:%d", TIER_WRITE_COUNT)
        assert len(written) == TIER_WRITE_COUNT
        freeze(connection)
        left = existing(connection, b"k:%d", written)
        assert server.info_number("stats", "evicted_keys") == len(written) - len(left) > 0
        print("%d of %d keys left" % (len(left), len(written)))
        assert len(left) * VALUE_BYTES > TIER_MAX_BYTES // 2, "evicted long before the tier is full"
        assert_values(connection, b"k:%d", left)
    assert_no_damage(server)


@pytest.mark.tidemark_only
@pytest.mark.parametrize("policy", VOLATILE)
def test_full_tier_volatile(start_server, policy):
    """Tier full, volatile-*: only keys with a TTL go, and without them writes are refused."""
    server = start_tiered(start_server, policy)
    with server.connect() as connection:
        kept = write_until_oom(connection, b"keep:%d", TIER_MAX_BYTES // 3 // VALUE_BYTES)
        volatile = write_until_oom(connection, b"ttl:%d", TIER_WRITE_COUNT // 2, "EX", TTL_S)
        more = write_until_oom(connection, b"more:%d", TIER_WRITE_COUNT)
        assert len(more) < TIER_WRITE_COUNT, "without volatile keys the writes must end in OOM"
        freeze(connection)
        left = existing(connection, b"ttl:%d", volatile)
        assert server.info_number("stats", "evicted_keys") == len(volatile) - len(left) > 0
        assert_values(connection, b"keep:%d", kept)
        assert_values(connection, b"more:%d", more)
        assert_values(connection, b"ttl:%d", left)
    assert_no_damage(server)


@pytest.mark.parametrize("policy", POLICIES)
def test_policy_may_change_while_running(start_server, binary, policy):
    """CONFIG SET takes each of the eight names and GET gives it back."""
    server = start_server(tier={"tier-enabled": "no", "maxmemory": "0"}, binary=binary)
    with server.connect() as connection:
        assert connection.command("CONFIG", "SET", "maxmemory-policy", policy.upper()) == OK
        assert connection.command("CONFIG", "GET", "maxmemory-policy").value[1].value == policy.encode()
        assert server.info("memory")["maxmemory_policy"] == policy


def test_lower_limit_evicts_at_once(start_server, binary):
    """Lowering maxmemory below what is used makes an allkeys policy remove keys until it fits."""
    server, limit = start_limited(start_server, binary, "allkeys-random")
    with server.connect() as connection:
        count = ROOM_BYTES // 2 // VALUE_BYTES
        connection.pipeline([("SET", b"k:%d" % i, value_of(i)) for i in range(count)])
        assert connection.command("DBSIZE").value == count
        assert connection.command("CONFIG", "SET", "maxmemory", limit - ROOM_BYTES * 3 // 4) == OK
        deadline = time.monotonic() + 20
        while connection.command("DBSIZE").value > count * 3 // 4:
            assert time.monotonic() < deadline, "the new limit is not kept"
            assert connection.command("SET", "trigger", "x") == OK
        assert server.info_number("stats", "evicted_keys") > 0
