"""RDB files: they move both ways between Tidemark and redis-server, survive restarts and accidents, and cover what is on
flash."""

import os
import pathlib
import re
import resource
import signal
import subprocess
import threading
import time

import pytest

from support import rdb, rdb_file
from support.datasets import contents, fill_databases
from support.memory_watch import MemoryWatch, rss_limit
from support.resp import OK, Reply
from support.server import is_sanitized, oracle_binary, target_binary
from support.waiting import wait_until

ENGINES = ("valuelog", "rocksdb")
DUMP = "dump.rdb"


@pytest.fixture
def folder(tmp_path):
    """A directory that outlives servers."""
    path = tmp_path / "data"
    path.mkdir()
    return path


def digest(connection):
    return connection.command("DEBUG", "DIGEST").value


def persistence(server):
    return server.info("persistence")


def wait_saved(server) -> None:
    wait_until(lambda: persistence(server)["rdb_bgsave_in_progress"] == "0", "the save in the background ends", 60)


def save_in_background(server, connection) -> None:
    reply = connection.command("BGSAVE")
    assert reply == Reply("+", b"Background saving started"), reply
    wait_saved(server)
    assert persistence(server)["rdb_last_bgsave_status"] == "ok", server.log()[-2000:]


def refuses_to_start(folder, *options):
    """Runs the server on a file that it must not accept; returns what it said."""
    run = subprocess.run(
        [target_binary(), "--port", "0", "--dir", str(folder), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1, run.stdout.decode()
    return run.stdout.decode()


# Both ways.


@pytest.mark.parametrize("compression", ("yes", "no"))
@pytest.mark.parametrize("source,target", ((target_binary(), oracle_binary()), (oracle_binary(), target_binary())))
def test_files_move_both_ways(start_server, folder, source, target, compression):
    """All types and encodings, expiries and sixteen databases: a file of one server is read whole by the other."""
    writer = start_server({"dir": str(folder), "rdbcompression": compression}, binary=source)
    with writer.connect() as connection:
        fill_databases(connection)
        wanted = contents(connection)
        assert connection.command("SAVE") == OK
    reader = start_server({"dir": str(folder)}, binary=target)
    with reader.connect() as connection:
        assert contents(connection) == wanted
        # And back, over what was loaded.
        save_in_background(reader, connection)
    again = start_server({"dir": str(folder)}, binary=source)
    with again.connect() as connection:
        assert contents(connection) == wanted


def test_access_times_move(start_server, folder):
    """Idle times and frequencies are kept where the policy goes by them."""
    for policy, command, value in (("allkeys-lru", "IDLETIME", 5000), ("allkeys-lfu", "FREQ", 100)):
        for source, target in ((target_binary(), oracle_binary()), (oracle_binary(), target_binary())):
            options = {"dir": str(folder), "maxmemory": "1gb", "maxmemory-policy": policy}
            with start_server(options, binary=source).connect() as connection:
                payload = rdb.seal(b"\x00\x01v")
                assert connection.command("RESTORE", "k", 0, payload, command, value, "REPLACE") == OK
                assert connection.command("SAVE") == OK
            with start_server(options, binary=target).connect() as connection:
                found = connection.command("OBJECT", command, "k").value
                assert abs(found - value) <= 20, (policy, found)


def test_functions_are_kept(start_server, folder):
    """Libraries that cannot be called are written again."""
    redis_server = start_server({"dir": str(folder)}, binary=oracle_binary())
    library = "#!lua name=mylib\nredis.register_function('one', function() return 1 end)"
    with redis_server.connect() as connection:
        assert connection.command("FUNCTION", "LOAD", library).value == b"mylib"
        assert connection.command("SAVE") == OK
    server = start_server({"dir": str(folder)})
    with server.connect() as connection:
        assert connection.command("SAVE") == OK
    if server.is_tidemark:
        assert "1 libraries of functions" in server.log()
    with start_server({"dir": str(folder)}, binary=oracle_binary()).connect() as connection:
        assert connection.command("FCALL", "one", 0) == Reply(":", 1)


def test_files_of_every_age(start_server, folder):
    """Versions 1 to 12 and Valkey's 80, each with the forms of its time."""
    pairs = rdb.ziplist(b"one", b"1", b"two", b"2.5")
    far_seconds = (2000000000).to_bytes(4, "little")
    old = {
        b"list": rdb_file.key(1, b"list", rdb.length(2) + rdb.string(b"x") + rdb.string(b"")),
        b"set": rdb_file.key(2, b"set", rdb.length(1) + rdb.string(b"m")),
        b"zset": rdb_file.key(3, b"zset", rdb.length(1) + rdb.string(b"m") + b"\x031.5"),
        b"hash": rdb_file.key(4, b"hash", rdb.length(1) + rdb.string(b"f") + rdb.string(b"v")),
        b"zipmap": rdb_file.key(9, b"zipmap", rdb.string(rdb.zipmap((b"f", b"v"), (b"g", b"w")))),
    }
    packed = {
        b"packed list": rdb_file.key(10, b"packed list", rdb.string(rdb.ziplist(b"a", b"bc", b""))),
        b"packed zset": rdb_file.key(12, b"packed zset", rdb.string(pairs)),
        b"packed hash": rdb_file.key(13, b"packed hash", rdb.string(pairs)),
        b"intset": rdb_file.key(11, b"intset", rdb.string(b"\x02\0\0\0\x01\0\0\0\x07\0")),
    }
    new = {b"listpack set": rdb_file.key(20, b"listpack set", rdb.string(rdb.listpack(b"a", b"b")))}
    fields = rdb.length(1) + rdb.string(b"f") + rdb.string(b"v")
    field_expiry = rdb_file.key(24, b"h", (4102444800000).to_bytes(8, "little") + rdb.length(1) + rdb.length(1) + fields[1:])
    valkey = rdb_file.key(22, b"h", fields + (4102444800000).to_bytes(8, "little"))
    cases = [
        (b"REDIS0001", old),
        (b"REDIS0002", {**old, **packed}),
        (b"REDIS0003", {**old, **packed}),
        (b"REDIS0006", {**old, **packed}),
        (b"REDIS0009", packed),
        (b"REDIS0011", new),
        (b"REDIS0012", {b"h": field_expiry}),
        (b"VALKEY080", {b"h": valkey, **new}),
    ]
    for magic, keys in cases:
        parts = [rdb_file.database(2), b"\xfd" + far_seconds + rdb_file.key(0, b"expires", rdb.string(b"v"))]
        expired = b"\xfd\x01\0\0\0" + rdb_file.key(0, b"expired", rdb.string(b"v"))
        (folder / DUMP).write_bytes(rdb_file.whole(magic, *parts, expired, *keys.values()))
        server = start_server({"dir": str(folder)})
        with server.connect() as connection:
            connection.command("SELECT", 2)
            found = {reply.value for reply in connection.command("KEYS", "*").value}
            assert found == set(keys) | {b"expires"}, magic
            if b"zset" in keys:
                assert connection.command("ZSCORE", "zset", "m").value == b"1.5"
                assert connection.command("HGET", "zipmap", "g").value == b"w"
            if b"packed hash" in keys:
                assert connection.command("HGET", "packed hash", "two").value == b"2.5"
            if b"h" in keys:
                reply = connection.command("HPEXPIRETIME", "h", "FIELDS", 1, "f")
                assert reply.value[0].value == 4102444800000, magic
        figures = persistence(server)
        assert figures["rdb_last_load_keys_expired"] == "1"
        assert figures["rdb_last_load_keys_loaded"] == str(len(keys) + 1)


# Saving: when, and what is told.


def test_restart(start_server, folder):
    """SIGTERM saves where there are save points, SHUTDOWN NOSAVE does not, SHUTDOWN SAVE always does."""
    options = {"dir": str(folder), "save": ["3600", "1"]}
    server = start_server(options)
    with server.connect() as connection:
        connection.command("SET", "k", "1")
        assert persistence(server)["rdb_changes_since_last_save"] == "1"
    assert server.terminate() == 0
    assert "Saving the final RDB snapshot before exiting." in server.log()
    server = start_server(options)
    with server.connect() as connection:
        assert connection.command("GET", "k").value == b"1"
        connection.command("SET", "k", "2")
        connection.send_command("SHUTDOWN", "NOSAVE")
        connection.wait_closed(10)
    assert server.process.wait(10) == 0
    without_points = start_server({"dir": str(folder)})
    with without_points.connect() as connection:
        assert connection.command("GET", "k").value == b"1"
        connection.command("SET", "k", "3")
        connection.send_command("SHUTDOWN", "SAVE")
        connection.wait_closed(10)
    assert without_points.process.wait(10) == 0
    for policy, wanted in (("nosave", b"3"), ("save", b"4")):
        server = start_server({"dir": str(folder), "save": ["3600", "1"], "shutdown-on-sigint": policy})
        with server.connect() as connection:
            connection.command("SET", "k", "4")
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(10) == 0
        with start_server({"dir": str(folder)}).connect() as connection:
            assert connection.command("GET", "k").value == wanted


def test_save_points(start_server):
    """The cron saves when there were enough changes for long enough, and counts from there."""
    server = start_server({"save": ["1", "3"]})
    with server.connect() as connection:
        before = connection.command("LASTSAVE").value
        connection.pipeline([("SET", "a", 1), ("SET", "b", 2), ("SET", "c", 3)])
        wait_until(lambda: persistence(server)["rdb_changes_since_last_save"] == "0", "a save is made", 20)
        assert "3 changes in 1 seconds. Saving..." in server.log()
        assert "Background saving terminated with success" in server.log()
        assert connection.command("LASTSAVE").value >= before
        assert connection.command("CONFIG", "SET", "save", "") == OK
    assert (server.directory / DUMP).exists()


def test_commands_and_their_errors(start_server):
    server = start_server({"rdb-key-save-delay": "10000"})
    with server.connect() as connection:
        connection.pipeline([("SET", "k%d" % i, i) for i in range(100)])
        assert connection.command("BGSAVE", "NOW") == Reply("-", b"ERR syntax error")
        assert connection.command("BGSAVE").value == b"Background saving started"
        for command in (("BGSAVE",), ("SAVE",), ("BGSAVE", "SCHEDULE")):
            assert connection.command(*command) == Reply("-", b"ERR Background save already in progress"), command
        figures = persistence(server)
        assert figures["rdb_bgsave_in_progress"] == "1"
        assert figures["current_save_keys_total"] == "100"
        assert figures["rdb_current_bgsave_time_sec"] != "-1"
        connection.command("CONFIG", "SET", "rdb-key-save-delay", "0")
        # The child has its own copy of the directive: it is slow still.
        wait_saved(server)
        connection.command("MULTI")
        connection.command("SET", "k", "v")
        connection.command("BGSAVE")
        assert connection.command("EXEC").value[1].value == b"Background saving scheduled"
        wait_until(lambda: int(persistence(server)["rdb_saves"]) == 2, "the scheduled save is made")
        assert int(server.info("stats")["total_forks"]) == 2
        connection.command("MULTI")
        assert connection.command("SAVE").is_error
        connection.command("DISCARD")


def test_reload(start_server):
    server = start_server()
    with server.connect() as connection:
        fill_databases(connection)
        before = contents(connection)
        assert connection.command("DEBUG", "RELOAD") == OK
        assert contents(connection) == before
        assert persistence(server)["rdb_changes_since_last_save"] == "0"
        connection.command("SET", "string:int", "changed")
        connection.command("SET", "new", "1")
        assert connection.command("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH", "MERGE") == OK
        assert connection.command("GET", "string:int").value == b"12345"
        assert connection.command("GET", "new").value == b"1"
        assert connection.command("DEBUG", "RELOAD", "NOSAVE") == OK
        assert contents(connection) == before
        assert connection.command("DEBUG", "RELOAD", "SOMETHING").is_error


def test_flushall_empties_the_file(start_server, folder):
    """What FLUSHALL has deleted does not come back at the next start, though a save was under way."""
    options = {"dir": str(folder), "save": ["3600", "1"]}
    server = start_server({**options, "rdb-key-save-delay": "100000"})
    with server.connect() as connection:
        connection.pipeline([("SET", "k%d" % i, i) for i in range(100)])
        connection.command("BGSAVE")
        assert connection.command("FLUSHALL") == OK
        assert persistence(server)["rdb_bgsave_in_progress"] == "0"
        server.process.kill()
        server.process.wait()
    assert sorted(p.name for p in folder.iterdir() if p.suffix == ".rdb") == [DUMP]
    with start_server(options).connect() as connection:
        assert connection.command("DBSIZE").value == 0


def test_clients_of_the_parent_are_closed(start_server):
    """What the server closes is closed, though a child that saves has a copy of it."""
    server = start_server({"rdb-key-save-delay": "20000"})
    with server.connect() as connection, server.connect() as other:
        connection.pipeline([("SET", "k%d" % i, i) for i in range(200)])
        identity = other.command("CLIENT", "ID").value
        connection.command("BGSAVE")
        connection.command("CLIENT", "KILL", "ID", identity)
        assert other.wait_closed(2) == b""
        assert persistence(server)["rdb_bgsave_in_progress"] == "1"


# Accidents.


def ended(pid: int) -> bool:
    try:
        return pathlib.Path("/proc/%d/stat" % pid).read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def child_of(server) -> int:
    return int(re.findall(r"Background saving started by pid (\d+)", server.log())[-1])


def test_killed_child_and_refused_writes(start_server):
    """A child that is killed leaves no file; writes are refused until a save goes well."""
    server = start_server({"save": ["3600", "1"], "rdb-key-save-delay": "20000"})
    with server.connect() as connection:
        connection.pipeline([("SET", "k%d" % i, i) for i in range(200)])
        connection.command("BGSAVE")
        os.kill(child_of(server), signal.SIGKILL)
        wait_saved(server)
        assert persistence(server)["rdb_last_bgsave_status"] == "err"
        assert "Background saving terminated by signal 9" in server.log()
        assert not list(server.directory.glob("*.rdb"))
        refusal = connection.command("SET", "k", "v")
        assert refusal.value.startswith(b"MISCONF Redis is configured to save RDB snapshots, but it's currently unable")
        assert connection.command("PING").value.startswith(b"MISCONF")
        assert connection.command("GET", "k1").value == b"1"
        connection.command("MULTI")
        assert connection.command("SET", "k", "v").is_error
        assert connection.command("EXEC").value.startswith(b"EXECABORT")
        assert connection.command("CONFIG", "SET", "stop-writes-on-bgsave-error", "no") == OK
        assert connection.command("SET", "k", "v") == OK
        assert connection.command("CONFIG", "SET", "stop-writes-on-bgsave-error", "yes") == OK
        assert connection.command("CONFIG", "SET", "rdb-key-save-delay", "0") == OK
        save_in_background(server, connection)
        assert connection.command("SET", "k", "v") == OK


def test_child_without_parent(start_server, folder):
    """A child whose server was killed ends soon and leaves nothing; what was saved before is loaded."""
    options = {"dir": str(folder)}
    server = start_server({**options, "rdb-key-save-delay": "20000"})
    with server.connect() as connection:
        connection.command("SET", "k", "saved")
        assert connection.command("SAVE") == OK
        connection.pipeline([("SET", "k%d" % i, i) for i in range(1000)])
        connection.command("BGSAVE")
        child = child_of(server)
        server.process.kill()
        server.process.wait()
    if server.is_tidemark:
        wait_until(lambda: not [p for p in folder.iterdir() if p.name.startswith("temp-")], "the child clears up", 15)
        wait_until(lambda: ended(child), "the child ends")
    with start_server(options).connect() as connection:
        assert connection.command("GET", "k").value == b"saved"
        assert connection.command("DBSIZE").value == 1


def test_no_space(start_server):
    """A file that cannot be written whole leaves the old one in place; the server goes on, and does not exit unsaved."""
    server = start_server({"save": ["3600", "1"]})
    with server.connect() as connection:
        connection.command("SET", "k", "old")
        assert connection.command("SAVE") == OK
        old = (server.directory / DUMP).read_bytes()
        for i in range(20):
            connection.command("SET", "k%d" % i, os.urandom(50_000))
        limits = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (300_000, limits[1]))
        assert connection.command("SAVE").is_error
        connection.command("BGSAVE")
        wait_saved(server)
        assert persistence(server)["rdb_last_bgsave_status"] == "err"
        assert server.log().count("Write error while saving DB to the disk: File too large") == 2
        assert "Background saving error" in server.log()
        assert connection.command("SHUTDOWN") == Reply("-", b"ERR Errors trying to SHUTDOWN. Check logs.")
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: server.log().count("Error trying to save the DB, can't exit.") == 2, "SIGTERM is answered")
        assert [p.name for p in server.directory.glob("*.rdb")] == [DUMP]
        assert (server.directory / DUMP).read_bytes() == old
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, limits)
        assert connection.command("SAVE") == OK
        assert connection.command("SET", "k", "v") == OK


def test_directory_gone(start_server, folder):
    server = start_server({"dir": str(folder)})
    with server.connect() as connection:
        folder.rename(folder.parent / "elsewhere")
        assert connection.command("SAVE").is_error
        assert "Failed opening the temp RDB file temp-%d.rdb" % server.pid in server.log()
        assert connection.command("CONFIG", "SET", "dbfilename", "a/b").is_error


def test_damaged_files_are_refused(folder):
    """With the name of the file and the offset, and exit code 1."""
    good = rdb_file.whole(b"REDIS0010", rdb_file.database(0), rdb_file.key(0, b"k", rdb.string(b"v" * 100)))
    path = folder / DUMP
    cases = {
        good[:-20]: "the data ends before it should, at offset %d" % (len(good) - 20),
        good[:40] + b"X" + good[41:]: "Wrong RDB checksum",
        b"nonsense in a file": "Wrong signature trying to load DB from file",
        rdb_file.whole(b"REDIS0010", rdb_file.key(99, b"k", b"")): "unknown type of value 99",
        rdb_file.whole(b"REDIS0010", rdb_file.database(16)): "more than 16 databases",
        rdb_file.whole(b"REDIS0010", rdb_file.key(0, b"k", b"\0"), rdb_file.key(0, b"k", b"\0")): "duplicated key 'k'",
        b"REDIS0099": "Can't handle RDB format version",
    }
    for text, message in cases.items():
        path.write_bytes(text)
        said = refuses_to_start(folder)
        assert message in said and str(path) in said and "at offset" in said, said
        assert "Fatal error loading the DB, check server logs. Exiting." in said
        assert path.read_bytes() == text


# Loading.


def test_clients_while_loading(start_server, folder):
    """Clients are told; what needs no data answers; a signal ends the server and leaves the file alone."""
    keys = [rdb_file.key(0, b"k%d" % i, rdb.string(b"v" * 1000)) for i in range(20000)]
    whole = rdb_file.whole(b"REDIS0010", rdb_file.aux(b"used-mem", b"1000"), *keys)
    (folder / DUMP).write_bytes(whole)
    server = start_server(
        {
            "dir": str(folder),
            "key-load-delay": "500",
            "loading-process-events-interval-bytes": "1024",
            "save": ["3600", "1"],
            "requirepass": "pw",
        },
        password="pw",
        wait=lambda reply: reply.value.startswith(b"NOAUTH"),
    )
    with server.connect() as connection:
        loading = Reply("-", b"LOADING Redis is loading the dataset in memory")
        for command in (("GET", "k1"), ("SET", "k", "v"), ("PING",), ("DBSIZE",), ("SAVE",), ("FLUSHALL",)):
            assert connection.command(*command) == loading, command
        assert connection.command("CONFIG", "SET", "timeout", "0") == OK
        figures = persistence(server)
        assert figures["loading"] == "1"
        assert int(figures["loading_total_bytes"]) == len(whole)
        assert 0 < int(figures["loading_loaded_bytes"]) < len(whole)
        assert 0 < float(figures["loading_loaded_perc"]) < 100
        assert int(figures["loading_rdb_used_mem"]) == 1000
        assert int(figures["loading_eta_seconds"]) >= 0 and int(figures["loading_start_time"]) > 0
        if server.is_tidemark:
            assert server.terminate() == 0
            assert (folder / DUMP).read_bytes() == whole


@pytest.mark.tidemark_only
@pytest.mark.parametrize("engine", ENGINES)
def test_load_of_more_than_ram(start_server, folder, engine):
    """A file four times as large as RAM loads within the limit, and every value is right."""
    count, value_bytes, maxmemory = 130_000, 1000, 32 << 20

    def value_of(number: int) -> bytes:
        return (b"%d:" % number + number.to_bytes(4, "little") * 300)[:value_bytes]

    keys = [rdb_file.key(0, b"key:%d" % i, rdb.string(value_of(i))) for i in range(count)]
    (folder / DUMP).write_bytes(rdb_file.whole_unchecked(b"REDIS0010", *keys))
    tier = {"tier-enabled": "yes", "tier-engine": engine, "maxmemory": str(maxmemory), "tier-compression": "no"}
    server = start_server({"dir": str(folder)}, tier=tier, wait=lambda reply: True)
    with MemoryWatch(server) as watch, server.connect() as connection:
        wait_until(lambda: persistence(server)["loading"] == "0", "the file is loaded", 120)
        assert connection.command("DBSIZE").value == count
        for begin in range(0, count, 1000):
            numbers = range(begin, min(begin + 1000, count))
            replies = connection.pipeline([("GET", b"key:%d" % i) for i in numbers])
            assert all(reply.value == value_of(i) for i, reply in zip(numbers, replies))
    if not is_sanitized(target_binary()):
        watch.assert_below(rss_limit(maxmemory))


# What is on flash.


def where(connection, names):
    return {connection.command("TIER", "WHERE", name).value for name in names}


def noise(number: int, bytes_each: int) -> bytes:
    return (b"%d:" % number) + os.urandom(bytes_each)


@pytest.mark.tidemark_only
@pytest.mark.parametrize("engine", ENGINES)
def test_snapshot_of_cold_values(start_server, folder, engine):
    """A save in the background, with most values on flash, holds the data set of its moment, whatever is overwritten,
    deleted, spilled and cleaned meanwhile."""
    tier = {"tier-enabled": "yes", "tier-engine": engine, "maxmemory": "32mb", "tier-segment-size": "16mb"}
    server = start_server({"dir": str(folder), "rdb-key-save-delay": "50"}, tier=tier)
    with server.connect() as connection:
        fill_databases(connection)
        for begin in range(0, 60_000, 1000):
            connection.pipeline([("SET", b"key:%d" % i, noise(i, 1000)) for i in range(begin, begin + 1000)])
        for i in range(2000):
            connection.command("HSET", "h:%d" % i, "f", os.urandom(300), "g", os.urandom(300))
        wait_until(lambda: server.info_number("tiering", "tier_cold_keys") > 30_000, "most values are cold", 60)
        everything = digest(connection)
        assert connection.command("BGSAVE").value == b"Background saving started"
        rounds = 0
        while persistence(server)["rdb_bgsave_in_progress"] == "1" or rounds == 0:
            rounds += 1
            for begin in range(0, 60_000, 2000):
                commands = [("SET", b"key:%d" % i, noise(i, 900)) for i in range(begin, begin + 1000)]
                commands += [("DEL", b"key:%d" % i) for i in range(begin + 1000, begin + 2000)]
                connection.pipeline(commands)
            connection.command("TIER", "COMPACT")
        assert persistence(server)["rdb_last_bgsave_status"] == "ok", server.log()[-2000:]
        assert digest(connection) != everything
        (folder / DUMP).rename(folder / "kept.rdb")
    redis_server = start_server({"dir": str(folder), "dbfilename": "kept.rdb"}, binary=oracle_binary())
    with redis_server.connect() as connection:
        assert digest(connection) == everything


@pytest.mark.tidemark_only
@pytest.mark.parametrize("engine", ENGINES)
def test_hot_and_cold_give_the_same_file(start_server, engine):
    """The file does not tell where a value was. SAVE reads what is cold too."""
    server = start_server(tier={"tier-enabled": "yes", "tier-engine": engine, "maxmemory": "256mb"})
    with server.connect() as connection:
        fill_databases(connection, 1)
        names = [reply.value for reply in connection.command("KEYS", "*").value]
        files = []
        for spill in (False, True):
            for name in names if spill else ():
                connection.command("TIER", "SPILL", name)
            wait_until(lambda: where(connection, names).isdisjoint({b"spilling"}), "the spills end")
            assert connection.command("SAVE") == OK
            text = (server.directory / DUMP).read_bytes()
            # Before the last auxiliary field stand the time and the memory in use, behind the data a checksum.
            files.append(text[text.index(b"aof-base") : -8])
        assert b"cold" in where(connection, names)
        # Access times may have moved on by a second.
        strip = re.compile(rb"\xf8[\x00-\x3f]")
        assert strip.sub(b"", files[0]) == strip.sub(b"", files[1])


@pytest.mark.tidemark_only
@pytest.mark.parametrize("engine", ENGINES)
def test_restart_of_a_data_set_larger_than_ram(start_server, folder, engine):
    """Saved at the end, loaded at the start, both within the limit."""
    tier = {"tier-enabled": "yes", "tier-engine": engine, "maxmemory": "16mb"}
    options = {"dir": str(folder), "save": ["3600", "1"]}
    server = start_server(options, tier=tier)
    with server.connect() as connection:
        for begin in range(0, 40_000, 1000):
            connection.pipeline([("SET", b"key:%d" % i, noise(i, 1000)) for i in range(begin, begin + 1000)])
        before = digest(connection)
    assert server.terminate() == 0
    server = start_server(options, tier=tier)
    with server.connect() as connection:
        assert digest(connection) == before
        assert connection.command("DEBUG", "RELOAD") == OK
        assert digest(connection) == before


# The tool.


@pytest.mark.tidemark_only
def test_check_tool(start_server):
    """It says what is in a file, or where it is damaged."""
    server = start_server()
    with server.connect() as connection:
        fill_databases(connection)
        connection.command("SAVE")
    path = server.directory / DUMP
    tool = pathlib.Path(target_binary()).with_name("tidemark-check-rdb")

    def check():
        run = subprocess.run([str(tool), str(path)], stdout=subprocess.PIPE, timeout=60, check=False)
        return run.returncode, run.stdout.decode()

    code, said = check()
    assert code == 0 and "RDB looks OK!" in said and "Checksum OK" in said, said
    assert "[info] 51 keys read" in said and "[info] 21 expires" in said and "Selecting DB ID 15" in said, said
    text = path.read_bytes()
    path.write_bytes(text[: len(text) // 2])
    code, said = check()
    assert code == 1 and "RDB ERROR DETECTED" in said and "at offset %d" % (len(text) // 2) in said, said
