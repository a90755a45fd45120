"""Clients and what they ask of a server: CLIENT subcommands, redis-py, RESP3, redis-cli, redis-benchmark."""

import re
import subprocess
import threading

import pytest
import redis

from support.resp import OK, ConnectionClosed, Reply
from support.waiting import wait_until

TIER_OFF = {"tier-enabled": "no", "maxmemory": "0"}


@pytest.fixture
def server(start_server):
    return start_server(tier=TIER_OFF)


@pytest.fixture
def connection(server):
    with server.connect() as connection:
        yield connection


def client_fields(connection):
    text = connection.command("CLIENT", "INFO").value.decode()
    return dict(part.split("=", 1) for part in text.split())


def list_ids(connection, *arguments):
    return [
        int(i) for i in re.findall(rb"^id=(\d+)", connection.command("CLIENT", "LIST", *arguments).value, re.MULTILINE)
    ]


def assert_closed(connection) -> None:
    with pytest.raises((ConnectionClosed, ConnectionResetError, BrokenPipeError)):
        connection.command("PING")
        connection.command("PING")


def test_client_info(server, connection):
    """CLIENT INFO describes this connection: id, addresses, name, database, last command, protocol."""
    fields = client_fields(connection)
    host, port = connection.sock.getsockname()
    assert fields["id"] == str(connection.command("CLIENT", "ID").value)
    assert fields["addr"] == "%s:%d" % (host, port)
    assert fields["laddr"] == "127.0.0.1:%d" % server.port
    assert (fields["db"], fields["name"], fields["flags"], fields["resp"], fields["user"]) == (
        "0",
        "",
        "N",
        "2",
        "default",
    )
    assert fields["cmd"] == "client|info"
    connection.command("SELECT", 5)
    connection.command("CLIENT", "SETNAME", "me")
    connection.command("HELLO", 3)
    text = connection.command("CLIENT", "INFO").value
    assert b" db=5 " in text and b" name=me " in text and b" resp=3" in text


def test_client_list(server, connection):
    """CLIENT LIST has a line for each client, filtered by TYPE and ID."""
    with server.connect() as second, server.connect() as third:
        ids = [other.command("CLIENT", "ID").value for other in (connection, second, third)]
        assert ids == sorted(ids) and len(set(ids)) == 3
        assert sorted(list_ids(connection)) == ids
        assert sorted(list_ids(connection, "TYPE", "normal")) == ids
        assert list_ids(connection, "TYPE", "replica") == []
        assert sorted(list_ids(connection, "ID", ids[0], ids[2], 999999)) == [ids[0], ids[2]]
    wait_until(lambda: list_ids(connection) == ids[:1], "closed clients leave the list")


def test_client_kill(server, connection):
    """CLIENT KILL by ID, ADDR, LADDR, TYPE, USER and in its old form closes the right clients and counts them."""
    mine = connection.command("CLIENT", "ID").value
    for form in ("id", "addr", "old", "combined"):
        with server.connect() as victim, server.connect() as bystander:
            victim_id = victim.command("CLIENT", "ID").value
            address = "%s:%d" % victim.sock.getsockname()
            arguments = {
                "id": ("ID", victim_id),
                "addr": ("ADDR", address),
                "old": (address,),
                "combined": ("ID", victim_id, "ADDR", address, "TYPE", "normal"),
            }[form]
            assert connection.command("CLIENT", "KILL", *arguments) == (OK if form == "old" else Reply(":", 1))
            assert_closed(victim)
            assert bystander.command("PING").value == b"PONG"
            assert connection.command("CLIENT", "KILL", *arguments) == (
                Reply("-", b"ERR No such client") if form == "old" else Reply(":", 0)
            )
    victims = [server.connect() for _ in range(3)]
    for victim in victims:
        victim.command("PING")
    wait_until(lambda: len(list_ids(connection)) == 4, "the closed ones have left")
    assert connection.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") == Reply(":", 3)
    for victim in victims:
        assert_closed(victim)
    assert connection.command("CLIENT", "ID").value == mine
    # Killing oneself: the reply still comes, then the connection closes.
    assert connection.command("CLIENT", "KILL", "ID", mine, "SKIPME", "no") == Reply(":", 1)
    assert connection.wait_closed(5) == b""


def test_kill_by_local_address_and_user(server, connection):
    """LADDR and USER name every client of the port and of the user."""
    with server.connect() as victim:
        victim.command("PING")
        assert connection.command("CLIENT", "KILL", "USER", "default", "LADDR", "127.0.0.1:%d" % server.port) == Reply(
            ":", 1
        )
        assert_closed(victim)


def in_background(call):
    """Runs the call in a thread; returns (thread, list that gets its result)."""
    results = []
    thread = threading.Thread(target=lambda: results.append(call()), daemon=True)
    thread.start()
    return thread, results


def blocked_clients(server) -> int:
    return server.info_number("clients", "blocked_clients")


def test_pause_write(server, connection):
    """CLIENT PAUSE WRITE holds writers, not readers, until UNPAUSE; nothing that was held is lost."""
    with server.connect() as writer, server.connect() as reader:
        assert connection.command("CLIENT", "PAUSE", 60_000, "WRITE") == OK
        thread, results = in_background(lambda: writer.pipeline([("INCR", "n"), ("INCR", "n"), ("GET", "n")]))
        wait_until(lambda: blocked_clients(server) == 1, "the writer is held")
        assert reader.command("GET", "n").is_null
        assert reader.command("EXISTS", "n").value == 0
        assert connection.command("CLIENT", "UNPAUSE") == OK
        thread.join(10)
        assert [reply.value for reply in results[0]] == [1, 2, b"2"]
        assert reader.command("GET", "n").value == b"2"


def test_pause_all_ends_by_itself(server, connection):
    """CLIENT PAUSE ALL holds every command of the others until its time is over."""
    with server.connect() as other:
        before = connection.command("TIME").value
        assert connection.command("CLIENT", "PAUSE", 400) == OK
        assert other.command("PING").value == b"PONG"
        after = other.command("TIME").value
        passed_us = (
            (int(after[0].value) - int(before[0].value)) * 1_000_000 + int(after[1].value) - int(before[1].value)
        )
        assert 350_000 < passed_us < 5_000_000


def test_client_may_leave_while_paused(server, connection):
    """A held client that closes is forgotten: its command never runs."""
    with server.connect() as leaving:
        assert connection.command("CLIENT", "PAUSE", 60_000, "WRITE") == OK
        leaving.send_command("SET", "ghost", "1")
        wait_until(lambda: blocked_clients(server) == 1, "the writer is held")
    wait_until(lambda: blocked_clients(server) == 0, "the client that left is forgotten")
    assert connection.command("CLIENT", "UNPAUSE") == OK
    assert connection.command("EXISTS", "ghost").value == 0


def test_client_reply(connection):
    """CLIENT REPLY OFF, SKIP and ON switch replies, not commands."""
    connection.send_command("CLIENT", "REPLY", "OFF")
    connection.send_command("SET", "k", "1")
    connection.send_command("NOSUCH")
    connection.send_command("INCR", "k")
    assert connection.command("CLIENT", "REPLY", "ON") == OK
    assert connection.command("GET", "k").value == b"2"
    connection.send_command("CLIENT", "REPLY", "SKIP")
    connection.send_command("INCR", "k")
    assert connection.command("GET", "k").value == b"3"


def test_no_evict(connection):
    """CLIENT NO-EVICT shows as a flag of the client."""
    assert connection.command("CLIENT", "NO-EVICT", "on") == OK
    assert "e" in client_fields(connection)["flags"]
    assert connection.command("CLIENT", "NO-EVICT", "off") == OK
    assert client_fields(connection)["flags"] == "N"


@pytest.mark.tidemark_only
def test_no_touch(start_server):
    """CLIENT NO-TOUCH: reads of this client do not make a key look used, except by TOUCH."""
    server = start_server({"maxmemory-policy": "allkeys-lfu", "lfu-decay-time": "0"}, tier=TIER_OFF)
    with server.connect() as quiet, server.connect() as other:
        assert quiet.command("SET", "k", "v") == OK
        assert quiet.command("OBJECT", "FREQ", "k").value == 5
        assert quiet.command("CLIENT", "NO-TOUCH", "on") == OK
        assert "T" in client_fields(quiet)["flags"]
        for _ in range(5):
            quiet.command("GET", "k")
        assert other.command("OBJECT", "FREQ", "k").value == 5
        other.command("GET", "k")
        assert other.command("OBJECT", "FREQ", "k").value == 6
        assert quiet.command("CLIENT", "NO-TOUCH", "off") == OK
        assert quiet.command("CLIENT", "NO-TOUCH", "maybe").is_error


@pytest.mark.tidemark_only
def test_setinfo(connection):
    """CLIENT SETINFO keeps the library's name and version; odd characters and attributes are refused."""
    assert connection.command("CLIENT", "SETINFO", "lib-name", "redis-py(x)") == OK
    assert connection.command("CLIENT", "SETINFO", "LIB-VER", "4.3.4") == OK
    fields = client_fields(connection)
    assert (fields["lib-name"], fields["lib-ver"]) == ("redis-py(x)", "4.3.4")
    assert connection.command("CLIENT", "SETINFO", "lib-name", "a b") == Reply(
        "-", b"ERR lib-name cannot contain spaces, newlines or special characters."
    )
    assert connection.command("CLIENT", "SETINFO", "lib-foo", "x").is_error
    # RESET clears the name of the connection but not what library it is.
    connection.command("RESET")
    assert client_fields(connection)["lib-name"] == "redis-py(x)"


def test_reset(connection):
    """RESET puts the connection back to its beginning: database 0, RESP2, no name, replies on."""
    connection.command("HELLO", 3, "SETNAME", "x")
    connection.command("SELECT", 4)
    assert connection.command("RESET") == Reply("+", b"RESET")
    fields = client_fields(connection)
    assert (fields["db"], fields["name"], fields["resp"]) == ("0", "", "2")
    assert connection.command("GET", "none") == Reply("$", None)


def test_resp3_types(connection):
    """RESP3: maps, nulls, verbatim texts in their own types; back in RESP2 the old ones."""
    assert connection.command("HELLO", 3).kind == "%"
    assert connection.command("GET", "none") == Reply("_", None)
    assert connection.command("CONFIG", "GET", "maxclients").kind == "%"
    assert connection.command("INFO", "server").value.startswith(b"txt:# Server")
    assert connection.command("LOLWUT").kind == "="
    assert connection.command("COMMAND", "DOCS", "GET").kind == "%"
    assert connection.command("MGET", "none", "none") == Reply("*", (Reply("_", None), Reply("_", None)))
    assert connection.command("LCS", "a", "b", "IDX").kind == "%"
    assert connection.command("MEMORY", "STATS").kind == "%"
    assert connection.command("HELLO", 2).kind == "*"
    assert connection.command("CONFIG", "GET", "maxclients").kind == "*"
    assert connection.command("HELLO", 4).value == b"NOPROTO unsupported protocol version"
    assert connection.command("GET", "none") == Reply("$", None)


def test_command_docs(connection):
    """COMMAND DOCS describes the commands asked for: summary, since, group, arguments; unknown names are left out."""
    reply = connection.command("COMMAND", "DOCS", "set", "nosuch", "client")
    names = [item.value for item in reply.value[::2]]
    assert sorted(names) == [b"client", b"set"]
    documents = dict(zip(names, reply.value[1::2]))
    fields = [item.value for item in documents[b"set"].value[::2]]
    assert {b"summary", b"since", b"group", b"complexity", b"arguments"} <= set(fields)
    assert b"subcommands" in [item.value for item in documents[b"client"].value[::2]]


def test_info_fields(server):
    """INFO's default sections come in Redis' order with the fields that tools read."""
    with server.connect() as connection:
        text = connection.command("INFO").value.decode()
        headers = re.findall(r"^# (\w+)", text, re.MULTILINE)
        expected = [
            "Server",
            "Clients",
            "Memory",
            "Persistence",
            "Stats",
            "Replication",
            "CPU",
            "Errorstats",
            "Keyspace",
        ]
        present = [header for header in headers if header in expected]
        assert present == [header for header in expected if header in present]
        assert {"Server", "Clients", "Memory", "Stats", "CPU", "Keyspace"} <= set(present)
    info = server.info()
    for field in (
        "redis_version",
        "redis_mode",
        "os",
        "arch_bits",
        "process_id",
        "run_id",
        "tcp_port",
        "uptime_in_seconds",
        "hz",
        "executable",
        "config_file",
        "connected_clients",
        "maxclients",
        "blocked_clients",
        "used_memory",
        "used_memory_human",
        "used_memory_rss",
        "used_memory_peak",
        "total_system_memory",
        "maxmemory",
        "maxmemory_human",
        "maxmemory_policy",
        "mem_fragmentation_ratio",
        "mem_allocator",
        "lazyfree_pending_objects",
        "lazyfreed_objects",
        "total_connections_received",
        "total_commands_processed",
        "instantaneous_ops_per_sec",
        "total_net_input_bytes",
        "total_net_output_bytes",
        "rejected_connections",
        "expired_keys",
        "evicted_keys",
        "keyspace_hits",
        "keyspace_misses",
        "total_error_replies",
        "role",
        "used_cpu_sys",
        "used_cpu_user",
    ):
        assert field in info, field
    assert len(info["run_id"]) == 40


def test_redis_py(server):
    """redis-py's everyday calls."""
    client = server.client(decode_responses=True)
    assert client.ping() and client.set("k", "v", ex=100, nx=True)
    assert client.set("k", "w", nx=True) is None and client.set("k", "w", get=True) == "v"
    assert client.get("k") == "w" and client.ttl("k") == -1
    assert client.mset({"a": 1, "b": 2.5}) and client.mget("a", "b", "c") == ["1", "2.5", None]
    assert client.incrby("a", 5) == 6 and client.incrbyfloat("b", 0.25) == 2.75
    assert client.append("k", "xyz") == 4 and client.getrange("k", 1, -2) == "xy"
    assert client.getex("k", ex=50) == "wxyz" and 0 < client.ttl("k") <= 50
    assert client.expire("k", 10, lt=True) and not client.expire("k", 100, lt=True)
    assert sorted(client.scan_iter(count=1)) == ["a", "b", "k"] and client.exists("a", "b", "nope") == 2
    assert client.rename("a", "z") and client.copy("z", "y") and client.type("y") == "string"
    assert client.getdel("z") == "6" and client.delete("y", "b") == 2
    assert client.object("encoding", "k") == "raw"
    assert client.config_get("maxclients")["maxclients"] and client.info("server")["redis_mode"] == "standalone"
    assert client.client_setname("py") and client.client_getname() == "py"
    assert client.command_count() > 50 and client.command_getkeys("MSET", "a", 1, "b", 2) == ["a", "b"]
    assert client.memory_usage("k") > 0 and client.memory_stats()["keys.count"] == 1
    with pytest.raises(redis.ResponseError, match="unknown command"):
        client.execute_command("NOSUCH")
    with pytest.raises(redis.ResponseError, match="not an integer"):
        client.incr("k")
    assert client.flushall() and client.dbsize() == 0


def test_counters_from_many_clients(server):
    """Eight clients increment the same keys at once: no increment is lost."""
    rounds, failures = 500, []

    def work():
        try:
            client = server.client()
            for _ in range(rounds):
                with client.pipeline(transaction=False) as pipe:
                    pipe.incr("n").incrby("m", 3).append("log", "x")
                    pipe.execute()
        except Exception as error:  # reported below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    client = server.client()
    assert (int(client.get("n")), int(client.get("m")), client.strlen("log")) == (8 * rounds, 24 * rounds, 8 * rounds)


def run_tool(*arguments, stdin=b""):
    done = subprocess.run(arguments, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    assert done.returncode == 0, done.stdout.decode(errors="replace")
    return done.stdout.decode()


def test_redis_cli(server):
    """redis-cli: one-liners, --scan, INFO, RESP3, --pipe, --bigkeys."""
    cli = ("redis-cli", "-p", str(server.port))
    assert run_tool(*cli, "set", "k:1", "hello") == "OK\n"
    assert run_tool(*cli, "-n", "3", "set", "other", "1") == "OK\n"
    assert run_tool(*cli, "--scan") == "k:1\n"
    assert run_tool(*cli, "--scan", "--pattern", "none*") == ""
    assert "redis_version:" in run_tool(*cli, "INFO")
    assert run_tool(*cli, "-3", "get", "k:1") == "hello\n"
    assert run_tool(*cli, "-3", "config", "get", "maxclients").split() == ["maxclients", "10000"]
    assert run_tool(*cli, "get", "none") == "\n"
    stream = b"".join(b"*3\r\n$3\r\nSET\r\n$%d\r\nk:%d\r\n$1\r\nv\r\n" % (len("k:%d" % i), i) for i in range(1000))
    assert "errors: 0, replies: 1000" in run_tool(*cli, "--pipe", stdin=stream)
    assert len(run_tool(*cli, "--scan").split()) == 1000
    assert "Biggest string found" in run_tool(*cli, "--bigkeys")
    assert run_tool(*cli, "client", "id").strip().isdigit()


def test_redis_benchmark(server):
    """redis-benchmark runs against the server, with and without pipelining."""
    tool = ("redis-benchmark", "-p", str(server.port), "-n", "2000", "-q")
    for extra in ((), ("-P", "16"), ("-d", "1000", "-r", "100")):
        output = run_tool(*tool, "-t", "set,get", *extra)
        assert "SET: " in output and "GET: " in output and "requests per second" in output
    output = run_tool(*tool, "-t", "ping,incr,mset")
    assert "PING_INLINE: " in output and "INCR: " in output and "MSET" in output
    assert server.client().dbsize() > 0
