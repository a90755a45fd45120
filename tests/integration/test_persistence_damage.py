"""Damaged files: flipped bytes and cuts at every length of small RDB files, append-only files, manifests and bases of
checkpoints. A start is refused with a message that names the file, or the contents are right; nobody ends by a signal,
and nothing is lost in silence. The tools look at all of it, the server at a sample."""

import pathlib
import random
import re
import shutil
import subprocess

import pytest

from support import append_only, rdb, rdb_file
from support.append_only import files, log_of, rewrite
from support.resp import OK
from support.server import oracle_binary, target_binary
from support.waiting import make_seed, wait_until

pytestmark = pytest.mark.tidemark_only

DUMP = "dump.rdb"
STARTS = 40  # of a server, a test
SMALL = (
    ("SET", "text", "some text"),
    ("SET", "number", "12345"),
    ("SET", "long", b"abcabcabd" * 20),
    ("SET", "expiring", "v", "PXAT", "4102444800000"),
    ("RPUSH", "list", "a", "12", "x" * 70),
    ("SADD", "ints", "1", "-5", "70000"),
    ("SADD", "set", "a", "b"),
    ("ZADD", "zset", "1", "a", "2.5", "b"),
    ("HSET", "hash", "f", "v", "n", "-123456789012"),
    ("XADD", "stream", "1-1", "f", "v"),
    ("XGROUP", "CREATE", "stream", "g", "0"),
    ("XREADGROUP", "GROUP", "g", "alice", "STREAMS", "stream", ">"),
)


@pytest.fixture
def rng():
    seed = make_seed()
    print("seed=%d (TIDEMARK_TEST_SEED)" % seed)
    return random.Random(seed)


def run_tool(name, *arguments):
    """Its exit code, which is 0 or 1 whatever the file is, and what it said."""
    program = pathlib.Path(target_binary()).with_name(name)
    run = subprocess.run([str(program), *map(str, arguments)], capture_output=True, timeout=60, check=False)
    said = (run.stdout + run.stderr).decode(errors="replace")
    assert run.returncode in (0, 1), "code %d: %s" % (run.returncode, said)
    return run.returncode, said


def damages(content: bytes, rng):
    """(what was done, the damaged content): each byte with one bit flipped, each shorter length."""
    for at in range(len(content)):
        damaged = bytearray(content)
        damaged[at] ^= 1 << rng.randrange(8)
        yield "byte %d flipped" % at, bytes(damaged)
    for size in range(len(content)):
        yield "cut to %d bytes" % size, content[:size]


def sample(content: bytes, rng, count: int = STARTS):
    every = list(damages(content, rng))
    print("%d of %d damages" % (min(count, len(every)), len(every)))
    return rng.sample(every, min(count, len(every)))


class Start:
    """A start on damaged files: refused (`said` has the message) or not (`server` runs)."""

    def __init__(self, start_server, directory, *, append_only_file: bool, **tier):
        self.server = None
        self.said = ""
        options = {"dir": str(directory), "appendonly": "yes" if append_only_file else "no"}
        try:
            self.server = start_server(options, tier=tier)
            self.said = self.server.log()
        except AssertionError as refused:
            self.said = str(refused)
            assert "ended at start with code 1:" in self.said, self.said

    def digest(self):
        with self.server.connect() as connection:
            return connection.command("DEBUG", "DIGEST").value

    def end(self):
        if self.server is not None:
            self.server.assert_healthy()
            self.server.destroy()


def fill(connection):
    for command in SMALL:
        assert not connection.command(*command).is_error, command


# RDB files.


@pytest.fixture(scope="module")
def snapshot(start_shared_server):
    """A small RDB file with a checksum, and the digest of what it holds."""
    server = start_shared_server({})
    with server.connect() as connection:
        fill(connection)
        assert connection.command("SAVE") == OK
        return (server.directory / DUMP).read_bytes(), connection.command("DEBUG", "DIGEST").value


def test_every_damage_of_a_snapshot(snapshot, tmp_path, rng):
    """The checksum finds each flip, and no cut is taken for a whole file."""
    path = tmp_path / DUMP
    for what, damaged in damages(snapshot[0], rng):
        path.write_bytes(damaged)
        code, said = run_tool("tidemark-check-rdb", path)
        assert code == 1, (what, said)


def test_starts_with_a_damaged_snapshot(start_server, snapshot, tmp_path, rng):
    path = tmp_path / DUMP
    for what, damaged in sample(snapshot[0], rng):
        path.write_bytes(damaged)
        start = Start(start_server, tmp_path, append_only_file=False)
        assert start.server is None, what
        assert str(path) in start.said and "at offset" in start.said, (what, start.said)
        assert path.read_bytes() == damaged


def test_a_snapshot_without_a_checksum(start_server, snapshot, tmp_path, rng):
    """Where nothing tells what the bytes were, anything may be read that is well-formed; nothing ends by a signal."""
    unchecked = snapshot[0][:-8] + bytes(8)
    path = tmp_path / DUMP
    loaded = 0
    for what, damaged in sample(unchecked, rng, 60):
        path.write_bytes(damaged)
        start = Start(start_server, tmp_path, append_only_file=False)
        if start.server is None:
            assert str(path) in start.said and "at offset" in start.said, (what, start.said)
            continue
        loaded += 1
        assert start.digest()
        with start.server.connect() as connection:
            names = [reply.value for reply in connection.command("KEYS", "*").value]
            assert all(connection.command("DUMP", name).value for name in names), what
        start.end()
    print("%d of them were loaded" % loaded)


# Append-only files.

LOG = SMALL + (
    ("MULTI",),
    ("INCR", "number"),
    ("APPEND", "text", "more"),
    ("EXEC",),
    ("SELECT", "3"),
    ("SET", "there", "1"),
    ("DEL", "there"),
    ("SET", "last", "1"),
)
BASE = rdb_file.whole(b"REDIS0010", rdb_file.database(0), rdb_file.key(0, b"base", rdb.string(b"1")))


def test_every_damage_of_a_log(tmp_path, rng):
    """Each cut is found, and where it is; a flip in the form of a command too (in its words nothing tells it)."""
    whole = log_of(*LOG)
    path = tmp_path / "log"
    ends = {0}
    for i in range(len(LOG)):
        ends.add(len(log_of(*LOG[: i + 1])))
    words = set()
    for match in re.finditer(rb"\$(\d+)\r\n", whole):
        words.update(range(match.end(), match.end() + int(match.group(1))))
    for what, damaged in damages(whole, rng):
        path.write_bytes(damaged)
        code, said = run_tool("tidemark-check-aof", path)
        if what.startswith("cut"):
            in_transaction = damaged.rfind(b"MULTI") > damaged.rfind(b"EXEC\r\n")
            assert (code == 0) == (len(damaged) in ends and not in_transaction), (what, said)
        elif int(what.split()[1]) not in words:
            assert code == 1, (what, said)
            assert "ok_up_to=" in said or "not" in said, said


def test_starts_with_a_damaged_log(start_server, tmp_path, rng):
    """A cut in the last file is told and leaves whole commands; of a flip, what runs is what the file says now."""
    whole = log_of(*LOG)
    wanted = {}
    append_only.write(tmp_path, base=BASE, incr=whole)
    path = tmp_path / append_only.FOLDER / "incr"
    for what, damaged in sample(whole, rng, 60):
        path.write_bytes(damaged)
        start = Start(start_server, tmp_path, append_only_file=True)
        if start.server is None:
            assert str(path) in start.said and "offset" in start.said, (what, start.said)
            assert "flipped" in what and path.read_bytes() == damaged
            continue
        left = path.read_bytes()
        cut = "Truncating the AOF %s at offset %d" % (path, len(left))
        assert damaged.startswith(left) and (left == damaged or cut in start.said), (what, start.said)
        # What is left is what the server holds.
        if left not in wanted:
            append_only.write(tmp_path / "model", base=BASE, incr=left)
            model = start_server({"dir": str(tmp_path / "model"), "appendonly": "yes"}, binary=oracle_binary())
            with model.connect() as connection:
                wanted[left] = connection.command("DEBUG", "DIGEST").value
            model.kill()
        assert start.digest() == wanted[left], what
        start.end()


@pytest.mark.parametrize("form", ("rdb", "commands"))
def test_damaged_bases(start_server, tmp_path, rng, snapshot, form):
    """A base that others follow is refused with its name, whatever is wrong with its form, and never cut."""
    base = snapshot[0] if form == "rdb" else log_of(*LOG)
    incr = log_of(("SET", "behind", "1"))
    append_only.write(tmp_path, base=base, incr=incr)
    path = tmp_path / append_only.FOLDER / "base"
    manifest = tmp_path / append_only.FOLDER / append_only.MANIFEST
    ends = {0} | {len(log_of(*LOG[: i + 1])) for i in range(len(LOG))}
    for what, damaged in sample(base, rng, 400):
        path.write_bytes(damaged)
        code, said = run_tool("tidemark-check-aof", manifest)
        # An empty one is well-formed to the tool, as to that of Redis.
        likely = form == "commands" and ("flipped" in what or len(damaged) in ends)
        assert code == 1 or likely or not damaged, (what, said)
    name = "appendonly.aof.1.base." + ("rdb" if form == "rdb" else "aof")
    append_only.write(tmp_path, **{name: base, "incr": incr})
    path = path.with_name(name)
    for what, damaged in sample(base, rng, 25) + [("cut to 0 bytes", b"")]:
        path.write_bytes(damaged)
        start = Start(start_server, tmp_path, append_only_file=True)
        if start.server is None:
            assert str(path) in start.said and "offset" in start.said, (what, start.said)
        else:
            assert form == "commands" and ("flipped" in what or len(damaged) in ends), what
            start.end()
        assert path.read_bytes() == damaged


# Manifests.

MANIFEST = b"file base seq 1 type b\nfile incr seq 1 type i\nfile last seq 2 type i\n"


def test_every_damage_of_a_manifest(start_server, tmp_path, rng):
    """It is refused, or names the same files in the same order, or the files that it leaves out are those that redis-server
    would leave out too: a manifest has no checksum."""
    append_only.write(tmp_path, base=BASE, incr=log_of(("SET", "a", "1")), last=log_of(("SET", "a", "2")))
    path = tmp_path / append_only.FOLDER / append_only.MANIFEST
    for what, damaged in damages(MANIFEST, rng):
        path.write_bytes(damaged)
        code, said = run_tool("tidemark-check-aof", path)
        if what.startswith("cut"):
            # Behind a line's end it is a manifest.
            assert (code == 0) == (damaged.endswith(b"\n") or not damaged), (what, said)
    for what, damaged in sample(MANIFEST, rng, 30):
        path.write_bytes(damaged)
        before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
        start = Start(start_server, tmp_path, append_only_file=True)
        if start.server is None:
            assert append_only.FOLDER in start.said, (what, start.said)
            assert path.read_bytes() == damaged
            continue
        start.end()
        for name, content in before.items():
            if name != append_only.MANIFEST and (path.parent / name).exists():
                assert (path.parent / name).read_bytes() == content, (what, name)


# Checkpoints.


@pytest.fixture(scope="module")
def checkpoint(start_shared_server, tmp_path_factory):
    """A directory with a small checkpoint of cold and hot keys, and its digest."""
    folder = tmp_path_factory.mktemp("checkpoint")
    tier = {"tier-enabled": "yes", "tier-checkpoint": "yes", "maxmemory": "64mb", "tier-dir": str(folder / "tier")}
    server = start_shared_server({"dir": str(folder), "appendonly": "yes"}, tier=tier)
    with server.connect() as connection:
        fill(connection)
        names = ["cold:%d" % i for i in range(8)]
        for name in names:
            connection.command("SET", name, name * 50)
        connection.command("TIER", "SPILL", *names)
        wait_until(lambda: connection.command("TIER", "WHERE", names[-1]).value == b"cold", "they are cold")
        rewrite(server, connection)
        digest = connection.command("DEBUG", "DIGEST").value
    assert server.terminate() == 0
    return folder, digest


def test_damages_of_a_checkpoint(checkpoint, tmp_path, rng):
    """The tool finds each that is tried."""
    copy = tmp_path / "copy"
    shutil.copytree(checkpoint[0], copy)
    base = files(copy)[0]
    content = base.read_bytes()
    assert run_tool("tidemark-check-tier", copy / "tier", "--checkpoint", base)[0] == 0
    for what, damaged in sample(content, rng, 500):
        base.write_bytes(damaged)
        code, said = run_tool("tidemark-check-tier", copy / "tier", "--checkpoint", base)
        assert code == 1, (what, said)


def test_starts_with_a_damaged_checkpoint(start_server, checkpoint, tmp_path, rng):
    """Refused, and nothing of the tier is given up: with the right base everything is there."""
    copy = tmp_path / "copy"
    shutil.copytree(checkpoint[0], copy)
    base = files(copy)[0]
    content = base.read_bytes()
    tier = {"tier-enabled": "yes", "tier-checkpoint": "yes", "maxmemory": "64mb", "tier-dir": str(copy / "tier")}
    places = list(range(content.index(b"tidemark-tier"), content.index(b"tidemark-hash-seed") + 60))
    chosen = sample(content, rng, 50)
    for at in rng.sample(places, 40):
        damaged = bytearray(content)
        damaged[at] ^= 1 << rng.randrange(8)
        chosen.append(("byte %d flipped" % at, bytes(damaged)))
    for what, damaged in chosen:
        base.write_bytes(damaged)
        start = Start(start_server, copy, append_only_file=True, **tier)
        assert start.server is None, (what, start.said)
        assert str(base.parent) in start.said, (what, start.said)
    base.write_bytes(content)
    manifest = copy / append_only.FOLDER / append_only.MANIFEST
    lines = manifest.read_bytes()
    # A start may take an increment for a piece of history, and remove it.
    whole = {path: path.read_bytes() for path in manifest.parent.iterdir()}
    chosen = [(what, damaged) for what, damaged in sample(lines, rng, 60) if not damaged.endswith(b"b\n")]
    for what, damaged in chosen + [("gone", None)]:
        manifest.unlink()
        if damaged is not None:
            manifest.write_bytes(damaged)
        start = Start(start_server, copy, append_only_file=True, **tier)
        if start.server is not None:
            # Numbers may be others.
            assert start.digest() == checkpoint[1], (what, damaged)
        start.end()
        for path, kept in whole.items():
            path.write_bytes(kept)
    base.rename(base.with_name("elsewhere"))
    start = Start(start_server, copy, append_only_file=True, **tier)
    assert start.server is None and str(base) in start.said, start.said
    base.with_name("elsewhere").rename(base)
    start = Start(start_server, copy, append_only_file=True, **tier)
    assert start.server is not None, start.said
    assert start.digest() == checkpoint[1]
    start.end()


def test_commands_that_no_log_has(start_server, tmp_path):
    """Commands that wait, that are of the server or of a client, run by a log: answers are errors at most."""
    odd = [
        ("BLPOP", "none", "0"),
        ("XREAD", "BLOCK", "0", "STREAMS", "none", "$"),
        ("WAIT", "1", "0"),
        ("EXEC",),
        ("DISCARD",),
        ("WATCH", "k"),
        ("UNWATCH",),
        ("QUIT",),
        ("RESET",),
        ("HELLO", "3"),
        ("AUTH", "x"),
        ("SAVE",),
        ("BGSAVE",),
        ("BGREWRITEAOF",),
        ("CONFIG", "SET", "appendonly", "no"),
        ("CONFIG", "RESETSTAT"),
        ("DEBUG", "RELOAD"),
        ("DEBUG", "LOADAOF"),
        ("DEBUG", "SLEEP", "0"),
        ("CLIENT", "KILL", "TYPE", "normal"),
        ("CLIENT", "PAUSE", "1"),
        ("CLIENT", "REPLY", "OFF"),
        ("CLIENT", "NO-EVICT", "ON"),
        ("CLIENT", "TRACKING", "ON"),
        ("MONITOR",),
        ("SUBSCRIBE", "c"),
        ("TIER", "SPILL", "k"),
        ("TIER", "CHECKPOINT"),
        ("LATENCY", "RESET"),
        ("MEMORY", "PURGE"),
    ]
    ended = []
    for command in odd:
        append_only.write(tmp_path, incr=log_of(("SET", "k", "v"), command, ("SET", "last", "v")))
        start = Start(start_server, tmp_path, append_only_file=True)
        if start.server is None:
            ended.append(command[0])
            assert "incr" in start.said and "offset" in start.said, start.said
            continue
        with start.server.connect() as connection:
            assert connection.command("EXISTS", "k", "last").value == 2, command
        start.end()
    print("refused: %s" % ended)
