"""The append-only file where something else happens at the same time: it is turned on under a rewrite, on and off again,
in a server with renamed commands, other numbers of databases, another directory."""

import pytest

from support.aof import parse_commands, read_increments
from support.resp import encode
from support.server import Server
from support.waiting import wait_until

pytestmark = pytest.mark.tidemark_only

KEYS = 500


def fill(connection) -> None:
    connection.pipeline([("SET", "k%d" % i, "v") for i in range(KEYS)])


def rewriting(server: Server) -> bool:
    return server.info_number("persistence", "aof_rewrite_in_progress") == 1


def wait_for_base(server: Server) -> None:
    """As users of Redis wait for it."""

    def settled() -> bool:
        figures = server.info("persistence")
        return figures["aof_rewrite_in_progress"] == "0" and figures["aof_rewrite_scheduled"] == "0"

    wait_until(settled, "the base of the append-only file")


def test_turned_on_while_a_base_is_written(start_server):
    """That base lacks what was changed since it began, so it is not the one that counts; what an earlier server left
    behind is no increment."""
    server = start_server({"appendonly": "no", "appendfsync": "always"})
    folder = server.directory / "appendonlydir"
    folder.mkdir()
    (folder / "temp-appendonly.aof.incr").write_bytes(encode(("SET", "ghost", "1")))
    with server.connect() as connection:
        fill(connection)
        connection.command("CONFIG", "SET", "rdb-key-save-delay", "2000")
        connection.command("BGREWRITEAOF")
        assert connection.command("CONFIG", "SET", "appendonly", "yes").value == b"OK"
        connection.command("SET", "between", "1")
        connection.command("CONFIG", "SET", "rdb-key-save-delay", "0")
        wait_for_base(server)
        connection.command("SET", "behind", "1")
    server.kill()
    again = start_server({"dir": str(server.directory), "appendonly": "yes"})
    with again.connect() as connection:
        values = [connection.command("GET", key).value for key in ("between", "behind", "ghost", "k0")]
    assert values == [b"1", b"1", None, b"v"]


def test_turned_on_and_off_often(start_server):
    """Rewrites that were ended on purpose are no failures after which the next has to wait."""
    server = start_server({"appendonly": "no"})
    with server.connect() as connection:
        fill(connection)
        connection.command("CONFIG", "SET", "rdb-key-save-delay", "20000")
        for _ in range(4):
            connection.command("CONFIG", "SET", "appendonly", "yes")
            wait_until(lambda: rewriting(server), "the rewrite", timeout=5.0)
            connection.command("CONFIG", "SET", "appendonly", "no")
        connection.command("CONFIG", "SET", "rdb-key-save-delay", "0")
        connection.command("CONFIG", "SET", "appendonly", "yes")
        wait_for_base(server)
    assert server.info_number("persistence", "aof_base_size") > 0


def test_fewer_databases_than_in_the_file(start_server):
    """Nothing is loaded into another database: the server does not start, says why, and starts with as many again."""
    server = start_server({"appendonly": "yes"})
    with server.connect() as connection:
        connection.command("SET", "key", "0")
        connection.command("SELECT", "12")
        connection.command("SET", "key", "12")
    server.kill()
    with pytest.raises(AssertionError, match="there are only 4 databases"):
        start_server({"dir": str(server.directory), "appendonly": "yes", "databases": "4"})
    server.start_again()
    with server.connect() as connection:
        assert connection.command("GET", "key").value == b"0"
        connection.command("SELECT", "12")
        assert connection.command("GET", "key").value == b"12"


def test_renamed_commands_that_wait_for_flash(start_server):
    """A request keeps its name over the wait for a cold value, and what is appended is what any server can load."""
    server = start_server(
        {"appendonly": "yes", "rename-command": ("GET", "fetch")},
        tier={"tier-enabled": "yes", "maxmemory": "12mb", "tier-min-value-size": "64"},
    )
    count = 4000
    with server.connect() as connection:
        connection.pipeline([("SET", "k%d" % i, b"%d:" % i + b"v" * 5000) for i in range(count)])
        assert server.info_number("tiering", "tier_cold_keys") > 0
        for reply, i in zip(connection.pipeline([("fetch", "k%d" % i) for i in range(count)]), range(count)):
            assert reply.value.startswith(b"%d:" % i), reply


def test_directory_changed_under_the_file(start_server):
    """It would be torn apart: refused while it is on."""
    server = start_server({"appendonly": "yes", "enable-protected-configs": "yes"})
    other = server.directory / "other"
    other.mkdir()
    with server.connect() as connection:
        refused = connection.command("CONFIG", "SET", "dir", str(other))
        assert refused.is_error and b"appendonly" in refused.value
        assert connection.command("CONFIG", "GET", "dir").value[1].value != str(other).encode()
        assert connection.command("CONFIG", "SET", "appendonly", "no").value == b"OK"
        assert connection.command("CONFIG", "SET", "dir", str(other)).value == b"OK"
        assert connection.command("CONFIG", "SET", "appendonly", "yes").value == b"OK"
        wait_for_base(server)
    assert (other / "appendonlydir" / "appendonly.aof.manifest").exists()


def test_words_larger_than_this_server_takes(start_server):
    """What was allowed when the file was written can be loaded whatever is allowed now."""
    server = start_server({"appendonly": "yes", "proto-max-bulk-len": "1gb"})
    count = (512 << 20) + 1
    with server.connect() as connection:
        connection.command("SET", "large", b"x" * count)
    server.kill()
    again = start_server({"dir": str(server.directory), "appendonly": "yes"})
    with again.connect() as connection:
        assert connection.command("STRLEN", "large").value == count


def test_the_file_is_not_loaded_within_a_transaction(start_server):
    """What the transaction has done before is not in the file yet and would be lost."""
    server = start_server({"appendonly": "yes"})
    with server.connect() as connection:
        connection.pipeline([("MULTI",), ("INCR", "n"), ("DEBUG", "LOADAOF"), ("INCR", "n")])
        answers = connection.command("EXEC").value
    assert answers[1].is_error and answers[2].value == 2
    server.kill()
    server.start_again()
    with server.connect() as connection:
        assert connection.command("GET", "n").value == b"2"


def test_what_a_killed_server_left_unfinished_goes(start_server):
    """Each kill within a rewrite would otherwise leave a file as large as the data set."""
    server = start_server({"appendonly": "yes"})
    with server.connect() as connection:
        fill(connection)
        connection.command("CONFIG", "SET", "rdb-key-save-delay", "20000")
        connection.command("BGREWRITEAOF")
        folder = server.directory / "appendonlydir"
        wait_until(lambda: list(folder.glob("temp-rewriteaof-bg-*.aof")), "the child's file")
    server.kill()
    server.start_again()
    assert not list(folder.glob("temp-*"))
    with server.connect() as connection:
        assert connection.command("DBSIZE").value == KEYS
