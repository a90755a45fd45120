"""Runs bench_load against a server and gives its result as a dict (the names are in bench/load/main.cc)."""

import json
import signal
import subprocess

from harness.server import pin_prefix


class Load:
    """A running load. `options` are those of bench_load, with underscores for dashes."""

    def __init__(self, binary, server, cpus, **options):
        words = [f"{name}={value}" for name, value in options.items()]
        self.description = f"{server.name}: {' '.join(words)}"
        argv = pin_prefix(cpus) + [binary, "--port", str(server.port), "--server-pid", str(server.pid)]
        for name, value in options.items():
            argv += ["--" + name.replace("_", "-"), str(value)]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.result()

    def result(self):
        out, err = self.process.communicate()
        if self.process.returncode != 0:
            raise RuntimeError(f"load failed ({self.description}): {err.strip()}")
        return json.loads(out)


def run_load(binary, server, cpus, **options):
    return Load(binary, server, cpus, **options).result()


def require_clean(result, what):
    """A measurement with a wrong answer in it measures nothing."""
    if result["errors"] or result["misses"] or result["wrong"]:
        raise RuntimeError(
            f"{what}: {result['errors']} error replies (first: {result['first_error'] or 'none'}), "
            f"{result['misses']} missing, {result['wrong']} wrong values"
        )


def fill(binary, server, cpus, keys, value_bytes):
    """Sets every key once, in order."""
    result = run_load(
        binary,
        server,
        cpus,
        command="set",
        order="sequential",
        connections=16,
        pipeline=32,
        keys=keys,
        value_bytes=value_bytes,
        requests=keys,
    )
    require_clean(result, f"fill of {server.name}")
    return result


def fill_containers(binary, server, cpus, data):
    """Adds every member of every container of a cases.Data once: in order, or where that does not matter shuffled."""
    result = run_load(
        binary,
        server,
        cpus,
        command=data.fill,
        order="sequential" if data.ordered else "shuffled",
        connections=1 if data.ordered else 16,
        pipeline=64,
        members_per_request=data.members_per_request,
        requests=data.keys * data.members // data.members_per_request,
        **data.options(),
    )
    require_clean(result, f"fill of {server.name} with {data.name}")
    return result


KEY_BYTES = 16


def request_bytes(command, value_bytes):
    """Length of a request as bench_load writes it."""
    if command == "get":
        return len("*2\r\n$3\r\nGET\r\n$16\r\n") + KEY_BYTES + 2
    return len(f"*3\r\n$3\r\nSET\r\n$16\r\n\r\n${value_bytes}\r\n") + KEY_BYTES + value_bytes + 2
