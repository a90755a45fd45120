"""No space where the append-only file is: writes are refused and say why, reads go on, and what was acknowledged is there
when there is space again."""

import os

import pytest

from support import append_only
from support.append_only import kill_once_written, persistence, rewrite
from support.file_systems import small_file_system
from support.resp import OK, ConnectionClosed
from support.waiting import wait_until

pytestmark = [
    pytest.mark.tidemark_only,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system"),
]

MISCONF = b"MISCONF Errors writing to the AOF file: No space left on device"
FULL = "Error writing to the AOF file"


def write_until_refused(connection, acknowledged, first: int) -> int:
    """SETs and INCRs until one is refused; returns the number of that one."""
    for number in range(first, first + 100_000):
        key, value = b"k:%d" % (number % 500), os.urandom(3000)
        reply = connection.command("SET", key, value)
        if reply.is_error:
            assert reply.value == MISCONF, reply
            return number
        acknowledged[key] = value
    raise AssertionError("it never became full")


def holds(connection, acknowledged) -> None:
    names = list(acknowledged)
    replies = connection.pipeline([("GET", name) for name in names])
    wrong = [name for name, reply in zip(names, replies) if reply.value != acknowledged[name]]
    assert not wrong, wrong[:5]


def is_all_there_after_a_kill(server, acknowledged) -> None:
    kill_once_written(server)
    server.start_again()
    with server.connect() as connection:
        holds(connection, acknowledged)
        assert connection.command("DBSIZE").value == len(acknowledged)
    assert server.terminate() == 0


@pytest.mark.parametrize("sync", ("everysec", "no"))
def test_full_and_free_again(start_server, sync):
    with small_file_system(16) as where:
        filler = where / "filler"
        filler.write_bytes(bytes(8 << 20))
        server = start_server({"dir": str(where), "appendonly": "yes", "appendfsync": sync, "auto-aof-rewrite-percentage": "0"})
        acknowledged = {}
        with server.connect() as connection:
            number = write_until_refused(connection, acknowledged, 0)
            assert FULL in server.log() and "No space left on device" in server.log()
            assert persistence(server)["aof_last_write_status"] == "err"
            holds(connection, acknowledged)
            assert connection.command("PING").value == MISCONF
            assert connection.command("DEL", "k:1").value == MISCONF
            connection.command("MULTI")
            assert connection.command("SET", "k:1", "v").value == MISCONF
            assert connection.command("EXEC").value.startswith(b"EXECABORT")
            # A rewrite cannot help: it says so and leaves nothing behind.
            assert connection.command("BGREWRITEAOF").is_error
            assert not list((where / append_only.FOLDER).glob("temp-*"))
            filler.unlink()
            wait_until(lambda: connection.command("SET", "again", "1") == OK, "there is room again")
            assert "AOF write error looks solved" in server.log()
            assert persistence(server)["aof_last_write_status"] == "ok"
            acknowledged[b"again"] = b"1"
            for i in range(20):
                assert connection.command("SET", "more:%d" % i, "v" * 100) == OK
                acknowledged[b"more:%d" % i] = b"v" * 100
        assert number > 2000
        kill_once_written(server)
        server.start_again()
        with server.connect() as connection:
            holds(connection, acknowledged)
            assert connection.command("DBSIZE").value == len(acknowledged)
            rewrite(server, connection)
        assert server.terminate() == 0


def test_a_killed_server_without_space(start_server):
    """What was acknowledged before the first failure is there; the file ends in a whole command."""
    with small_file_system(8) as where:
        server = start_server({"dir": str(where), "appendonly": "yes", "appendfsync": "no", "auto-aof-rewrite-percentage": "0"})
        acknowledged = {}
        with server.connect() as connection:
            write_until_refused(connection, acknowledged, 0)
            # The one whose appending failed was acknowledged, and is in memory only.
            assert int(persistence(server)["aof_buffer_length"]) < 10_000
        server.kill()
        server.start_again()
        with server.connect() as connection:
            assert "short read" not in server.log()
            found = {name: connection.command("GET", name).value for name in acknowledged}
            assert len([name for name in found if found[name] != acknowledged[name]]) <= 1
        assert server.terminate() == 0


def test_always_ends_the_server(start_server):
    """What was acknowledged is in the file, and clients are told nothing that is not."""
    with small_file_system(8) as where:
        options = {"dir": str(where), "appendonly": "yes", "appendfsync": "always", "auto-aof-rewrite-percentage": "0"}
        server = start_server(options)
        acknowledged = {}
        with pytest.raises((ConnectionClosed, ConnectionError)):
            with server.connect() as connection:
                write_until_refused(connection, acknowledged, 0)
        assert server.process.wait(10) == 1
        assert "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting..." in server.log()
        assert len(acknowledged) == 500
        server.start_again()
        with server.connect() as connection:
            found = {name: connection.command("GET", name).value for name in acknowledged}
            # Of the last command nobody knows.
            assert len([name for name in found if found[name] != acknowledged[name]]) <= 1
        server.kill()


@pytest.mark.parametrize("form", ("yes", "no"))
def test_a_rewrite_without_space(start_server, form):
    """The base does not fit: no temporary file is left, the old ones stay, INFO says err; with space it works."""
    with small_file_system(16) as where:
        options = {"dir": str(where), "appendonly": "yes", "auto-aof-rewrite-percentage": "0", "aof-use-rdb-preamble": form}
        server = start_server({**options, "rdbcompression": "no"})
        acknowledged = {}
        with server.connect() as connection:
            for i in range(3000):
                acknowledged[b"k:%d" % i] = value = os.urandom(3000)
                assert connection.command("SET", b"k:%d" % i, value) == OK
            before = append_only.manifest(where)
            assert connection.command("BGREWRITEAOF").kind == "+"
            append_only.wait_rewritten(server)
            figures = persistence(server)
            assert (figures["aof_last_bgrewrite_status"], figures["aof_last_write_status"]) == ("err", "ok"), server.log()
            assert "Write error writing append only file on disk: No space left on device" in server.log()
            assert not list((where / append_only.FOLDER).glob("temp-*"))
            after = append_only.manifest(where)
            assert after[:-1] == before and after[-1].kind == "i"
            assert {path.name for path in (where / append_only.FOLDER).iterdir()} == {f.name for f in after} | {
                append_only.MANIFEST
            }
            for i in range(0, 3000, 2):
                del acknowledged[b"k:%d" % i]
                assert connection.command("DEL", b"k:%d" % i).value == 1
            holds(connection, acknowledged)
            rewrite(server, connection)
        is_all_there_after_a_kill(server, acknowledged)


def test_a_full_tier_beside_the_files(start_server, tmp_path):
    """The tier's file system is full, the append-only file's is not: nothing acknowledged is lost, checkpoint or not."""
    with small_file_system(64) as where:
        tier = {
            "tier-enabled": "yes",
            "tier-dir": str(where / "tier"),
            "tier-segment-size": "16mb",
            "tier-checkpoint": "yes",
            "tier-compression": "no",
            "maxmemory": "24mb",
        }
        options = {"dir": str(tmp_path), "appendonly": "yes", "auto-aof-rewrite-percentage": "0"}
        server = start_server(options, tier=tier)
        acknowledged = {}

        def fill(begin: int, end: int) -> bool:
            """Until a write is refused; whether one was."""
            for i in range(begin, end):
                key, value = b"k:%d" % i, os.urandom(2000)
                reply = connection.command("SET", key, value)
                if reply.is_error:
                    assert reply.value.startswith(b"OOM"), reply
                    return True
                acknowledged[key] = value
            return False

        with server.connect() as connection:
            assert not fill(0, 15_000)
            rewrite(server, connection)
            assert fill(0, 60_000), "it never became full"
            wait_until(lambda: server.info_number("tiering", "tier_full") == 1, "the tier is full", timeout=30)
            connection.command("BGREWRITEAOF")
            append_only.wait_rewritten(server)
            holds(connection, acknowledged)
        is_all_there_after_a_kill(server, acknowledged)


@pytest.mark.parametrize("first", (False, True))
def test_a_manifest_that_cannot_be_written(start_server, tmp_path, first):
    """When a base is ready, but not the manifest that is to name it: the old files stay in force, and the next one works."""
    options = {"dir": str(tmp_path), "appendonly": "no" if first else "yes", "rdb-key-save-delay": "2000"}
    server = start_server(options)
    obstacle = tmp_path / append_only.FOLDER / ("temp-" + append_only.MANIFEST)
    acknowledged = {}
    with server.connect() as connection:

        def write(begin: int) -> None:
            commands = [("SET", b"k:%d" % i, b"%d" % begin) for i in range(begin, begin + 100)] + [("INCR", "count")]
            assert not [reply for reply in connection.pipeline(commands) if reply.is_error]
            acknowledged.update({b"k:%d" % i: b"%d" % begin for i in range(begin, begin + 100)})

        write(0)
        if first:
            assert connection.command("CONFIG", "SET", "appendonly", "yes") == OK
        else:
            assert connection.command("BGREWRITEAOF").kind == "+"
        wait_until(lambda: persistence(server)["aof_rewrite_in_progress"] == "1", "the base begins")
        obstacle.mkdir()
        write(50)
        wait_until(lambda: "Fail to write the AOF manifest" in server.log(), "the manifest cannot be written")
        assert persistence(server)["aof_last_bgrewrite_status"] == "err"
        write(100)
        obstacle.rmdir()
        if not first:
            kill_once_written(server)
            server.start_again()
    with server.connect() as connection:
        assert connection.command("GET", "count").value == b"3"
        if first:
            # It is tried again by itself.
            wait_until(lambda: "rewrite finished successfully" in server.log(), "the first base is there", 20)
        else:
            rewrite(server, connection)
        connection.command("INCR", "count")
    kill_once_written(server)
    server._given["appendonly"] = "yes"
    server.start_again()
    with server.connect() as connection:
        holds(connection, acknowledged)
        assert connection.command("GET", "count").value == b"4"
        assert not list(obstacle.parent.glob("temp-*"))
