"""A server process under measurement: started in a directory of its own, pinned, paused and stopped.

Pausing (SIGSTOP) is how two servers that are both loaded can take turns on one core without disturbing one another.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import redis

START_DEADLINE_SECONDS = 30
STOP_DEADLINE_SECONDS = 60
READY_POLL_SECONDS = 0.005

# Names in `INFO tiering`, in one place.
TIER_SECTION = "tiering"
TIER_COLD_KEYS_FIELD = "tier_cold_keys"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pin_prefix(cpus):
    """A command prefix that runs what follows on `cpus`, a list as taskset takes it; nothing if it is empty."""
    return ["taskset", "-c", cpus] if cpus else []


class Process:
    """Any server on a port of the local host. Use as a context manager."""

    def __init__(self, name, cpus, parent=None):
        self.name = name
        self.cpus = cpus
        self.parent = parent
        self.port = free_port()
        self.process = None

    def argv(self):
        raise NotImplementedError

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix=f"bench-{self.name.replace(' ', '-')}-", dir=self.parent)
        self.start(START_DEADLINE_SECONDS)
        return self

    def start(self, deadline_seconds):
        """Starts the process in its directory and waits until it is ready; the seconds that took."""
        self.log_path = os.path.join(self.directory, "log")
        started = time.monotonic()
        with open(self.log_path, "ab") as log:
            # taskset replaces itself by the server, so the pid is the server's.
            self.process = subprocess.Popen(
                pin_prefix(self.cpus) + self.argv(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory
            )
        try:
            self.wait_until_ready(deadline_seconds)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return time.monotonic() - started

    def kill(self):
        """As a crash would end it. What is in its directory stays, for another `start`."""
        self.process.kill()
        self.process.wait()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(STOP_DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def wait_until_ready(self, deadline_seconds):
        deadline = time.monotonic() + deadline_seconds
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                with open(self.log_path, errors="replace") as log:
                    raise RuntimeError(f"{self.name} did not start: {' '.join(self.argv())}\n{log.read()}")
            time.sleep(READY_POLL_SECONDS)

    def ready(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    @property
    def pid(self):
        return self.process.pid

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def cpu_seconds(self):
        """User and system time of the process, all of its threads, without its children."""
        # As clock_getcpuclockid computes it: the complement of the pid, and the clock that the scheduler keeps.
        return time.clock_gettime((~self.pid << 3) | 2)

    def written_bytes(self):
        """What the process has had written to storage, with its children that have been waited for."""
        with open(f"/proc/{self.pid}/io") as figures:
            return next(int(line.split()[1]) for line in figures if line.startswith("write_bytes:"))

    def status_bytes(self, field):
        """A memory field of /proc/PID/status in bytes: VmRSS is what is resident now, VmHWM the most there ever was."""
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
        raise RuntimeError(f"no {field} for {self.name}")

    def settled_rss(self):
        """Resident bytes once they have stopped moving (rehash, spilling and page purging go on after a fill)."""
        previous = self.status_bytes("VmRSS")
        for _ in range(60):
            time.sleep(0.5)
            current = self.status_bytes("VmRSS")
            if abs(current - previous) < max(65536, previous // 1000):
                return current
            previous = current
        return previous


class Server(Process):
    """redis-server, or one that takes its arguments: `directives` is a dict of configuration directives. Its directory is made in
    `parent`, the system's temporary directory if that is None."""

    def __init__(self, name, binary, cpus, directives, parent=None):
        super().__init__(name, cpus, parent)
        self.binary = binary
        self.directives = dict(directives)

    def argv(self):
        directives = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": self.directory,
            "save": "",
            "appendonly": "no",
            **{name: value.replace("{dir}", self.directory) for name, value in self.directives.items()},
        }
        return [self.binary] + [word for name, value in directives.items() for word in ("--" + name, value)]

    def client(self):
        return redis.Redis(port=self.port, socket_timeout=120)

    def ready(self):
        try:
            with self.client() as client:
                return client.ping()
        except (redis.exceptions.ConnectionError, redis.exceptions.BusyLoadingError):
            return False

    def info(self, section):
        with self.client() as client:
            return client.info(section)

    def children_cpu_seconds(self):
        """User and system time of children that have ended."""
        cpu = self.info("cpu")
        return cpu["used_cpu_user_children"] + cpu["used_cpu_sys_children"]

    def tier(self):
        """INFO tiering as a dict; empty for a server that has no tier."""
        return self.info(TIER_SECTION)

    def tier_field(self, name):
        fields = self.tier()
        if name not in fields:
            raise RuntimeError(f"{self.name} has no {name} in INFO {TIER_SECTION}: {self.binary} has no tier?")
        return fields[name]


class NullResponder(Process):
    """Answers any request of `request_bytes` with a value of `value_bytes`, or with +OK if that is 0."""

    def __init__(self, binary, cpus, request_bytes, value_bytes):
        super().__init__("floor", cpus)
        self.binary = binary
        self.request_bytes = request_bytes
        self.value_bytes = value_bytes

    def argv(self):
        return [
            self.binary,
            *("--port", str(self.port)),
            *("--request-bytes", str(self.request_bytes)),
            *("--value-bytes", str(self.value_bytes)),
        ]


def is_tidemark(binary):
    version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
    return "tidemark" in version.stdout.lower()
