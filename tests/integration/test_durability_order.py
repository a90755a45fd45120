"""The order in which things reach stable storage, read from the server's calls to the file system: a reply comes after
the sync of what it acknowledges; what a file names is there before the file is, and what is not needed goes last."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from support.resp import OK
from support.waiting import wait_until

pytestmark = pytest.mark.tidemark_only

CALLS = "trace=fsync,fdatasync,rename,unlink,write"
# "123 fsync(9</path/name>) = 0": the call and the last parts of the paths it is about.
CALL = re.compile(r"^\d+\s+(\w+)\((.*)$")
DESCRIPTOR = re.compile(r"^\d+<([^>]*)>")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


@pytest.fixture
def traced(start_server, tmp_path):
    """Starts a server whose calls go to a file; skips the test where strace may not look at processes."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    probe = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        pytest.skip("strace may not look at processes here: " + probe.stderr.strip()[:200])
    trace = tmp_path / "trace"
    # The tracer is a process of its own, so that signals and the exit code are those of the server.
    launcher = ("strace", "-D", "-f", "-y", "-s", "64", "-e", CALLS, "-o", str(trace))

    def start(*args, **kwargs):
        return start_server(*args, launcher=launcher, **kwargs), trace

    return start


def name_of(path: str) -> str:
    name = pathlib.PurePath(path).name
    name = re.sub(r"^temp-rewriteaof-bg-\d+", "temp-rewriteaof-bg", name)
    return re.sub(r"^\d+\.segment$", "segment", name)


def calls_in(trace: pathlib.Path):
    """(call, what it is about, its text) of every call, in order; those of one thread that another interrupted stand
    where they began."""
    found = []
    for line in trace.read_text(errors="replace").splitlines():
        call = CALL.match(line)
        if call is None:
            continue
        kind, rest = call.groups()
        descriptor = DESCRIPTOR.match(rest)
        if descriptor is not None:
            found.append((kind, name_of(descriptor.group(1)), rest))
        else:
            found.append((kind, " ".join(name_of(path) for path in QUOTED.findall(rest)), rest))
    return found


def stop(server, trace: pathlib.Path) -> None:
    """Ends the server and waits until the tracer has written its last call."""
    pid = server.pid
    server.terminate()
    end = re.compile(r"^%d\s+\+\+\+ exited" % pid, re.MULTILINE)
    wait_until(lambda: end.search(trace.read_text(errors="replace")), "the tracer has seen the end", 20)


def test_a_reply_comes_after_the_sync(traced):
    server, trace = traced({"appendonly": "yes", "appendfsync": "always"})
    with server.connect() as connection:
        for number in range(20):
            assert connection.command("SET", "marker", "<%d>" % number) == OK
    stop(server, trace)
    order = []
    for kind, name, text in calls_in(trace):
        if name == "appendonly.aof.1.incr.aof":
            order.append("append" if kind == "write" and "marker" in text else "sync" if kind == "fdatasync" else "")
        elif kind == "write" and name.startswith("socket:") and '"+OK' in text:
            order.append("reply")
    order = [step for step in order if step]
    assert order[: 3 * 20] == ["append", "sync", "reply"] * 20, order


def test_a_checkpoint_is_named_last(traced):
    server, trace = traced(
        {"appendonly": "yes", "appendfsync": "everysec", "auto-aof-rewrite-percentage": "0"},
        tier={"tier-enabled": "yes", "maxmemory": "64mb", "tier-checkpoint": "yes"},
    )
    with server.connect() as connection:
        for number in range(200):
            assert connection.command("SET", "key:%d" % number, os.urandom(4000)) == OK
            assert connection.command("TIER", "SPILL", "key:%d" % number).value == 1
        wait_until(lambda: server.info_number("tiering", "tier_cold_keys") == 200, "all values are on flash", 30)
        before = len(calls_in(trace))
        assert connection.command("TIER", "CHECKPOINT").value == b"Checkpoint started"
        wait_until(lambda: server.info_number("persistence", "aof_rewrite_in_progress") == 0, "it has landed", 30)
        wait_until(
            lambda: not (server.directory / "appendonlydir" / "appendonly.aof.1.base.rdb").exists(), "the old one is gone", 30
        )
    stop(server, trace)
    calls = [(kind, name) for kind, name, _ in calls_in(trace)[before:] if kind != "write"]

    def place(kind: str, name: str, behind: int = -1) -> int:
        places = [i for i, call in enumerate(calls) if call == (kind, name) and i > behind]
        assert places, "no %s of %s behind %d in %s" % (kind, name, behind, calls)
        return places[0]

    manifest = ("rename", "temp-appendonly.aof.manifest appendonly.aof.manifest")
    # The next increment is there and named before anything can be appended to it.
    increment = place("fsync", "appendonly.aof.2.incr.aof")
    first_named = place(*manifest, behind=increment)
    # The base and what it points at are safe before the base has its name, and that before the manifest says so.
    base = place("fsync", "temp-rewriteaof-bg.aof", behind=first_named)
    segments = [i for i, call in enumerate(calls) if call == ("fdatasync", "segment")]
    tier = place("fdatasync", "tier")
    renamed = place("rename", "temp-rewriteaof-bg.aof appendonly.aof.2.base.checkpoint", behind=base)
    assert segments and max(segments) < tier < renamed, calls
    directory = place("fsync", "appendonlydir", behind=renamed)
    written = place("fsync", "temp-appendonly.aof.manifest", behind=directory)
    named = place(*manifest, behind=written)
    synced = place("fsync", "appendonlydir", behind=named)
    # Nothing that the old manifest names goes before the new one is safe.
    unlinks = [i for i, call in enumerate(calls) if call[0] == "unlink"]
    assert {calls[i][1] for i in unlinks} == {"appendonly.aof.1.base.rdb", "appendonly.aof.1.incr.aof"}, calls
    assert min(unlinks) > synced, calls
