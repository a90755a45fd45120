"""Faults under a running server: io_uring refused, a full file system, a flipped bit on flash, a device that fails or
does not answer. Each is an error for exactly the keys concerned, a line in the log, a counter, and service for the
rest."""

import contextlib
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading

import pytest

from support import tier_fields
from support.file_systems import small_file_system
from support.resp import OK, Reply
from support.waiting import wait_until

pytestmark = pytest.mark.tidemark_only

ENGINES = ["valuelog", "rocksdb"]
REFUSE_IO_URING = [sys.executable, "-B", str(pathlib.Path(__file__).parents[1] / "support" / "without_io_uring.py")]
OOM = b"OOM command not allowed when used memory > 'maxmemory'."


def value_of(number: int, size: int) -> bytes:
    return random.Random(number).getrandbits(8 * size).to_bytes(size, "little")


def spill(connection, key) -> None:
    assert connection.command("TIER", "SPILL", key) == Reply(":", 1)
    wait_until(lambda: connection.command("TIER", "WHERE", key).value == tier_fields.COLD, "%r is cold" % key)


def test_without_io_uring_threads_do_the_work(start_server):
    """Where the kernel refuses io_uring the log says so, and values go to flash and come back all the same."""
    server = start_server(tier={"tier-enabled": "yes", "maxmemory": "64mb"}, launcher=REFUSE_IO_URING)
    assert "io_uring is refused here (io_uring: Operation not permitted)" in server.log()
    assert "engine valuelog on threads" in server.log()
    with server.connect() as connection:
        for i in range(100):
            assert connection.command("SET", b"k:%d" % i, value_of(i, 1000)) == OK
            spill(connection, b"k:%d" % i)
        replies = connection.pipeline([("GET", b"k:%d" % i) for i in range(100)])
        assert [reply.value for reply in replies] == [value_of(i, 1000) for i in range(100)]
    assert server.info_number("tiering", tier_fields.READ_ERRORS) == 0


def test_io_uring_asked_for_and_refused(start_server):
    """Who asks for io_uring by name gets no server without it, but what to do."""
    with pytest.raises(AssertionError, match="tier-io uring: .*Set tier-io to threads or auto"):
        start_server(tier={"tier-enabled": "yes", "tier-io": "uring"}, launcher=REFUSE_IO_URING)


def write_until_refused(connection, numbers):
    """SETs of incompressible values; those acknowledged before the first refusal."""
    written = []
    for number in numbers:
        reply = connection.command("SET", b"k:%d" % number, value_of(number, 4000))
        if reply.is_error:
            assert reply.value == OOM, reply
            return written
        written.append(number)
    raise AssertionError("%d values fitted" % len(written))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
@pytest.mark.parametrize("engine", ENGINES)
def test_full_file_system(start_server, engine):
    """A file system without space stops the spill, which the log and INFO tell; with space it goes on."""
    with small_file_system(96) as where:
        filler = where / "filler"
        filler.write_bytes(bytes(48 << 20))
        server = start_server(
            tier={
                "tier-enabled": "yes",
                "tier-engine": engine,
                "tier-dir": str(where / "tier"),
                "tier-segment-size": "16mb",
                "maxmemory": "24mb",
            }
        )
        with server.connect() as connection:
            written = write_until_refused(connection, range(100_000))
            wait_until(lambda: server.info_number("tiering", "tier_full") == 1, "the tier is full", timeout=30)
            wait_until(lambda: "Flash tier: full, the device has no space left" in server.log(), "the log says so")
            for number in random.Random(1).sample(written, 1000):
                assert connection.command("GET", b"k:%d" % number) == Reply("$", value_of(number, 4000)), number
            filler.unlink()
            wait_until(
                lambda: connection.command("SET", "again", value_of(0, 4000)) == OK, "there is room again", timeout=30
            )
            more = range(len(written), len(written) + 2000)
            for number in more:
                wait_until(
                    lambda: connection.command("SET", b"k:%d" % number, value_of(number, 4000)) == OK,
                    "k:%d is taken" % number,
                    timeout=30,
                )
            wait_until(lambda: "Flash tier: has room again" in server.log(), "the log says so", timeout=30)
            for number in random.Random(2).sample(written, 500) + list(more):
                assert connection.command("GET", b"k:%d" % number) == Reply("$", value_of(number, 4000)), number
        # What the full state was said to be is one line, however long it lasted and however many writes it refused.
        assert server.log().count("Flash tier: full") <= 3, server.log()
        assert server.terminate() == 0


def flip_a_bit(directory: pathlib.Path, marker: bytes) -> bool:
    """In the first file that holds these bytes; false if none does."""
    for path in sorted(directory.iterdir()):
        try:
            offset = path.read_bytes().find(marker)
        except (FileNotFoundError, IsADirectoryError):
            continue
        if offset < 0:
            continue
        with open(path, "r+b") as file:
            file.seek(offset + 5)
            byte = file.read(1)[0]
            file.seek(offset + 5)
            file.write(bytes([byte ^ 0x10]))
            file.flush()
            os.fsync(file.fileno())
        return True
    return False


@pytest.mark.parametrize("engine", ENGINES)
def test_a_flipped_bit(start_server, engine):
    """The command that needs the damaged value says which key it is; other keys, and this one written anew, are served."""
    server = start_server(
        tier={"tier-enabled": "yes", "tier-engine": engine, "tier-compression": "no", "maxmemory": "64mb"}
    )
    damaged = 37
    with server.connect() as connection:
        for i in range(100):
            connection.command("SET", b"k:%d" % i, value_of(i, 1000))
            spill(connection, b"k:%d" % i)
        if engine == "rocksdb":
            # Moves what is in memory to files.
            connection.command("TIER", "COMPACT")
        marker = value_of(damaged, 1000)[100:132]
        errors = []

        def is_damaged():
            """RocksDB may have put another copy into another file meanwhile."""
            flip_a_bit(server.directory / "tier", marker)
            reply = connection.command("GET", b"k:%d" % damaged)
            if reply.is_error:
                errors.append(reply)
            else:
                spill(connection, b"k:%d" % damaged)
            return reply.is_error

        wait_until(is_damaged, "the damage is met")
        assert b"'k:%d'" % damaged in errors[0].value, errors
        for i in range(100):
            if i != damaged:
                assert connection.command("GET", b"k:%d" % i) == Reply("$", value_of(i, 1000)), i
        assert server.info_number("tiering", tier_fields.CORRUPTIONS) == 1
        lines = [line for line in server.log().splitlines() if "'k:%d'" % damaged in line]
        assert len(lines) == 1, server.log()
        replies = connection.pipeline([("MGET", "k:1", b"k:%d" % damaged, "k:2"), ("EXISTS", b"k:%d" % damaged)])
        assert replies[0].is_error and b"'k:%d'" % damaged in replies[0].value
        assert replies[1] == Reply(":", 1)
        assert connection.command("SET", b"k:%d" % damaged, "new") == OK
        assert connection.command("GET", b"k:%d" % damaged) == Reply("$", b"new")


def test_a_device_that_fails(start_server):
    """Reads that fail are errors that name their keys; the log has a line when it begins, some of the keys, and a line when
    it is over. (A file cut short is read as EIO.)"""
    server = start_server(
        tier={
            "tier-enabled": "yes",
            "tier-engine": "valuelog",
            "tier-compression": "no",
            "tier-segment-size": "16mb",
            "maxmemory": "64mb",
        }
    )
    lost, kept = [b"lost:%d" % i for i in range(500)], [b"kept:%d" % i for i in range(500)]
    with server.connect() as connection:
        for names in (lost, kept):
            connection.pipeline([("SET", name, name * 200) for name in names])
            connection.command("TIER", "SPILL", *names)
            wait_until(lambda: connection.command("TIER", "WHERE", names[-1]).value == tier_fields.COLD, "it is cold")
            if names is lost:
                # Those behind the first are made ahead.
                segment = min((server.directory / "tier").glob("*.segment"))
                # What is written after the filler begins a segment of its own, as those of a small tier are no larger.
                assert segment.stat().st_size <= 16 << 20
                filler = [b"filler:%d" % i for i in range(16)]
                connection.pipeline([("SET", name, bytes(1_020_000)) for name in filler])
                connection.command("TIER", "SPILL", *filler)
                wait_until(lambda: connection.command("TIER", "WHERE", filler[-1]).value == tier_fields.COLD, "full")
        os.truncate(segment, 0)
        replies = connection.pipeline([("GET", name) for name in lost])
        for name, reply in zip(lost, replies):
            assert reply.is_error and b"'%s'" % name in reply.value, reply
        replies = connection.pipeline([("GET", name) for name in kept])
        assert [reply.value for reply in replies] == [name * 200 for name in kept]
        assert server.info_number("tiering", tier_fields.READ_ERRORS) == 500
        wait_until(lambda: server.info_number("tiering", "tier_device_failing") == 1, "INFO tells of it")
        begun = "Flash tier: reading from the flash device failed: Input/output error"
        wait_until(lambda: begun in server.log(), "the log tells of it")
        wait_until(lambda: "more values could not be read" in server.log(), "and counts the rest")
        assert server.log().count("'lost:") < 100
        assert connection.command("DEL", *lost) == Reply(":", 500)
        wait_until(lambda: "Flash tier: no error of the device for" in server.log(), "it is over", timeout=20)
        assert server.info_number("tiering", "tier_device_failing") == 0
        assert server.log().count(begun) == 1


@contextlib.contextmanager
def freezable_file_system(megabytes: int):
    """An ext4 of its own in a file; skips the test where it cannot be mounted."""
    with tempfile.TemporaryDirectory(prefix="tidemark-frozen-") as home:
        image, where = pathlib.Path(home) / "image", pathlib.Path(home) / "mounted"
        with open(image, "wb") as file:
            file.truncate(megabytes << 20)
        where.mkdir()
        for command in (["mkfs.ext4", "-q", "-F", str(image)], ["mount", "-o", "loop", str(image), str(where)]):
            try:
                done = subprocess.run(command, capture_output=True, text=True)
            except FileNotFoundError as missing:
                pytest.skip("there is no %s here" % missing.filename)
            if done.returncode != 0:
                pytest.skip("cannot mount an ext4 of our own here: " + done.stderr.strip())
        try:
            yield where
        finally:
            subprocess.run(["umount", "--lazy", str(where)], check=True)


@contextlib.contextmanager
def frozen(where: pathlib.Path):
    """Writes to this file system wait until the end of the block."""
    done = subprocess.run(["fsfreeze", "--freeze", str(where)], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("cannot freeze a file system here: " + done.stderr.strip())
    try:
        yield
    finally:
        subprocess.run(["fsfreeze", "--unfreeze", str(where)], check=True)


@contextlib.contextmanager
def server_to_freeze(start_server, io: str, maxmemory: str = "64mb"):
    """A server whose tier can be frozen: where that is, and the server."""
    with freezable_file_system(256) as where:
        tier = {"tier-enabled": "yes", "tier-dir": str(where / "tier"), "tier-io": io, "maxmemory": maxmemory}
        yield where, start_server(tier=tier)


@contextlib.contextmanager
def hanging_writes(where, server, connection):
    """Names of values, of which the first is cold, and those of the others hang on their way to flash."""
    names = [b"k:%d" % i for i in range(500)]
    connection.pipeline([("SET", name, name * 200) for name in names])
    spill(connection, names[0])
    with frozen(where):
        assert connection.command("TIER", "SPILL", *names[1:]) == Reply(":", 499)
        wait_until(lambda: "Flash tier: stalled, a write has been under way" in server.log(), "the log tells of it")
        yield names


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount and freeze a file system")
@pytest.mark.parametrize("io", ["uring", "threads"])
def test_a_device_that_stops_answering(start_server, io):
    """While writes hang for seconds everybody else is served; the log tells of it, and when it is over."""
    with server_to_freeze(start_server, io) as (where, server):
        with server.connect() as connection:
            with hanging_writes(where, server, connection) as names:
                assert server.info_number("tiering", "tier_device_stalled") == 1
                assert connection.command("TIER", "WHERE", names[1]).value == tier_fields.SPILLING
                replies = connection.pipeline([("GET", name) for name in names[1:]])
                assert [reply.value for reply in replies] == [name * 200 for name in names[1:]]
                assert connection.command("SET", names[1], "new") == OK
            wait_until(lambda: "Flash tier: answers again" in server.log(), "the log tells of it")
            wait_until(lambda: connection.command("TIER", "WHERE", names[2]).value == tier_fields.COLD, "it is written")
            expected = [names[0] * 200, b"new"] + [name * 200 for name in names[2:]]
            assert [reply.value for reply in connection.pipeline([("GET", name) for name in names])] == expected
        assert server.info_number("tiering", "tier_device_stalled") == 0
        assert server.terminate() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount and freeze a file system")
@pytest.mark.parametrize("io", ["uring", "threads"])
def test_a_device_that_makes_no_files(start_server, io):
    """While there is no file for what comes next, writers wait and everybody else is served."""
    with server_to_freeze(start_server, io, "32mb") as (where, server):
        with server.connect() as connection, server.connect() as writer:
            names = [b"k:%d" % i for i in range(60_000)]
            commands = [("SET", name, (name * 200)[:1000]) for name in names]
            # Not much is left of the first segment.
            connection.pipeline(commands[:1600])
            connection.command("TIER", "SPILL", *names[:1600])
            for name in names[:1600]:
                wait_until(lambda: connection.command("TIER", "WHERE", name).value == tier_fields.COLD, "it is cold")
            wait_until(lambda: len(list((where / "tier").glob("*.segment"))) > 1, "files are made ahead")
            replies = []
            thread = threading.Thread(target=lambda: replies.extend(writer.pipeline(commands)), daemon=True)
            with frozen(where):
                thread.start()
                wait_until(lambda: server.info_number("tiering", "tier_delayed_commands") > 0, "writers wait", 30)
                assert connection.command("PING") == Reply("+", b"PONG")
                assert connection.command("GET", names[0]) == Reply("$", commands[0][2])
            thread.join()
            assert replies == [OK] * len(names)
            found = connection.pipeline([("GET", name) for name in names])
            assert [reply.value for reply in found] == [value for _, _, value in commands]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount and freeze a file system")
@pytest.mark.parametrize("io", ["uring", "threads"])
def test_a_save_waits_for_a_device_that_does_not_answer(start_server, io):
    """BGSAVE and BGREWRITEAOF while writes hang are put off, and nobody is held up; they begin when it is over."""
    with server_to_freeze(start_server, io) as (where, server):
        with server.connect() as connection, hanging_writes(where, server, connection):
            assert connection.command("BGSAVE") == Reply("+", b"Background saving scheduled")
            rewriting = Reply("+", b"Background append only file rewriting scheduled")
            assert connection.command("BGREWRITEAOF") == rewriting
            assert server.log().count("The flash tier does not answer: saving in the background begins") == 1
            assert server.info_number("persistence", "rdb_bgsave_in_progress") == 0
            assert server.info_number("persistence", "aof_rewrite_scheduled") == 1
        wait_until(lambda: server.info_number("persistence", "rdb_saves") == 1, "the snapshot is made")
        assert server.log().count("Background append only file rewriting started") == 1
        assert server.terminate() == 0
