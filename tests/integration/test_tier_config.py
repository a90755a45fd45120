"""CONFIG SET of the tier's directives while the server runs, with both engines: each shows its effect at once; what is set
at start only answers Redis' error."""

import random
import time

import pytest

from support import tier_fields
from support.resp import OK, Reply
from support.waiting import wait_until

pytestmark = pytest.mark.tidemark_only

MB = 1 << 20
OOM = b"OOM command not allowed when used memory > 'maxmemory'."


@pytest.fixture(params=["valuelog", "rocksdb"])
def engine(request):
    return request.param


@pytest.fixture
def server(start_server, engine):
    return start_server(
        tier={"tier-enabled": "yes", "tier-engine": engine, "tier-segment-size": "16mb", "maxmemory": "24mb"}
    )


@pytest.fixture
def connection(server):
    with server.connect() as connection:
        yield connection


def config_set(connection, *words) -> None:
    assert connection.command("CONFIG", "SET", *words) == OK, words


def value_of(number: int, size: int) -> bytes:
    return random.Random(number).getrandbits(8 * size).to_bytes(size, "little")


def where(connection, key) -> bytes:
    return connection.command("TIER", "WHERE", key).value


def spill(connection, key) -> None:
    assert connection.command("TIER", "SPILL", key) == Reply(":", 1)
    wait_until(lambda: where(connection, key) == tier_fields.COLD, "%r is cold" % key)


def write(connection, numbers, size=4000) -> int:
    """SETs incompressible values in pipelines; how many were taken before the first refusal."""
    taken = 0
    numbers = list(numbers)
    for start in range(0, len(numbers), 50):
        replies = connection.pipeline([("SET", b"k:%d" % n, value_of(n, size)) for n in numbers[start : start + 50]])
        for reply in replies:
            if reply.is_error:
                assert reply.value == OOM, reply
                return taken
            taken += 1
    return taken


def test_max_size(server, connection):
    """A limit set at run time holds; raised, the tier takes more; lowered, it shrinks when there is less to keep."""
    assert write(connection, range(8000)) == 8000
    config_set(connection, "tier-max-size", str(64 * MB))
    assert server.info_number("tiering", "tier_max_bytes") == 64 * MB
    taken = write(connection, range(8000, 40_000))
    assert taken < 32_000, "the limit stops the writers"
    assert server.info_number("tiering", tier_fields.DISK_BYTES) <= 64 * MB + 4 * MB
    wait_until(lambda: "Flash tier: full, tier-max-size (64.00M) is reached" in server.log(), "the log says so")
    config_set(connection, "tier-max-size", str(160 * MB))
    more = range(40_000, 46_000)
    for number in more:
        wait_until(
            lambda: connection.command("SET", b"k:%d" % number, value_of(number, 4000)) == OK, "there is room", timeout=30
        )
    wait_until(lambda: "Flash tier: has room again" in server.log(), "the log says so", timeout=30)
    assert server.info_number("tiering", tier_fields.DISK_BYTES) > 64 * MB
    config_set(connection, "tier-max-size", str(48 * MB))
    # What is there stays readable.
    for number in random.Random(3).sample(range(8000), 300):
        assert connection.command("GET", b"k:%d" % number) == Reply("$", value_of(number, 4000))
    for start in range(0, 46_000, 1000):
        connection.command("DEL", *(b"k:%d" % n for n in range(start, start + 1000) if n % 8 != 0))
    connection.command("TIER", "COMPACT")
    wait_until(
        lambda: server.info_number("tiering", tier_fields.DISK_BYTES) <= 48 * MB, "it has shrunk below", timeout=60
    )
    wait_until(
        lambda: connection.command("SET", "again", value_of(1, 4000)) == OK, "the server takes values again", timeout=30
    )


def test_write_budget(server, connection):
    """Under a budget little is written each second, though writers push; without it they go on at full speed."""
    write(connection, range(8000))
    config_set(connection, "tier-write-budget", str(4 * MB))
    time_before = time.monotonic()
    written_before = server.info_number("tiering", tier_fields.HOST_BYTES_WRITTEN)
    assert write(connection, range(8000, 15_000)) == 7000
    took_s = time.monotonic() - time_before
    written = server.info_number("tiering", tier_fields.HOST_BYTES_WRITTEN) - written_before
    # What was saved up in a second, and what was under way or in RocksDB's memory, comes on top.
    assert written <= 4 * MB * (took_s + 1) + 16 * MB, (written, took_s)
    assert took_s > 1.5, "7000 values of 4 KB are 28 MB"
    config_set(connection, "tier-write-budget", "0")
    assert write(connection, range(15_000, 23_000)) == 8000
    written = server.info_number("tiering", tier_fields.HOST_BYTES_WRITTEN) - written_before
    assert written > 20 * MB
    assert "tier-write-budget (4.00M per second) is reached" in server.log()


def test_compression(server, connection):
    compressed = lambda: server.info_number("tiering", "tier_compressed_records")
    for turn, (setting, grows) in enumerate((("yes", True), ("no", False), ("yes", True))):
        config_set(connection, "tier-compression", setting)
        before = compressed()
        connection.command("SET", b"z:%d" % turn, b"abcd" * 1000)
        spill(connection, b"z:%d" % turn)
        assert (compressed() > before) == grows, setting
    for turn in range(3):
        assert connection.command("GET", b"z:%d" % turn) == Reply("$", b"abcd" * 1000)


def test_max_record(connection):
    connection.command("SET", "large", value_of(1, 5000))
    config_set(connection, "tier-max-record", "4096")
    assert connection.command("TIER", "SPILL", "large") == Reply(":", 0)
    config_set(connection, "tier-max-record", "8192")
    spill(connection, "large")


def test_min_value_size(server, connection):
    """Values below it stay in RAM, so the memory is soon full; lowered, they go to flash."""
    config_set(connection, "tier-min-value-size", "10000")
    assert write(connection, range(40_000), 2000) < 40_000
    assert server.info_number("tiering", tier_fields.COLD_KEYS) == 0
    config_set(connection, "tier-min-value-size", "64")
    wait_until(lambda: server.info_number("tiering", tier_fields.COLD_KEYS) > 0, "values are spilled")
    wait_until(lambda: write(connection, range(40_000, 45_000), 2000) == 5000, "there is room", timeout=30)


def test_spill_watermark(server, connection):
    assert write(connection, range(3000)) == 3000
    assert server.info_number("tiering", tier_fields.COLD_KEYS) == 0, "12 MB of 24 are below 85%"
    config_set(connection, "tier-spill-watermark", "30")
    wait_until(lambda: server.info_number("tiering", tier_fields.COLD_KEYS) > 500, "values are spilled")
    config_set(connection, "tier-spill-watermark", "85")
    wait_until(lambda: server.info_number("tiering", "tier_writes_in_flight") == 0, "what was begun is done")
    cold = server.info_number("tiering", tier_fields.COLD_KEYS)
    assert write(connection, range(3000, 3500)) == 500
    # A turn of the event loop may have had its next slice of work chosen before.
    assert server.info_number("tiering", tier_fields.COLD_KEYS) <= cold + 100


def test_promote(server, connection):
    """While RAM is short: never, a value read stays on flash however often; always, it stays in RAM at once."""
    assert write(connection, range(12_000)) == 12_000
    # What the server takes empty is more than the watermark: RAM is short whatever is spilled.
    config_set(connection, "tier-promote", "never", "maxmemory", str(12 * MB), "tier-spill-watermark", "10")
    cold = range(50)
    wait_until(lambda: all(where(connection, b"k:%d" % n) == tier_fields.COLD for n in cold), "values are spilled")
    for _ in range(3):
        for number in cold:
            assert connection.command("GET", b"k:%d" % number) == Reply("$", value_of(number, 4000))
    assert all(where(connection, b"k:%d" % n) == tier_fields.COLD for n in cold)
    config_set(connection, "tier-promote", "always")
    promotions = server.info_number("tiering", tier_fields.PROMOTIONS)
    for number in cold:
        connection.command("GET", b"k:%d" % number)
    assert server.info_number("tiering", tier_fields.PROMOTIONS) == promotions + 50


def test_maxmemory_and_policy(server, connection):
    """Lowered, maxmemory sends values to flash; a full tier then does what the policy of the moment says."""
    assert write(connection, range(4000)) == 4000
    config_set(connection, "maxmemory", str(12 * MB))
    wait_until(lambda: server.info_number("tiering", tier_fields.COLD_KEYS) > 1500, "values are spilled")
    wait_until(lambda: server.info_number("memory", "used_memory") <= 12 * MB, "RAM is within the limit")
    config_set(connection, "tier-max-size", str(32 * MB))
    assert write(connection, range(4000, 30_000)) < 26_000
    config_set(connection, "maxmemory-policy", "allkeys-lru")
    wait_until(lambda: write(connection, range(30_000, 32_000)) == 2000, "keys are evicted for new ones", timeout=60)
    assert server.info_number("stats", "evicted_keys") > 0
    config_set(connection, "maxmemory-policy", "noeviction", "maxmemory", str(64 * MB))
    assert write(connection, range(32_000, 34_000)) == 2000


def test_what_is_set_at_start_only(connection):
    for name, value in (
        ("tier-enabled", "no"),
        ("tier-dir", "/tmp"),
        ("tier-engine", "rocksdb"),
        ("tier-io", "threads"),
        ("tier-io-threads", "4"),
        ("tier-segment-size", "32mb"),
    ):
        expected = "ERR CONFIG SET failed (possibly related to argument '%s') - can't set immutable config" % name
        assert connection.command("CONFIG", "SET", name, value) == Reply("-", expected.encode()), name


def test_a_refused_change_changes_nothing(server, connection):
    """CONFIG SET of several directives is all or nothing, for the store as well."""
    reply = connection.command("CONFIG", "SET", "tier-max-size", str(40 * MB), "tier-promote", "sometimes")
    assert reply.is_error
    assert server.info_number("tiering", "tier_max_bytes") == 0
    config_set(connection, "tier-max-size", str(40 * MB), "tier-promote", "never")
    assert server.info_number("tiering", "tier_max_bytes") == 40 * MB


def test_directives_of_the_old_virtual_memory(start_server):
    """They are taken for those of the tier, each with a line in the log."""
    server = start_server(
        tier={"maxmemory": "64mb"},
        config="vm-enabled yes\nvm-swap-file /tmp/never-used.swap\nvm-max-memory 0\nvm-page-size 4096\nvm-pages 16384\n"
        "vm-max-threads 3\n",
    )
    for line in (
        "'vm-enabled' of the old virtual memory is taken as: tier-enabled yes",
        "'vm-swap-file' of the old virtual memory is taken as: tier-dir /tmp/never-used.swap.tier",
        "'vm-max-memory' of the old virtual memory is left out",
        "'vm-page-size' of the old virtual memory is left out",
        "'vm-pages' of the old virtual memory is taken as: tier-max-size 67108864",
        "'vm-max-threads' of the old virtual memory is taken as: tier-io-threads 3",
    ):
        assert line in server.log(), server.log()
    info = server.info("tiering")
    assert info["tier_enabled"] == "1" and info["tier_max_bytes"] == str(64 * MB)
