"""Start and end of the process: options, configuration files, listeners, log lines, exit codes."""

import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import tempfile
from typing import List

import pytest

from support.resp import OK, Connection, Reply
from support.server import LOOPBACK, free_port, target_binary
from support.waiting import wait_until

PONG = Reply("+", b"PONG")
TIER_OFF = {"tier-enabled": "no", "maxmemory": "0"}
CAP_SYS_RESOURCE = 24


def run_binary(*arguments: str, stdin: str = ""):
    """Runs the binary until it ends by itself; returns (exit code, all output)."""
    with tempfile.TemporaryDirectory(prefix="tidemark-test-") as directory:
        done = subprocess.run(
            [target_binary(), *arguments],
            input=stdin.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=30,
            cwd=directory,
        )
    return done.returncode, done.stdout.decode(errors="replace")


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


@pytest.fixture
def short_directory():
    """A directory whose path is short enough for a Unix socket."""
    with tempfile.TemporaryDirectory(prefix="tidemark-test-") as directory:
        yield directory


def test_version():
    """--version and -v print one line with a version number and end with 0."""
    for flag in ("--version", "-v"):
        code, output = run_binary(flag)
        assert code == 0 and " v=" in output, output
        assert len(output.strip().splitlines()) == 1


def test_help():
    """--help shows how the program is called."""
    for flag in ("--help", "-h"):
        code, output = run_binary(flag)
        assert "Usage:" in output and "--port" in output
        assert code in (0, 1)


@pytest.mark.parametrize(
    "arguments, stdin",
    [
        (["--no-such-directive", "1"], ""),
        (["--port", "abc"], ""),
        (["--maxmemory-policy", "sometimes"], ""),
        (["--databases"], ""),
        (["-"], "maxclients ten\n"),
        (["-"], "no-such-directive 1\n"),
        (["/no/such/file.conf"], ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else repr(value),
)
def test_bad_configuration_stops_the_start(arguments, stdin):
    """An unknown directive or a bad value stops the start with exit code 1 and names the culprit."""
    code, output = run_binary(*arguments, stdin=stdin)
    assert code == 1
    culprit = (stdin or " ".join(arguments)).split()[0].lstrip("-") or arguments[0]
    assert culprit in output, output


def test_start_lines(start_server):
    """The log says PID, then that the server is initialized, then that it accepts connections; it goes to stdout."""
    # redis-server prints the PID line only with its logo.
    server = start_server({"always-show-logo": "yes"}, tier=TIER_OFF)
    log = wait_until(lambda: "Ready to accept connections" in server.log() and server.log(), "the server is ready")
    pid, initialized, ready = (
        log.find(text) for text in ("PID: %d" % server.pid, "Server initialized", "Ready to accept connections")
    )
    assert -1 < pid < initialized < ready, log
    assert int(server.info("server")["process_id"]) == server.pid
    assert int(server.info("server")["tcp_port"]) == server.port


def test_logfile(start_server):
    """With `logfile` the log goes there."""
    server = start_server({"logfile": "own.log"}, tier=TIER_OFF)
    own = server.directory / "own.log"
    wait_until(lambda: own.exists() and "Ready to accept connections" in own.read_text(), "the log is written")


def test_sigterm_ends_with_zero(start_server):
    """SIGTERM, under load too, ends the server within ten seconds with exit code 0."""
    server = start_server(tier=TIER_OFF)
    connection = server.connect()
    connection.pipeline([("SET", b"k:%d" % i, b"v" * 100) for i in range(10_000)])
    assert server.terminate() == 0
    assert "bye bye" in server.log()
    assert connection.wait_closed(5) == b""


def test_sigint_ends_with_zero(start_server):
    """SIGINT is the same as SIGTERM."""
    server = start_server(tier=TIER_OFF)
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(10) == 0


def test_shutdown_command(start_server):
    """SHUTDOWN NOSAVE ends the server with 0 and closes the connection without a reply."""
    server = start_server(tier=TIER_OFF)
    with server.connect() as connection:
        connection.send_command("SHUTDOWN", "NOSAVE")
        assert connection.wait_closed(10) == b""
    assert server.process.wait(10) == 0


def test_port_taken(start_server):
    """A taken port: `Failed listening on port` and exit code 1."""
    server = start_server(tier=TIER_OFF)
    code, output = run_binary("--port", str(server.port), "--bind", LOOPBACK)
    assert code == 1
    assert "Failed listening on port %d" % server.port in output
    with server.connect() as connection:
        assert connection.command("PING") == PONG


def test_configuration_file_and_overrides(start_server):
    """A file is read first, directives of the command line win, quotes and comments are understood."""
    text = '# a comment\n\nmaxclients 123\ntimeout 77\n  databases   7  \nrequirepass "se\\x63ret \\"x\\""\nlfu-log-factor 3\n'
    server = start_server({"timeout": "88"}, tier=TIER_OFF, config=text, password='secret "x"')
    config = server.client().config_get("*")
    assert (config["maxclients"], config["timeout"], config["databases"], config["lfu-log-factor"]) == (
        "123",
        "88",
        "7",
        "3",
    )
    assert server.info("server")["config_file"].endswith("given.conf")
    with server.connect() as connection:
        assert connection.command("SELECT", 7).is_error
        assert connection.command("SELECT", 6) == OK


def test_configuration_on_stdin(start_server):
    """`-` reads the configuration from standard input."""
    server = start_server(tier=TIER_OFF, config="maxclients 321\nslowlog-max-len 5\n", config_on_stdin=True)
    config = server.client().config_get("*")
    assert (config["maxclients"], config["slowlog-max-len"]) == ("321", "5")


def test_config_rewrite(start_server):
    """CONFIG REWRITE writes what was set into the file, keeps comments, and a new start reads it."""
    server = start_server(tier=TIER_OFF, config="# keep me\nmaxclients 123\n")
    client = server.client()
    assert client.config_set("lfu-log-factor", "17")
    assert client.config_set("maxclients", "456")
    assert client.config_rewrite()
    text = (server.directory / "given.conf").read_text()
    assert (
        "# keep me" in text
        and "lfu-log-factor 17" in text
        and "maxclients 456" in text
        and "maxclients 123" not in text
    )
    again = start_server({"port": str(free_port()), "dir": "."}, config=text)
    config = again.client().config_get("*")
    assert (config["lfu-log-factor"], config["maxclients"]) == ("17", "456")


def test_unix_socket(start_server, short_directory):
    """unixsocket listens with the permissions of unixsocketperm and serves the same data."""
    path = os.path.join(short_directory, "s.sock")
    server = start_server({"unixsocket": path, "unixsocketperm": "700"}, tier=TIER_OFF)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o700
    with server.connect() as tcp, Connection(path) as unix:
        assert tcp.command("SET", "k", "v") == OK
        assert unix.command("GET", "k") == Reply("$", b"v")
        assert path.encode() in unix.command("CLIENT", "INFO").value
    assert server.terminate() == 0
    assert not os.path.exists(path)


def test_only_unix_socket(short_directory):
    """`port 0` listens on no TCP port at all."""
    path = os.path.join(short_directory, "s.sock")
    process = subprocess.Popen(
        [target_binary(), "--port", "0", "--unixsocket", path, "--dir", short_directory, "--save", ""],
        stdout=subprocess.DEVNULL,
        cwd=short_directory,
    )
    try:
        wait_until(lambda: os.path.exists(path), "the socket appears")

        def answers():
            try:
                with Connection(path) as connection:
                    return connection.command("PING") == PONG
            except ConnectionRefusedError:
                return False

        wait_until(answers, "the socket answers")
        listening = subprocess.run(["ss", "-ltnp"], stdout=subprocess.PIPE, check=True).stdout.decode()
        assert "pid=%d," % process.pid not in listening
    finally:
        process.terminate()
        assert process.wait(10) == 0


def test_several_binds(start_server):
    """Several addresses are listened on, and only those."""
    server = start_server({"bind": ["127.0.0.1", "127.0.0.2"]}, tier=TIER_OFF)
    for address in ("127.0.0.1", "127.0.0.2"):
        with Connection((address, server.port)) as connection:
            assert connection.command("PING") == PONG
            assert ("laddr=%s:%d" % (address, server.port)).encode() in connection.command("CLIENT", "INFO").value
    with pytest.raises(ConnectionRefusedError):
        Connection(("127.0.0.3", server.port))


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")
def test_ipv6(start_server):
    """An IPv6 address is listened on and shown in brackets."""
    server = start_server({"bind": ["127.0.0.1", "::1"]}, tier=TIER_OFF)
    with Connection(("::1", server.port)) as connection:
        assert connection.command("PING") == PONG
        assert ("laddr=[::1]:%d" % server.port).encode() in connection.command("CLIENT", "INFO").value


def test_optional_bind_address(start_server):
    """An address with `-` before it may be missing; one without must be there."""
    server = start_server({"bind": ["127.0.0.1", "-192.0.2.77"]}, tier=TIER_OFF)
    with server.connect() as connection:
        assert connection.command("PING") == PONG
    code, output = run_binary("--port", str(free_port()), "--bind", "192.0.2.77")
    assert code == 1 and "192.0.2.77" in output


def test_protected_mode_lets_loopback_in(start_server):
    """Protected mode, without bind and password, serves the loopback; it can be switched at run time."""
    server = start_server({"bind": ["*"], "protected-mode": "yes"}, tier=TIER_OFF)
    with server.connect() as connection:
        assert connection.command("PING") == PONG
        assert connection.command("CONFIG", "GET", "protected-mode").value[1].value == b"yes"


def other_address():
    """An address of this machine other than the loopback, if there is one."""
    for line in subprocess.run(["ip", "-4", "-o", "addr"], stdout=subprocess.PIPE).stdout.decode().splitlines():
        address = line.split()[3].split("/")[0]
        if not address.startswith("127."):
            return address
    return None


@pytest.mark.skipif(other_address() is None, reason="this machine has only a loopback address")
def test_protected_mode_refuses_others(start_server):
    """Protected mode answers a client from elsewhere with -DENIED and closes; a password or `no` lets it in."""
    server = start_server({"bind": ["*"], "protected-mode": "yes"}, tier=TIER_OFF)
    with Connection((other_address(), server.port)) as stranger:
        assert stranger.wait_closed(5).startswith(b"-DENIED ")
    with server.connect() as connection:
        assert connection.command("CONFIG", "SET", "protected-mode", "no") == OK
    with Connection((other_address(), server.port)) as stranger:
        assert stranger.command("PING") == PONG


def test_requirepass(start_server):
    """With requirepass only AUTH, HELLO, QUIT and RESET work before the password is given."""
    server = start_server({"requirepass": "pw"}, tier=TIER_OFF, password="pw")
    with server.connect(authenticate=False) as connection:
        assert connection.command("GET", "k") == Reply("-", b"NOAUTH Authentication required.")
        assert connection.command("AUTH", "no").value.startswith(b"WRONGPASS ")
        assert connection.command("GET", "k").value.startswith(b"NOAUTH")
        assert connection.command("AUTH", "pw") == OK
        assert connection.command("SET", "k", "v") == OK
        assert connection.command("RESET") == Reply("+", b"RESET")
        assert connection.command("GET", "k").value.startswith(b"NOAUTH")
        assert connection.command("HELLO", 3, "AUTH", "default", "pw").kind == "%"
        assert connection.command("GET", "k") == Reply("$", b"v")


@pytest.mark.tidemark_only
def test_identity(start_server):
    """INFO reports a Redis version for clients that look, and Tidemark's own."""
    info = start_server(tier=TIER_OFF).info("server")
    assert info["redis_version"] == "7.2.4"
    assert info["redis_mode"] == "standalone"
    assert info["tidemark_version"]


@pytest.mark.tidemark_only
def test_old_vm_directives(start_server, tmp_path):
    """The directives of the old Redis VM are accepted, mapped to the tier, with a notice in the log."""
    directives = {
        "vm-enabled": "yes",
        "vm-swap-file": str(tmp_path / "redis.swap"),
        "vm-max-memory": "33554432",
        "vm-page-size": "32",
        "vm-pages": "134217728",
        "vm-max-threads": "4",
    }
    server = start_server(directives)
    assert server.client().config_get("tier-enabled") == {"tier-enabled": "yes"}
    for name in directives:
        assert name in server.log(), "the log has no notice about " + name


def test_renamed_commands(start_server):
    """rename-command gives a command another name, or takes it away; its old name is unknown."""
    server = start_server({"rename-command": ["FLUSHALL", "b840fc02"]})
    connection = server.connect()
    assert connection.command("SET", "a", "1").value == b"OK"
    reply = connection.command("flushall")
    assert reply.is_error and reply.value.startswith(b"ERR unknown command 'flushall'")
    assert connection.command("B840FC02").value == b"OK"
    assert connection.command("DBSIZE").value == 0
    gone = start_server({"rename-command": ["FLUSHALL", ""]}).connect()
    assert gone.command("FLUSHALL").value.startswith(b"ERR unknown command")


def without_raising(hard: int) -> List[str]:
    """Launches a program that may open so many files, and has no say in that."""
    line = ["/bin/sh", "-c", 'ulimit -Sn 64 && ulimit -Hn %d && exec "$@"' % hard, "sh"]
    status = pathlib.Path("/proc/self/status").read_text()
    may_raise = int(re.search(r"CapEff:\s*(\w+)", status)[1], 16) & 1 << CAP_SYS_RESOURCE
    return line + (["setpriv", "--bounding-set", "-sys_resource"] if may_raise else [])


def open_files_limit(server) -> int:
    limits = pathlib.Path("/proc/%d/limits" % server.pid).read_text()
    return int(re.search(r"Max open files\s+(\d+)", limits)[1])


@pytest.mark.parametrize("size", ["0", "8gb"])
def test_segments_of_the_tier_are_open_files(start_server, size):
    """The limit of open files is raised for all that the tier may come to need, not for clients alone."""
    tier = {"tier-enabled": "yes", "tier-max-size": size, "tier-segment-size": "16mb"}
    server = start_server({"maxclients": "20"}, tier=tier, launcher=without_raising(4096))
    assert 20 + (8 << 30) // (16 << 20) < open_files_limit(server) <= 4096
    assert "limit of open files" not in server.log()
    assert server.client().config_get("maxclients")["maxclients"] == "20"


def test_too_few_open_files_for_clients_and_tier(start_server):
    """Clients and a tier share a limit that is too low for both; the log says what would do."""
    tier = {"tier-enabled": "yes", "tier-max-size": "16gb", "tier-segment-size": "16mb"}
    server = start_server({"maxclients": "1000"}, tier=tier, launcher=without_raising(400))
    clients = int(server.client().config_get("maxclients")["maxclients"])
    assert 100 <= clients < 200 and open_files_limit(server) == 400
    assert "too low for maxclients 1000 and tier-max-size 16.00G with all its segments: maxclients is now %d." % clients in (
        server.log()
    )
    with server.connect() as connection:
        assert connection.command("CONFIG", "SET", "maxclients", "900") == OK
    assert server.client().config_get("maxclients")["maxclients"] == str(clients)
    assert server.log().count("too low for maxclients") == 2


def test_checkpoints_are_of_the_value_log(start_server):
    """Asked for with the other engine, a line in the log says that there will be none."""
    for engine in ("rocksdb", "valuelog"):
        server = start_server(tier={"tier-enabled": "yes", "tier-engine": engine, "tier-checkpoint": "yes"})
        said = "Flash tier: tier-checkpoint has no effect: only tier-engine valuelog makes checkpoints" in server.log()
        assert said == (engine == "rocksdb")
