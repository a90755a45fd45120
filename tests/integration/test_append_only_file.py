"""The append-only file of a server: its files move both ways between Tidemark and redis-server, every acknowledged
command survives, rewrites come when they should, and what is torn or missing is refused or cut as the directives say."""

import os
import re
import signal
import time

import pytest

from support import append_only, rdb, rdb_file
from support.append_only import (
    commands_of,
    files,
    kill_once_written,
    log_of,
    manifest,
    persistence,
    refusal,
    rewrite,
    wait_rewritten,
)
from support.crash_writer import CrashWriter, read_state
from support.datasets import FAR_MS, contents, fill_databases
from support.resp import OK, Reply
from support.server import is_tidemark, oracle_binary, target_binary
from support.waiting import wait_until

pytestmark = pytest.mark.tidemark_only

BOTH_WAYS = ((target_binary(), oracle_binary()), (oracle_binary(), target_binary()))
LIBRARY = "#!lua name=%s\nredis.register_function('%s', function() return 1 end)"


@pytest.fixture
def folder(tmp_path):
    """A directory that outlives servers."""
    path = tmp_path / "data"
    path.mkdir()
    return path


def change_much(connection) -> None:
    """Commands of many kinds behind a base, in several databases."""
    commands = [
        ("APPEND", "string:long", b"\r\n*1\r\n"),
        ("SET", "string:text", b"\r\n*1\r\n"),
        ("SETRANGE", "string:long", "5", "x"),
        ("INCRBYFLOAT", "float", "1.5"),
        ("SET", "expiring", "v", "EX", "100000"),
        ("GETEX", "string:big", "PXAT", FAR_MS),
        ("PERSIST", "list:large"),
        ("LPOP", "list:small", "2"),
        ("SPOP", "set:large", "3"),
        ("ZPOPMIN", "zset:large", "3"),
        ("ZADD", "zset:small", "GT", "5", "a"),
        ("HDEL", "hash:small", "f"),
        ("HINCRBYFLOAT", "hash:small", "n", "0.5"),
        ("XADD", "stream:plain", "*", "f", "v"),
        ("XREADGROUP", "GROUP", "g", "carol", "COUNT", "2", "STREAMS", "stream:groups", ">"),
        ("PFADD", "hll", "more"),
        ("SETBIT", "bits", "1000", "1"),
        ("GEOADD", "geo", "13.36", "38.11", "Palermo"),
        ("RENAME", "hash:long", "renamed"),
        ("COPY", "set:ints", "set:ints", "DB", "9"),
        ("MOVE", "float", "8"),
        ("DEL", "string:empty"),
        ("SELECT", "5"),
        ("FLUSHDB",),
        ("SELECT", "6"),
        ("MULTI",),
        ("SET", "a", "1"),
        ("INCR", "a"),
        ("EXEC",),
        ("SELECT", "0"),
    ]
    for command, reply in zip(commands, connection.pipeline(commands)):
        assert not reply.is_error, (command, reply)


def restart(server) -> None:
    assert server.terminate() == 0
    server.start_again()


def restart_killed(server) -> None:
    kill_once_written(server)
    server.start_again()


# Both ways.


@pytest.mark.parametrize("preamble", ("yes", "no"))
@pytest.mark.parametrize("source,target", BOTH_WAYS)
def test_files_move_both_ways(start_server, folder, source, target, preamble):
    """All types and encodings, expiries and sixteen databases in the base, commands of many kinds behind it."""
    options = {"dir": str(folder), "appendonly": "yes", "aof-use-rdb-preamble": preamble}

    def written_by(binary, fill) -> dict:
        server = start_server(options, binary=binary)
        with server.connect() as connection:
            fill(server, connection)
            wanted = contents(connection)
        assert server.terminate() == 0
        return wanted

    def begin(server, connection):
        fill_databases(connection)
        if not is_tidemark(source):
            for name in ("one", "two", "three"):
                assert connection.command("FUNCTION", "LOAD", LIBRARY % (name, name)).value == name.encode()
        rewrite(server, connection)
        change_much(connection)
        if not is_tidemark(source):
            payload = connection.command("FUNCTION", "DUMP").value
            commands = [
                ("FUNCTION", "DELETE", "two"),
                ("FUNCTION", "LOAD", "REPLACE", LIBRARY.replace("1", "7") % ("three", "three")),
                ("FUNCTION", "LOAD", LIBRARY % ("four", "four")),
                ("FUNCTION", "FLUSH"),
                ("FUNCTION", "RESTORE", payload),
                ("FUNCTION", "DELETE", "two"),
                ("FUNCTION", "LOAD", "REPLACE", LIBRARY.replace("1", "7") % ("three", "three")),
            ]
            assert not [reply for reply in connection.pipeline(commands) if reply.is_error]

    def go_on(server, connection):
        assert contents(connection) == wanted
        rewrite(server, connection)
        # Behind the rewritten base: what was there cannot be changed the same way twice.
        connection.pipeline([("RENAME", "renamed", "hash:long"), ("SET", "string:empty", ""), ("DEL", "float")])

    wanted = written_by(source, begin)
    wanted = written_by(target, go_on)
    last = start_server(options, binary=source)
    with last.connect() as connection:
        assert contents(connection) == wanted
        if not is_tidemark(source):
            found = [connection.command("FCALL", name, 0).value for name in ("one", "three")]
            assert found == [1, 7] and len(connection.command("FUNCTION", "LIST").value) == 2


@pytest.mark.parametrize("interrupted", (False, True))
@pytest.mark.parametrize("preamble", ("yes", "no"))
def test_the_single_file_of_older_servers(start_server, tmp_path, preamble, interrupted):
    """It is taken over as redis-server does, also when that was interrupted behind the manifest."""
    server = start_server({"appendonly": "yes", "aof-use-rdb-preamble": preamble}, binary=oracle_binary())
    with server.connect() as connection:
        fill_databases(connection)
        rewrite(server, connection)
        change_much(connection)
        wanted = contents(connection)
    assert server.terminate() == 0
    single = b"".join(path.read_bytes() for path in files(server.directory))
    manifests = []
    for name, binary in (("theirs", oracle_binary()), ("ours", target_binary())):
        folder = tmp_path / name
        folder.mkdir()
        if interrupted:
            append_only.write(folder, base=b"")
            (folder / append_only.FOLDER / "base").unlink()
            text = "file appendonly.aof seq 1 type b\n"
            (folder / append_only.FOLDER / append_only.MANIFEST).write_text(text)
        (folder / append_only.NAME).write_bytes(single)
        options = {"dir": str(folder), "appendonly": "yes"}
        again = start_server(options, binary=binary)
        with again.connect() as connection:
            assert contents(connection) == wanted
            assert connection.command("SET", "behind", "it") == OK
        assert not (folder / append_only.NAME).exists()
        manifests.append(manifest(folder))
        restart(again)
        with again.connect() as connection:
            assert connection.command("GET", "behind").value == b"it"
            rewrite(again, connection)
        wait_until(lambda: len(list((folder / append_only.FOLDER).iterdir())) == 3, "the old files are deleted")
    assert manifests[0] == manifests[1]


# On, off, and from what was there before.


def test_turned_on_under_writes(start_server, folder, rng):
    """From the first base on nothing acknowledged is missing; off and on again begins anew."""
    server = start_server({"dir": str(folder), "appendfsync": "always"})
    with server.connect() as connection:
        fill_databases(connection)
        fixed = contents(connection)
    states = [{}, {}]
    for turn in range(2):
        writers = [CrashWriter(server, b"w%d" % i, rng.randrange(1 << 32), states[i]) for i in range(2)]
        for writer in writers:
            writer.start()
        with server.connect() as connection:
            if turn == 1:
                assert connection.command("CONFIG", "SET", "appendonly", "no") == OK
                assert persistence(server)["aof_enabled"] == "0"
                before = writers[0].acknowledged
                wait_until(lambda: writers[0].acknowledged > before + 100, "something is written meanwhile")
            assert connection.command("CONFIG", "SET", "appendonly", "yes") == OK
        assert persistence(server)["aof_enabled"] == "1"
        wait_until(lambda: (folder / append_only.FOLDER / append_only.MANIFEST).exists(), "the first manifest")
        wait_until(lambda: "rewrite finished successfully" in server.log(), "the first base")
        wait_rewritten(server)
        before = [writer.acknowledged for writer in writers]
        wait_until(lambda: all(w.acknowledged > b + 200 for w, b in zip(writers, before)), "writes behind it")
        server.kill()
        server._given["appendonly"] = "yes"
        server.start_again()
        with server.connect() as connection:
            for i, writer in enumerate(writers):
                writer.join()
                assert writer.failure is None, writer.failure
                states[i] = read_state(connection, writer.prefix + b":")
                assert writer.explain(states[i], 0) is None, writer.explain(states[i], 0)
            found = contents(connection)
        assert {name: found[name] for name in fixed} == fixed
        assert [file.kind for file in manifest(folder)] == ["b", "i"]
        assert not [p for p in (folder / append_only.FOLDER).iterdir() if p.name.startswith("temp-")]


def test_where_only_a_snapshot_is(start_server, folder):
    """The first start with appendonly yes takes over what was kept as a snapshot so far."""
    server = start_server({"dir": str(folder)})
    with server.connect() as connection:
        fill_databases(connection)
        wanted = contents(connection)
        assert connection.command("SAVE") == OK
    assert server.terminate() == 0
    server = start_server({"dir": str(folder), "appendonly": "yes"})
    with server.connect() as connection:
        assert contents(connection) == wanted
        assert connection.command("SET", "k", "v") == OK
    (folder / "dump.rdb").unlink()
    restart_killed(server)
    with server.connect() as connection:
        assert connection.command("GET", "k").value == b"v"
        connection.command("DEL", "k")
        assert contents(connection) == wanted


# The stream.


def test_what_is_in_the_files(start_server, folder):
    """SELECT begins each file, MULTI and EXEC are kept, time stamps stand once a second, and a rewrite in the form of
    commands begins with one."""
    options = {"dir": str(folder), "appendonly": "yes", "aof-timestamp-enabled": "yes", "aof-use-rdb-preamble": "no"}
    server = start_server(options)
    began = int(time.time())
    with server.connect() as connection:
        connection.pipeline([("SET", "a", "1"), ("GET", "a"), ("SELECT", "3"), ("MULTI",), ("SET", "b", "1"), ("INCR", "b"), ("EXEC",)])
        (increment,) = files(folder, "i")
        text = increment.read_bytes()
        assert began <= int(re.match(rb"#TS:(\d+)\r\n\*2", text).group(1)) <= time.time()
        assert commands_of(text) == [
            (b"SELECT", b"0"),
            (b"SET", b"a", b"1"),
            (b"MULTI",),
            (b"SELECT", b"3"),
            (b"SET", b"b", b"1"),
            (b"INCR", b"b"),
            (b"EXEC",),
        ]
        rewrite(server, connection)
        connection.command("SET", "c", "1")
        base, increment = files(folder)
        assert re.match(rb"#TS:\d+\r\n\*2\r\n\$6\r\nSELECT", base.read_bytes())
        assert commands_of(increment.read_bytes()) == [(b"SELECT", b"3"), (b"SET", b"c", b"1")]
    restart_killed(server)
    with server.connect() as connection:
        connection.command("SELECT", "3")
        connection.command("SET", "d", "1")
        assert connection.command("DBSIZE").value == 3
        assert commands_of(increment.read_bytes())[-2:] == [(b"SELECT", b"3"), (b"SET", b"d", b"1")]


def test_expiry(start_server, folder):
    """What expires is a DEL in the stream; what has not keeps its time; what does so while nobody runs is gone."""
    server = start_server({"dir": str(folder), "appendonly": "yes"})
    with server.connect() as connection:
        connection.command("SET", "soon", "v", "PX", "30")
        wait_until(lambda: connection.command("DBSIZE").value == 0, "it expires")
        (increment,) = files(folder, "i")
        wait_until(lambda: commands_of(increment.read_bytes())[-1] == (b"DEL", b"soon"), "that is logged")
        connection.command("SET", "kept", "v", "PXAT", FAR_MS + 7)
        connection.command("HSET", "hash", "f", "v", "g", "w", "h", "x")
        connection.command("HPEXPIREAT", "hash", FAR_MS, "FIELDS", "1", "f")
        connection.command("HPEXPIRE", "hash", "30", "FIELDS", "1", "h")
        wait_until(lambda: commands_of(increment.read_bytes())[-1] == (b"HDEL", b"hash", b"h"), "the field expires")
        connection.command("SET", "meanwhile", "v", "PX", "400")
        connection.command("SADD", "meanwhile too", "v")
        connection.command("PEXPIRE", "meanwhile too", "400")
        connection.command("HPEXPIRE", "hash", "400", "FIELDS", "1", "g")
        late = time.time() + 0.4
    kill_once_written(server)
    wait_until(lambda: time.time() > late, "that time comes")
    for how in (server.start_again, lambda: restart(server)):
        how()
        with server.connect() as connection:
            assert connection.command("EXISTS", "meanwhile", "meanwhile too", "soon").value == 0
            assert connection.command("HGET", "hash", "g").value is None
            assert connection.command("PEXPIRETIME", "kept").value == FAR_MS + 7
            assert connection.command("HPEXPIRETIME", "hash", "FIELDS", "1", "f").value[0].value == FAR_MS
            wait_until(lambda: connection.command("DBSIZE").value == 2, "only these are left")
            wait_until(lambda: connection.command("HLEN", "hash").value == 1, "and that field")
    removed = {words[1] for words in commands_of(increment.read_bytes()) if words[0] == b"DEL"}
    assert removed == {b"soon", b"meanwhile", b"meanwhile too"}


def test_eviction(start_server, folder):
    """Who was evicted does not come back."""
    tier = {"tier-enabled": "no", "maxmemory": "8mb", "maxmemory-policy": "allkeys-random"}
    server = start_server({"dir": str(folder), "appendonly": "yes"}, tier=tier)
    with server.connect() as connection:
        for begin in range(0, 20_000, 1000):
            connection.pipeline([("SET", "k:%d" % i, "v" * 1000) for i in range(begin, begin + 1000)])
        # Or more may go while it is looked at.
        assert connection.command("CONFIG", "SET", "maxmemory", "0") == OK
        left = connection.command("DEBUG", "DIGEST").value
        count = connection.command("DBSIZE").value
        assert 1000 < count < 10_000
    kill_once_written(server)
    server._tier["maxmemory"] = "0"
    server.start_again()
    with server.connect() as connection:
        assert connection.command("DBSIZE").value == count
        assert connection.command("DEBUG", "DIGEST").value == left


# Rewrites.


def test_rewrites_by_growth(start_server):
    server = start_server({"appendonly": "yes", "auto-aof-rewrite-min-size": "100kb", "auto-aof-rewrite-percentage": "50"})
    with server.connect() as connection:
        connection.command("SET", "k", "v" * 50_000)
        assert persistence(server)["aof_rewrites"] == "0"
        for expected in (1, 2):
            connection.pipeline([("SET", "k", "v" * 50_000)] * 5)
            wait_until(lambda: persistence(server)["aof_rewrites"] == str(expected), "a rewrite by growth")
        wait_rewritten(server)
        assert re.search(r"Starting automatic rewriting of AOF on \d+% growth", server.log())
        figures = persistence(server)
        assert int(figures["aof_base_size"]) < 100_000 and int(figures["aof_current_size"]) < 400_000
        assert connection.command("CONFIG", "SET", "auto-aof-rewrite-percentage", "0") == OK
        connection.pipeline([("SET", "k", "v" * 50_000)] * 20)
        assert persistence(server)["aof_rewrites"] == "2"


@pytest.mark.parametrize("binary", (target_binary(), oracle_binary()), ids=("tidemark", "redis"))
def test_replies_and_who_waits_for_whom(start_server, binary):
    """Only one child at a time; what was asked for meanwhile comes later. The same with redis-server."""
    started = Reply("+", b"Background append only file rewriting started")
    scheduled = Reply("+", b"Background append only file rewriting scheduled")
    server = start_server({"appendonly": "yes", "rdb-key-save-delay": "10000", "save": ""}, binary=binary)
    with server.connect() as connection:
        connection.pipeline([("SET", "k%d" % i, i) for i in range(50)])
        assert connection.command("BGSAVE").value == b"Background saving started"
        assert connection.command("BGREWRITEAOF") == scheduled
        figures = persistence(server)
        assert (figures["rdb_bgsave_in_progress"], figures["aof_rewrite_scheduled"]) == ("1", "1")
        wait_until(lambda: persistence(server)["aof_rewrite_in_progress"] == "1", "the rewrite begins")
        already = b"ERR Background append only file rewriting already in progress"
        assert connection.command("BGREWRITEAOF") == Reply("-", already)
        busy = (
            b"ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to "
            b"schedule a BGSAVE whenever possible."
        )
        assert connection.command("BGSAVE") == Reply("-", busy)
        assert connection.command("BGSAVE", "SCHEDULE") == Reply("+", b"Background saving scheduled")
        wait_until(lambda: persistence(server)["rdb_saves"] == "2", "the scheduled save is made")
        assert connection.command("CONFIG", "SET", "rdb-key-save-delay", "0") == OK
        assert [r.value for r in connection.pipeline([("MULTI",), ("BGREWRITEAOF",), ("EXEC",)])[:2]] == [b"OK", b"QUEUED"]
        wait_rewritten(server)
        assert connection.command("BGREWRITEAOF") == started
        wait_rewritten(server)
        connection.command("MULTI")
        connection.command("BGREWRITEAOF")
        assert connection.command("EXEC").value == (scheduled,)
        wait_rewritten(server)
        assert persistence(server)["aof_rewrites"] == "4"
        assert persistence(server)["aof_last_bgrewrite_status"] == "ok"


def test_info_has_the_fields_of_redis(start_server):
    """All that redis-server shows, with the append-only file on and off, with values of the same kind."""
    for on in ("yes", "no"):
        shown = []
        for binary in (target_binary(), oracle_binary()):
            server = start_server({"appendonly": on}, binary=binary)
            with server.connect() as connection:
                connection.command("SET", "k", "v")
                rewrite(server, connection)
                connection.command("SET", "k", "w" * 50)
            shown.append({k: v for k, v in persistence(server).items() if k.startswith("aof_") or k == "async_loading"})
        ours, theirs = shown
        assert list(ours) == list(theirs), on
        # Bytes of the base depend on its AUX fields, those of copied memory on the process.
        for field in set(ours) - {"aof_current_size", "aof_base_size", "aof_last_cow_size", "aof_last_rewrite_time_sec", "aof_pending_bio_fsync"}:
            assert ours[field] == theirs[field], field


def test_a_rewrite_that_is_killed(start_server, folder):
    """Leaves the old files and no temporary one; INFO says err; the next one works."""
    server = start_server({"dir": str(folder), "appendonly": "yes", "rdb-key-save-delay": "20000"})
    with server.connect() as connection:
        connection.pipeline([("SET", "k%d" % i, i) for i in range(200)])
        before = connection.command("DEBUG", "DIGEST").value
        connection.command("BGREWRITEAOF")
        child = int(re.findall(r"Background append only file rewriting started by pid (\d+)", server.log())[-1])
        os.kill(child, signal.SIGKILL)
        wait_rewritten(server)
        figures = persistence(server)
        assert (figures["aof_last_bgrewrite_status"], figures["aof_rewrites_consecutive_failures"]) == ("err", "1")
        assert [file.kind for file in manifest(folder)] == ["b", "i", "i"]
        assert not [p for p in (folder / append_only.FOLDER).iterdir() if p.name.startswith("temp-")]
        assert connection.command("SET", "last", "1") == OK
        connection.command("DEL", "last")
    kill_once_written(server)
    server._given["rdb-key-save-delay"] = "0"
    server.start_again()
    with server.connect() as connection:
        assert connection.command("DEBUG", "DIGEST").value == before
        rewrite(server, connection)
        assert [file.kind for file in manifest(folder)] == ["b", "i"]


def test_a_server_that_is_killed_while_it_rewrites(start_server, folder):
    """Its child ends and clears up; what was appended is all there."""
    server = start_server({"dir": str(folder), "appendonly": "yes", "rdb-key-save-delay": "20000"})
    with server.connect() as connection:
        connection.pipeline([("SET", "k%d" % i, i) for i in range(1000)])
        connection.command("BGREWRITEAOF")
        connection.command("SET", "last", "1")
    where = folder / append_only.FOLDER
    wait_until(lambda: list(where.glob("temp-*")), "the base begins")
    server.kill()
    wait_until(lambda: not list(where.glob("temp-*")), "the child clears up", 15)
    server.start_again()
    with server.connect() as connection:
        assert connection.command("DBSIZE").value == 1001
    assert [file.kind for file in manifest(folder)] == ["b", "i", "i"]


def test_history(start_server, folder):
    """Files that are done with are deleted, at once or, with aof-disable-auto-gc, when that is switched off."""
    server = start_server({"dir": str(folder), "appendonly": "yes", "aof-disable-auto-gc": "yes"})
    where = folder / append_only.FOLDER
    with server.connect() as connection:
        for i in range(3):
            connection.command("SET", "k", i)
            rewrite(server, connection)
        assert [file.kind for file in manifest(folder)] == ["b"] + ["h"] * 6 + ["i"]
        assert {p.name for p in where.iterdir()} == {f.name for f in manifest(folder)} | {append_only.MANIFEST}
        assert connection.command("CONFIG", "SET", "aof-disable-auto-gc", "no") == OK
        wait_until(lambda: len(list(where.iterdir())) == 3, "they are deleted")
        wait_until(lambda: [file.kind for file in manifest(folder)] == ["b", "i"], "the manifest says so")
        assert connection.command("CONFIG", "SET", "aof-disable-auto-gc", "yes") == OK
        rewrite(server, connection)
    server._given["aof-disable-auto-gc"] = "no"
    restart(server)
    wait_until(lambda: len(list(where.iterdir())) == 3, "those of before are deleted at start")
    assert [file.kind for file in manifest(folder)] == ["b", "i"]


# The end, and DEBUG LOADAOF.


def test_shutdown(start_server, folder):
    """SIGTERM saves everything, whatever appendfsync is; not while the first base is written, unless it is forced."""
    server = start_server({"dir": str(folder), "appendonly": "yes", "appendfsync": "no"})
    with server.connect() as connection:
        fill_databases(connection)
        wanted = contents(connection)
    restart(server)
    with server.connect() as connection:
        assert contents(connection) == wanted
        assert connection.command("CONFIG", "SET", "appendonly", "no") == OK
        assert connection.command("CONFIG", "SET", "rdb-key-save-delay", "100000") == OK
        assert connection.command("CONFIG", "SET", "appendonly", "yes") == OK
        wait_until(lambda: persistence(server)["aof_rewrite_in_progress"] == "1", "the first base begins")
        assert connection.command("SHUTDOWN") == Reply("-", b"ERR Errors trying to SHUTDOWN. Check logs.")
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: server.log().count("Writing initial AOF, can't exit.") == 2, "SIGTERM is answered so too")
        connection.send_command("SHUTDOWN", "FORCE")
        connection.wait_closed(10)
    assert server.process.wait(10) == 0
    assert "Writing initial AOF. Exit anyway." in server.log()
    assert not list((folder / append_only.FOLDER).glob("temp-rewriteaof-*"))
    server.start_again()
    with server.connect() as connection:
        assert contents(connection) == wanted


def test_debug_loadaof(start_server):
    server = start_server({"appendonly": "yes", "appendfsync": "no"})
    with server.connect() as connection:
        fill_databases(connection)
        rewrite(server, connection)
        change_much(connection)
        before = contents(connection)
        assert connection.command("DEBUG", "LOADAOF") == OK
        assert contents(connection) == before
        assert connection.command("SET", "k", "v") == OK
        assert connection.command("DEBUG", "LOADAOF") == OK
        assert connection.command("GET", "k").value == b"v"
        connection.command("DEL", "k")
    restart_killed(server)
    with server.connect() as connection:
        assert contents(connection) == before


# What is torn, damaged or missing.

BASE = rdb_file.whole(b"REDIS0010", rdb_file.database(0), rdb_file.key(0, b"base", rdb.string(b"1")))
LOG = (
    ("SELECT", "0"),
    ("SET", "a", "1"),
    ("RPUSH", "l", "x", "y"),
    ("MULTI",),
    ("SET", "m", "1"),
    ("APPEND", "m", "2"),
    ("EXEC",),
    ("SET", "z", "1"),
)


def whole_commands(size: int) -> int:
    """Where a server cuts the log when only so many bytes of it are left."""
    kept, at, begun = 0, 0, False
    for command in LOG:
        at += len(log_of(command))
        if at > size:
            break
        begun = command[0] == "MULTI" or (begun and command[0] != "EXEC")
        kept = kept if begun else at
    return kept


def test_torn_tails(start_server, folder):
    """At every byte: cut to the last whole command, before MULTI where its EXEC is not there."""
    whole = log_of(*LOG)
    append_only.write(folder, base=BASE, incr=whole)
    server = start_server({"dir": str(folder), "appendonly": "yes"})
    path = folder / append_only.FOLDER / "incr"
    names = ("base", "a", "l", "m", "z")
    with server.connect() as connection:
        for size in range(len(whole), -1, -1):
            path.write_bytes(whole[:size])
            assert connection.command("DEBUG", "LOADAOF") == OK
            kept = whole_commands(size)
            found = [connection.command("EXISTS", name).value for name in names]
            ends = [0, 0] + [whole.index(log_of(LOG[i])) + len(log_of(LOG[i])) for i in (1, 2, 6, 7)]
            assert found == [1] + [int(kept >= end) for end in ends[2:]], size
            assert path.read_bytes() == whole[:kept], size
            assert (("Truncating the AOF %s at offset %d" % (path, kept)) in server.log()) or size == kept, size


def test_torn_tails_at_start(start_server, folder, rng):
    """As above, of a server that starts; with aof-load-truncated no it does not, and names file and offset."""
    whole = log_of(*LOG)
    path = folder / append_only.FOLDER / "incr"
    sizes = [len(whole) - 1, whole.index(b"EXEC") + 6, whole.index(b"MULTI"), 0] + rng.sample(range(len(whole)), 8)
    for size in sizes:
        append_only.write(folder, base=BASE, incr=whole[:size])
        kept = whole_commands(size)
        if kept != size:
            said = refusal(folder, "--aof-load-truncated", "no")
            assert "Unexpected end of file reading the append only file %s" % path in said, said
            assert "behind offset %d." % kept in said and path.stat().st_size == size, said
        server = start_server({"dir": str(folder), "appendonly": "yes"})
        server.kill()
        assert path.stat().st_size == kept


def test_damage_in_the_middle(start_server, folder):
    """Refused with the name of the file and the offset, and nothing is changed."""
    path = folder / append_only.FOLDER / "incr"
    whole = log_of(*LOG)
    # Not even a transaction within another one is taken for the end of that.
    append_only.write(folder, base=BASE, incr=whole.replace(log_of(("EXEC",)), log_of(("MULTI",), ("SET", "n", "1"), ("EXEC",))))
    server = start_server({"dir": str(folder), "appendonly": "yes"})
    with server.connect() as connection:
        assert connection.command("EXISTS", "a", "m", "n", "z").value == 4
    assert server.terminate() == 0
    rpush = whole.index(b"*4\r\n$5\r\nRPUSH")
    cases = {
        whole.replace(b"*4\r\n", b"*x\r\n"): (r"Bad file format", rpush + 1),
        whole.replace(b"$5\r\nRPUSH", b"#5\r\nRPUSH"): (r"Bad file format", rpush + 4),
        whole.replace(b"RPUSH\r\n", b"RPUSH\r\r"): (r"Bad file format", rpush + 13),
        whole.replace(b"RPUSH", b"RPASH"): (r"Unknown command 'RPASH'", rpush),
        whole.replace(b"APPEND", b"APPXND"): (r"Unknown command 'APPXND'", whole.index(b"*3\r\n$6\r\nAPPEND")),
        whole.replace(b"*4\r\n$5\r\nRPUSH\r\n$1\r\nl\r\n", b"*2\r\n$5\r\nRPUSH\r\n"): (r"wrong number of arguments", rpush),
    }
    for text, (message, offset) in cases.items():
        append_only.write(folder, base=BASE, incr=text)
        said = refusal(folder)
        assert re.search(message, said) and str(path) in said and re.search(r"at offset %d\b" % offset, said), said
        assert path.read_bytes() == text


def test_an_earlier_file_that_is_torn(folder):
    """Is refused whatever aof-load-truncated says."""
    for cut in (3, len(log_of(LOG[-1])) + 5):
        append_only.write(folder, base=BASE, incr=log_of(*LOG)[:-cut], last=log_of(("SET", "k", "v")))
        said = refusal(folder)
        assert "incr ends within a command" in said and "is not the last one" in said, said
        assert (folder / append_only.FOLDER / "incr").stat().st_size == len(log_of(*LOG)) - cut
    append_only.write(folder, base=BASE[:-12], incr=b"")
    said = refusal(folder)
    assert "the data ends before it should" in said and "%s/base" % append_only.FOLDER in said, said


MANIFESTS = {
    "empty": b"",
    "blank line": b"file base seq 1 type b\n\n",
    "no newline": b"file base seq 1 type b",
    "two bases": b"file base seq 1 type b\nfile incr seq 2 type b\n",
    "twice": b"file base seq 1 type b\nfile incr seq 1 type i\nfile incr seq 1 type i\n",
    "a path": b"file ../base seq 1 type b\n",
    "unknown type": b"file base seq 1 type q\n",
    "no number": b"file base seq x type b\n",
    "number 0": b"file base seq 0 type b\n",
    "words missing": b"file base seq 1\n",
    "open quote": b'file "base seq 1 type b\n',
    "long line": b"file " + b"n" * 1100 + b" seq 1 type b\n",
    "zero bytes": bytes(100),
}


@pytest.mark.parametrize("case", MANIFESTS)
def test_manifests_that_are_refused(folder, case):
    """With the last line that redis-server says of them."""
    append_only.write(folder, base=BASE, incr=log_of(*LOG))
    path = folder / append_only.FOLDER / append_only.MANIFEST
    path.write_bytes(MANIFESTS[case])
    ours = append_only.said_plainly(refusal(folder))
    theirs = append_only.said_plainly(refusal(folder, binary=oracle_binary())).strip().splitlines()[-1]
    assert theirs in ours and append_only.MANIFEST in ours, "%s\n---\n%s" % (ours, theirs)
    assert path.read_bytes() == MANIFESTS[case]


def test_files_that_are_missing(folder):
    # An empty file is not what an RDB file can be.
    append_only.write(folder, **{"appendonly.aof.1.base.rdb": b"", "incr": log_of(*LOG)})
    assert "appendonly.aof.1.base.rdb is empty, at offset 0" in refusal(folder)
    for name in ("base", "incr"):
        append_only.write(folder, base=BASE, incr=log_of(*LOG))
        (folder / append_only.FOLDER / name).unlink()
        said = refusal(folder)
        assert "The AOF file %s" % name in said and append_only.FOLDER in said, said
