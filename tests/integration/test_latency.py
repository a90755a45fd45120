"""LATENCY: the monitor and the histograms, beside redis-server, and the tier's own events."""

import pytest

from support.resp import OK, Reply
from support.server import oracle_binary, target_binary
from support.waiting import wait_until


@pytest.fixture(params=["oracle", "target"])
def connection(request, start_server):
    binary = oracle_binary() if request.param == "oracle" else target_binary()
    with start_server(binary=binary).connect() as connection:
        yield connection


def slow_command(connection, seconds="0.03"):
    assert connection.command("DEBUG", "SLEEP", seconds) == OK


def test_nothing_is_kept_while_the_monitor_is_off(connection):
    slow_command(connection)
    assert connection.command("LATENCY", "LATEST") == Reply("*", ())
    assert connection.command("LATENCY", "HISTORY", "command") == Reply("*", ())
    assert connection.command("LATENCY", "RESET") == Reply(":", 0)
    assert b"latency-monitor-threshold" in connection.command("LATENCY", "DOCTOR").value


def test_a_slow_command_is_kept_and_forgotten(connection):
    assert connection.command("CONFIG", "SET", "latency-monitor-threshold", "20") == OK
    assert connection.command("PING").value == b"PONG"
    assert connection.command("LATENCY", "LATEST") == Reply("*", ())
    before = connection.command("TIME").value[0].value
    slow_command(connection)
    latest = connection.command("LATENCY", "LATEST")
    assert [reply.kind for reply in latest.value[0].value] == ["$", ":", ":", ":"]
    event, when, last, worst = (reply.value for reply in latest.value[0].value)
    assert event == b"command" and 30 <= last <= worst < 3000
    assert int(before) <= when <= int(before) + 30
    assert connection.command("LATENCY", "HISTORY", "command") == Reply(
        "*", (Reply("*", (Reply(":", when), Reply(":", last))),)
    )
    graph = connection.command("LATENCY", "GRAPH", "command").value
    assert graph.startswith(b"command - high %d ms, low %d ms (all time high %d ms)\n" % (last, last, worst))
    assert b"command: 1 " in connection.command("LATENCY", "DOCTOR").value
    assert connection.command("LATENCY", "RESET", "fast-command", "nothing") == Reply(":", 0)
    assert connection.command("LATENCY", "RESET", "command", "command") == Reply(":", 1)
    assert connection.command("LATENCY", "LATEST") == Reply("*", ())


def test_histograms(connection):
    for i in range(10):
        connection.command("SET", b"k:%d" % i, "v")
    slow_command(connection, "0.01")
    connection.command("CONFIG", "GET", "port")
    reply = connection.command("LATENCY", "HISTOGRAM", "SET", "debug", "config", "set", "no-such-command", "zadd")
    names = [item.value for item in reply.value[::2]]
    assert names == [b"set", b"debug", b"config|get", b"set"]
    for name, body in zip(names, reply.value[1::2]):
        keys = [item.value for item in body.value[::2]]
        assert keys == [b"calls", b"histogram_usec"]
        calls, steps = body.value[1].value, [item.value for item in body.value[3].value]
        assert calls == {b"set": 10, b"debug": 1, b"config|get": 1}[name]
        assert steps[-1] == calls and steps[::2] == sorted(steps[::2]) and steps[1::2] == sorted(steps[1::2])
        # Powers of two of nanoseconds, by the names that redis-server gives them.
        known = {((1 << e) + (1 << e) // 128 - 1) // 1000 for e in range(10, 40)}
        assert set(steps[::2]) <= known, steps
        if name == b"debug":
            assert steps[0] >= 10_000
    everything = connection.command("LATENCY", "HISTOGRAM")
    assert b"set" in [item.value for item in everything.value[::2]]
    connection.command("HELLO", "3")
    reply = connection.command("LATENCY", "HISTOGRAM", "set")
    assert reply.kind == "%"


def test_tracking_off(connection):
    connection.command("CONFIG", "RESETSTAT")
    connection.command("CONFIG", "SET", "latency-tracking", "no")
    connection.command("SET", "k", "v")
    assert connection.command("LATENCY", "HISTOGRAM", "set") == Reply("*", ())
    connection.command("CONFIG", "SET", "latency-tracking", "yes")
    connection.command("SET", "k", "v")
    assert connection.command("LATENCY", "HISTOGRAM", "set").value[1].value[1] == Reply(":", 1)


def test_errors(connection):
    for words, error in (
        (("LATENCY",), b"ERR wrong number of arguments for 'latency' command"),
        (("LATENCY", "nope"), b"ERR unknown subcommand 'nope'. Try LATENCY HELP."),
        (("LATENCY", "LATEST", "x"), b"ERR wrong number of arguments for 'latency|latest' command"),
        (("LATENCY", "GRAPH"), b"ERR wrong number of arguments for 'latency|graph' command"),
        (("LATENCY", "GRAPH", "x y"), b"ERR No samples available for event 'x y'"),
        (("LATENCY", "HISTORY"), b"ERR wrong number of arguments for 'latency|history' command"),
    ):
        assert connection.command(*words) == Reply("-", error)
    assert connection.command("LATENCY", "HELP").kind == "*"


@pytest.mark.tidemark_only
def test_events_of_the_tier(start_server):
    """Writers that are held back, since what flash takes is bounded by a budget, show as an event."""
    server = start_server(
        tier={"tier-enabled": "yes", "maxmemory": "16mb", "tier-write-budget": "2mb", "latency-monitor-threshold": "5"}
    )
    with server.connect() as writer, server.connect() as other:
        value = bytes(range(256)) * 16
        number = 0

        def stalled() -> bool:
            nonlocal number
            commands = [("SET", b"k:%d" % (number + i), b"%d" % (number + i) + value) for i in range(100)]
            number += 100
            assert all(reply == OK for reply in writer.pipeline(commands))
            return any(series.value[0].value == b"tier-write-stall" for series in other.command("LATENCY", "LATEST").value)

        wait_until(stalled, "a write stall was kept", timeout=60, interval=0)
        assert b"tier-write-stall" in other.command("LATENCY", "DOCTOR").value
        info = server.info("tiering")
        assert int(info["tier_stalls"]) > 0 and int(info["tier_stall_us"]) >= 5000
