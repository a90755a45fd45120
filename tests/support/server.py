"""Server processes for tests: Tidemark or redis-server, each with its own port and temporary directory.

The binary under test comes from TIDEMARK_SERVER (default build/release/tidemark-server); the oracle is Debian's
redis-server (REDIS_SERVER). A process is only ever ended by the pid this module started.
"""

import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Union

import redis

from support.resp import Connection, ConnectionClosed
from support.waiting import time_factor

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
LOOPBACK = "127.0.0.1"
START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 10.0
PORT_ATTEMPTS = 5

Options = Mapping[str, Union[str, int, Sequence[str]]]

# A line of the log that no healthy run has.
DISASTER = re.compile(
    r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|crashed by signal|BUG REPORT|Assertion|assertion failed"
)


def target_binary() -> str:
    return os.environ.get("TIDEMARK_SERVER", str(REPOSITORY / "build" / "release" / "tidemark-server"))


def oracle_binary() -> str:
    return os.environ.get("REDIS_SERVER", "/usr/bin/redis-server")


def is_tidemark(binary: str) -> bool:
    return not pathlib.Path(binary).name.startswith(("redis-server", "valkey-server"))


def is_sanitized(binary: str) -> bool:
    """Sanitizer builds answer alike but need several times the memory, so limits on RSS do not apply to them."""
    return b"__asan_init" in pathlib.Path(binary).read_bytes() or b"__tsan_init" in pathlib.Path(binary).read_bytes()


def free_port() -> int:
    """One that no other worker of this run draws: whoever finds its port taken would take the server there for its own."""
    first = 10_000 + 2_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 10)
    while True:
        port = random.SystemRandom().randrange(first, first + 2_000)
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
                return port
            except OSError:
                pass


def flatten(options: Options) -> List[str]:
    arguments: List[str] = []
    for name, value in options.items():
        arguments.append("--" + name)
        arguments.extend(value if isinstance(value, (list, tuple)) else [str(value)])
    return arguments


def is_ready(reply) -> bool:
    """Redis answers -NOAUTH before the password is given; that too means it is ready."""
    return reply.value == b"PONG" or reply.value.startswith(b"NOAUTH")


class Server:
    """One running server. `options` go to any server, `tier` only to Tidemark (others do not know those names)."""

    def __init__(
        self,
        options: Optional[Options] = None,
        tier: Optional[Options] = None,
        *,
        binary: Optional[str] = None,
        config: Optional[str] = None,
        config_on_stdin: bool = False,
        password: Optional[str] = None,
        launcher: Sequence[str] = (),

        wait: Callable[[Any], bool] = is_ready,
    ):
        """`wait` tells from the reply to PING whether the server is as far as the test wants it."""
        self.binary = binary or target_binary()
        self.is_tidemark = is_tidemark(self.binary)
        self.password = password
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="tidemark-test-"))
        self.log_path = self.directory / "server.log"
        self.process: Optional[subprocess.Popen] = None
        self._given = dict(options or {})
        self._tier = dict(tier or {}) if self.is_tidemark else {}
        self._config = config
        self._config_on_stdin = config_on_stdin
        self._launcher = list(launcher)

        self._wait = wait
        try:
            self._start()
        except BaseException:
            self.destroy()
            raise

    # Life.

    def _command_line(self) -> List[str]:
        options: Dict[str, Any] = {
            "port": self.port,
            "bind": LOOPBACK,
            "dir": str(self.directory),
            "save": "",
            "enable-debug-command": "yes",
        }
        if self.is_tidemark:
            options["tier-dir"] = str(self.directory / "tier")
        options.update(self._given)
        options.update(self._tier)
        line = self._launcher + [self.binary]
        if self._config is not None and not self._config_on_stdin:
            config_path = self.directory / "given.conf"
            config_path.write_text(self._config)
            line.append(str(config_path))
        elif self._config_on_stdin:
            line.append("-")
        return line + flatten(options)

    def _start(self) -> None:
        for attempt in range(PORT_ATTEMPTS):
            self.port = int(self._given["port"]) if "port" in self._given else free_port()
            self._launch()
            if self._wait_ready():
                return
            taken = "Failed listening on port" in self.log() or "Address already in use" in self.log()
            if "port" in self._given or not taken or attempt == PORT_ATTEMPTS - 1:
                break
        raise AssertionError(
            "%s ended at start with code %s:\n%s" % (self.binary, self.process.returncode, self.log()[-4000:])
        )

    def _launch(self) -> None:
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                self._command_line(),
                stdin=subprocess.PIPE if self._config_on_stdin else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=str(self.directory),
            )
        if self._config_on_stdin:
            self.process.stdin.write((self._config or "").encode())
            self.process.stdin.close()

    def _wait_ready(self) -> bool:
        """True once PING is answered; false when the process ended; an exception when neither comes in time."""
        deadline = time.monotonic() + START_TIMEOUT_S * time_factor()
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            try:
                with self.connect(timeout=5, authenticate=False) as connection:
                    if self._wait(connection.command("PING")):
                        return True
            except (OSError, ConnectionClosed):
                pass
            time.sleep(0.01)
        raise AssertionError("%s was not ready in %.0f s:\n%s" % (self.binary, START_TIMEOUT_S, self.log()[-4000:]))

    def terminate(self) -> int:
        """SIGTERM, as a supervisor does; returns the exit code. Fails when the server needs more than ten seconds."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_TIMEOUT_S * time_factor())
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("SIGTERM did not end the server in ten seconds:\n" + self.log()[-4000:])

    def kill(self) -> None:
        """SIGKILL, as the kernel does when memory is short."""
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        """Starts the ended server anew, with the same options and directory and a new log."""
        assert self.process.poll() is not None, "it still runs"
        self._start()

    def assert_healthy(self) -> None:
        found = DISASTER.search(self.log())
        assert not found, "the log says %r:\n%s" % (found.group(0), self.log()[-6000:])
        assert self.process.poll() is None, "the server died with code %s:\n%s" % (
            self.process.returncode,
            self.log()[-6000:],
        )

    def destroy(self) -> None:
        """Ends the process whatever its state and removes its directory."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    # Looking at it.

    @property
    def pid(self) -> int:
        return self.process.pid

    def log(self) -> str:
        try:
            return self.log_path.read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def rss_bytes(self) -> int:
        fields = pathlib.Path("/proc/%d/statm" % self.pid).read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    def connect(self, timeout: float = 60.0, authenticate: bool = True) -> Connection:
        connection = Connection((LOOPBACK, self.port), timeout=timeout * time_factor())
        if authenticate and self.password is not None:
            assert connection.command("AUTH", self.password).value == b"OK"
        return connection

    def client(self, **kwargs: Any) -> "redis.Redis":
        kwargs.setdefault("socket_timeout", 60 * time_factor())
        return redis.Redis(host=LOOPBACK, port=self.port, password=self.password, **kwargs)

    def info(self, section: str = "") -> Dict[str, str]:
        """INFO (one section or the default ones) as field -> text."""
        with self.connect() as connection:
            reply = connection.command("INFO", section) if section else connection.command("INFO")
        assert reply.kind in "$=", "INFO answered %r" % (reply,)
        lines = reply.value.decode("utf-8", "replace").splitlines()
        return dict(line.split(":", 1) for line in lines if line and not line.startswith("#"))

    def info_number(self, section: str, field: str) -> int:
        info = self.info(section)
        assert field in info, "INFO %s has no field %s but %s" % (section, field, sorted(info))
        return int(info[field])
