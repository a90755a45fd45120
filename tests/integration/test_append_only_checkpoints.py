"""The append-only file of a server whose RAM is far too small: rewrites and restarts of every form keep within the limit
and give the same data set; checkpoints are small, give back what they held, and are lost by no wrong start."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from support import append_only
from support.append_only import files, kill_once_written, manifest, persistence, refusal, rewrite
from support.datasets import FAR_MS, fill_databases
from support.memory_watch import MemoryWatch, rss_limit
from support.resp import OK, Reply
from support.server import is_sanitized, target_binary
from support.waiting import wait_until

pytestmark = pytest.mark.tidemark_only

MAXMEMORY = 16 << 20
TIER = {
    "tier-enabled": "yes",
    "tier-min-value-size": "64",
    "tier-compression": "no",
    "tier-segment-size": "16mb",
    "maxmemory": str(MAXMEMORY),
}
CHECKPOINT = ".base.checkpoint"


@pytest.fixture
def folder(tmp_path):
    """A directory that outlives servers, with the files of the tier beside the others."""
    path = tmp_path / "data"
    path.mkdir()
    return path


def start(start_server, folder, form="checkpoint", **more):
    options = {
        "dir": str(folder),
        "appendonly": "yes",
        "aof-use-rdb-preamble": "no" if form == "commands" else "yes",
        "auto-aof-rewrite-percentage": "0",
    }
    tier = {**TIER, "tier-dir": str(folder / "tier"), "tier-checkpoint": "yes" if form == "checkpoint" else "no", **more}
    return start_server(options, tier=tier, wait=lambda reply: True)


def wait_loaded(server) -> None:
    wait_until(lambda: persistence(server)["loading"] == "0", "everything is loaded", 60)


def digest(connection):
    return connection.command("DEBUG", "DIGEST").value


def cold_keys(server) -> int:
    return server.info_number("tiering", "tier_cold_keys")


def fill(connection, begin: int, end: int) -> None:
    for at in range(begin, end, 1000):
        numbers = range(at, min(at + 1000, end))
        commands = [("SET", b"key:%d" % i, b"%d:" % i + os.urandom(1000)) for i in numbers]
        # Some of them with an expiry, some of them no strings.
        commands += [("PEXPIREAT", b"key:%d" % i, FAR_MS + i) for i in numbers if i % 10 == 0]
        commands += [("HSET", b"hash:%d" % i, "f", os.urandom(300), "g", b"%d" % i) for i in numbers if i % 20 == 0]
        commands += [("SET", b"page:%d" % i, os.urandom(4096)) for i in numbers if i % 25 == 0]  # whole blocks of flash
        assert not [reply for reply in connection.pipeline(commands) if reply.is_error]


def check_tier(folder):
    tool = pathlib.Path(target_binary()).with_name("tidemark-check-tier")
    base = files(folder)[0]
    line = [str(tool), str(folder / "tier"), "--checkpoint", str(base)]
    run = subprocess.run(line, capture_output=True, timeout=60, check=False)
    return run.returncode, run.stdout.decode() + run.stderr.decode()


def check_aof(folder):
    tool = pathlib.Path(target_binary()).with_name("tidemark-check-aof")
    line = [str(tool), str(folder / append_only.FOLDER / append_only.MANIFEST)]
    run = subprocess.run(line, capture_output=True, timeout=60, check=False)
    return run.returncode, run.stdout.decode() + run.stderr.decode()


# Within the limit.


@pytest.mark.parametrize("form", ("rdb", "commands", "checkpoint"))
def test_rewrite_and_restart_with_little_ram(start_server, folder, form):
    """Four times as much as RAM holds: filling, a rewrite under writes, and a restart stay within the limit."""
    server = start(start_server, folder, form)
    with MemoryWatch(server) as watch, server.connect() as connection:
        fill_databases(connection)
        fill(connection, 0, 60_000)
        assert cold_keys(server) > 40_000
        assert connection.command("BGREWRITEAOF").kind == "+"
        fill(connection, 50_000, 62_000)
        connection.command("DEL", *[b"key:%d" % i for i in range(0, 60_000, 7)])
        append_only.wait_rewritten(server)
        assert persistence(server)["aof_last_bgrewrite_status"] == "ok", server.log()[-2000:]
        assert files(folder)[0].name.endswith({"rdb": ".rdb", "commands": ".aof", "checkpoint": CHECKPOINT}[form])
        before = digest(connection)
    limit = rss_limit(MAXMEMORY)
    if not is_sanitized(target_binary()):
        watch.assert_below(limit)
    kill_once_written(server)
    assert check_aof(folder)[0] == 0, check_aof(folder)
    server.start_again()
    with MemoryWatch(server) as watch, server.connect() as connection:
        wait_loaded(server)
        assert digest(connection) == before
        assert cold_keys(server) > 30_000
    if not is_sanitized(target_binary()):
        watch.assert_below(limit)


# Checkpoints: what they take, and what they give back.


def test_a_checkpoint_is_small(start_server, folder):
    """What is in RAM, and 80 bytes for each cold key at most; other servers' tools see a plain manifest."""
    server = start(start_server, folder)
    with server.connect() as connection:
        fill(connection, 0, 40_000)
        cold = cold_keys(server)
        rewrite(server, connection)
        base, increment = files(folder)
        assert base.name.endswith(CHECKPOINT) and increment.stat().st_size == 0
        assert base.stat().st_size < server.info_number("memory", "used_memory") + 80 * cold
        assert connection.command("TIER", "CHECKPOINT") == Reply("+", b"Checkpoint started")
        append_only.wait_rewritten(server)
        before = digest(connection)
    assert server.terminate() == 0
    code, said = check_tier(folder)
    assert code == 0 and "undamaged" in said, said
    code, said = check_aof(folder)
    assert code == 0 and "All AOF files and manifest are valid" in said, said
    server.start_again()
    with server.connect() as connection:
        wait_loaded(server)
        # Nothing was read for it.
        assert server.info_number("tiering", "tier_reads") == 0 and cold_keys(server) > 20_000
        assert connection.command("PEXPIRETIME", "key:10").value == FAR_MS + 10
        assert digest(connection) == before


def test_the_next_checkpoint_gives_space_back(start_server, folder):
    """What only the last one held; and after restarts nothing piles up."""
    server = start(start_server, folder)
    with server.connect() as connection:
        fill(connection, 0, 40_000)
        rewrite(server, connection)
        full = server.info_number("tiering", "tier_disk_bytes")
        assert connection.command("DEL", *[b"key:%d" % i for i in range(35_000)]).value == 35_000
        connection.command("DEL", *[b"page:%d" % i for i in range(0, 35_000, 25)])
        connection.command("TIER", "COMPACT")
        assert server.info_number("tiering", "tier_disk_bytes") > 0.7 * full
        rewrite(server, connection)
        connection.command("TIER", "COMPACT")

        def given_back() -> bool:
            rewrite(server, connection)
            return server.info_number("tiering", "tier_disk_bytes") < 0.6 * full

        wait_until(given_back, "space is given back by the checkpoint after the cleaning")
        sizes = []
        for _ in range(3):
            before = digest(connection)
            kill_once_written(server)
            server.start_again()
            connection = server.connect()
            wait_loaded(server)
            assert digest(connection) == before
            rewrite(server, connection)
            sizes.append(sum(path.stat().st_size for path in (folder / "tier").iterdir()))
        assert max(sizes) < 0.8 * full, (sizes, full)


def test_switched_off(start_server, folder):
    """The next base holds everything, the start after it begins with an empty tier, and back."""
    server = start(start_server, folder)
    with server.connect() as connection:
        fill(connection, 0, 30_000)
        rewrite(server, connection)
        assert connection.command("CONFIG", "SET", "tier-checkpoint", "no") == OK
        rewrite(server, connection)
        assert files(folder)[0].name.endswith(".base.rdb") and files(folder)[0].stat().st_size > 25_000_000
        before = digest(connection)
        refused = connection.command("TIER", "CHECKPOINT")
        assert refused.is_error and b"tier-checkpoint yes" in refused.value
        kept = {path.name for path in (folder / "tier").glob("*.segment")}
    server._tier["tier-checkpoint"] = "no"
    kill_once_written(server)
    server.start_again()
    with server.connect() as connection:
        wait_loaded(server)
        assert digest(connection) == before
        assert kept and kept.isdisjoint(path.name for path in (folder / "tier").glob("*.segment"))
        assert connection.command("CONFIG", "SET", "tier-checkpoint", "yes") == OK
        rewrite(server, connection)
        assert files(folder)[0].name.endswith(CHECKPOINT)
    server._tier["tier-checkpoint"] = "yes"
    kill_once_written(server)
    server.start_again()
    with server.connect() as connection:
        wait_loaded(server)
        assert digest(connection) == before


def test_flush_and_off(start_server, folder):
    """FLUSHALL and CONFIG SET appendonly no behind a checkpoint; the space is given back, and what comes later is kept."""
    server = start(start_server, folder)
    with server.connect() as connection:
        fill(connection, 0, 30_000)
        rewrite(server, connection)
        full = server.info_number("tiering", "tier_disk_bytes")
        refused = connection.command("DEBUG", "LOADAOF")
        assert refused.is_error and b"checkpoint" in refused.value
        assert connection.command("FLUSHALL") == OK
        connection.command("SET", "k", "v")
        kill_once_written(server)
        server.start_again()
    with server.connect() as connection:
        wait_loaded(server)
        assert [reply.value for reply in connection.command("KEYS", "*").value] == [b"k"]
        rewrite(server, connection)
        wait_until(lambda: server.info_number("tiering", "tier_disk_bytes") < full / 2, "space is given back")
        fill(connection, 0, 20_000)
        before = digest(connection)
        for value in ("no", "yes"):
            assert connection.command("CONFIG", "SET", "appendonly", value) == OK
        append_only.wait_rewritten(server)
        wait_until(lambda: server.log().count("rewrite finished successfully") == 2, "the first base")
        kill_once_written(server)
        server.start_again()
    with server.connect() as connection:
        wait_loaded(server)
        assert digest(connection) == before


# Starts that cannot use a checkpoint.


@pytest.fixture(scope="module")
def kept(start_shared_server, tmp_path_factory):
    """A directory with a checkpoint as a killed server leaves it, and the digest of the data set."""
    folder = tmp_path_factory.mktemp("kept")
    server = start(start_shared_server, folder)
    with server.connect() as connection:
        fill(connection, 0, 30_000)
        rewrite(server, connection)
        fill(connection, 29_000, 31_000)
        found = digest(connection)
    kill_once_written(server)
    return folder, found


@pytest.fixture
def copy(kept, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(kept[0], folder)
    return folder


def start_is_right(start_server, copy, wanted) -> None:
    server = start(start_server, copy)
    with server.connect() as connection:
        wait_loaded(server)
        assert digest(connection) == wanted


ENABLED = ("--tier-enabled", "yes", "--maxmemory", str(MAXMEMORY), "--tier-segment-size", "16mb")


@pytest.mark.parametrize(
    "options, message",
    [
        ((*ENABLED, "--appendonly", "no"), "Starting with appendonly no would throw them away"),
        ((), "Start with tier-enabled yes, tier-engine valuelog"),
        ((*ENABLED, "--tier-engine", "rocksdb"), "Start with tier-enabled yes, tier-engine valuelog"),
        ((*ENABLED, "--tier-dir", "{elsewhere}"), "segment"),
    ],
    ids=["appendonly no", "tier off", "rocksdb", "another directory"],
)
def test_starts_without_the_tier(start_server, kept, copy, options, message):
    """They are refused, say what is needed, and lose nothing."""
    elsewhere = copy / "elsewhere"
    said = refusal(copy, *[option.format(elsewhere=elsewhere) for option in options])
    assert message in said, said
    start_is_right(start_server, copy, kept[1])


@pytest.mark.parametrize("engine", ["valuelog", "rocksdb"])
def test_a_start_that_knows_of_no_checkpoint(start_server, kept, copy, tmp_path, engine):
    """With another `dir` there is no manifest, and nothing is known of what the tier holds: it is left alone."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    enabled = (*ENABLED, "--tier-engine", engine, "--tier-dir", str(copy / "tier"))
    said = refusal(elsewhere, *enabled, "--appendonly", "yes")
    note = copy / "tier" / "TIDEMARK_CHECKPOINT"
    assert str(note) in said and note.read_text() in said, said
    start_is_right(start_server, copy, kept[1])


def live_segment(copy):
    """One that the checkpoint needs."""
    return copy / "tier" / re.findall(r"\[live\] (\S+\.segment)", check_tier(copy)[1])[1]


def test_a_tier_that_is_lost(start_server, kept, copy):
    """Refused; when it is back everything is there."""
    (copy / "tier").rename(copy / "moved")
    said = refusal(copy, *ENABLED)
    assert "segment" in said, said
    shutil.rmtree(copy / "tier", ignore_errors=True)
    (copy / "moved").rename(copy / "tier")
    start_is_right(start_server, copy, kept[1])


@pytest.mark.parametrize("how", ("missing", "cut"))
def test_a_segment_that_is_not_there(start_server, kept, copy, how):
    """A start without it names it and changes nothing; with it everything is there."""
    path = live_segment(copy)
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(content[: len(content) // 2])
    code, said = check_tier(copy)
    assert code == 1 and path.name in said, said
    others = {other: other.read_bytes() for other in (copy / "tier").iterdir()}
    said = refusal(copy, *ENABLED)
    assert path.name in said, said
    assert {other: other.read_bytes() for other in others if other.exists()} == others
    path.write_bytes(content)
    start_is_right(start_server, copy, kept[1])


def test_a_flipped_byte_in_a_segment(start_server, kept, copy):
    """Its key answers an error, all others their values; the tool names it. Once mended everything is there."""
    path = live_segment(copy)
    content = bytearray(path.read_bytes())
    lengths = rb"[\xec-\xee]\x03\x00\x00"
    record = rb"\x02\x00.." + 2 * lengths + rb".{12}\d{4,5}:"  # tiering/valuelog/FORMAT.md
    found = [match.end() for match in re.finditer(record, bytes(content), re.DOTALL)]
    at = found[len(found) // 2] + 200
    content[at] ^= 0x20
    path.write_bytes(content)
    code, said = check_tier(copy)
    assert code == 1 and path.name in said, said
    server = start(start_server, copy)
    with server.connect() as connection:
        wait_loaded(server)
        names = [b"key:%d" % i for i in range(31_000)]
        wrong = []
        for begin in range(0, len(names), 1000):
            replies = connection.pipeline([("GET", name) for name in names[begin : begin + 1000]])
            for name, reply in zip(names[begin:], replies):
                if reply.is_error:
                    assert b"'%s'" % name in reply.value, reply
                    wrong.append(name)
                else:
                    assert reply.value.startswith(name[4:] + b":") and len(reply.value) == len(name) - 3 + 1000, name
        assert len(wrong) == 1, wrong
    kill_once_written(server)
    content[at] ^= 0x20
    path.write_bytes(content)
    start_is_right(start_server, copy, kept[1])


def test_a_damaged_base(kept, copy):
    """A flipped byte in the description of the tier, in the seed, in a locator, in a value: refused, never wrong."""
    base = files(copy)[0]
    content = base.read_bytes()
    places = [content.index(b"tidemark-tier") + 20, content.index(b"tidemark-hash-seed") + 30, len(content) // 2, len(content) - 4]
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= 0x11
        base.write_bytes(damaged)
        said = refusal(copy, *ENABLED)
        assert str(base.parent) in said, said
        code, said = check_tier(copy)
        assert code == 1, said
    base.write_bytes(content[: len(content) // 2])
    said = refusal(copy, *ENABLED)
    assert str(base) in said and "the data ends before it should" in said, said
    assert manifest(copy)[0].name == base.name
