"""What INFO tiering and TIER STATS say of a tier at work, and that CONFIG RESETSTAT sets the counters to zero."""

import pathlib
import re

import pytest

from support import tier_fields
from support.resp import OK, Reply
from support.waiting import wait_until

pytestmark = pytest.mark.tidemark_only

KEYS = 200
VALUE = bytes(range(256)) * 8


@pytest.fixture(params=["valuelog", "rocksdb"])
def server(request, start_server):
    return start_server(
        tier={
            "tier-enabled": "yes",
            "tier-engine": request.param,
            "tier-compression": "no",
            "tier-promote": "never",
            "maxmemory": "64mb",
        }
    )


def test_figures(server):
    names = [b"k:%d" % i for i in range(KEYS)]
    with server.connect() as connection:
        connection.pipeline([("SET", name, VALUE) for name in names])
        for _ in range(3):
            connection.command("GET", names[0])
        figures = server.info("tiering")
        assert figures["tier_resident_keys"] == str(KEYS) and figures["tier_cold_keys"] == "0"
        assert figures["tier_hits_ram"] == "3" and figures["tier_hits_cold"] == "0"
        assert figures["tier_read_us_p50"] == "0"
        connection.command("TIER", "SPILL", *names)
        wait_until(lambda: server.info("tiering")["tier_cold_keys"] == str(KEYS), "all are cold")
        figures = server.info("tiering")
        # Of strings, the payload is their bytes and a length.
        assert KEYS * len(VALUE) <= int(figures["tier_cold_bytes"]) <= KEYS * (len(VALUE) + 8)
        assert figures["tier_clean_bytes"] == "0"
        # RAM is not short: what is read stays, with its copy on flash.
        assert connection.command("MGET", *names[:50]).value == tuple(Reply("$", VALUE) for _ in range(50))
        assert connection.command("APPEND", names[50], "x") == Reply(":", len(VALUE) + 1)
        connection.command("GET", names[0])
        figures = server.info("tiering")
        assert figures["tier_hits_cold"] == "50", "APPEND counts no hit"
        assert figures["tier_hits_ram"] == "4"
        assert figures["tier_clean_keys"] == "50" and figures["tier_cold_keys"] == str(KEYS - 51)
        assert abs(int(figures["tier_clean_bytes"]) - 50 * len(VALUE)) < len(VALUE)
        p50, p99, p999 = (int(figures["tier_read_us_" + p]) for p in ("p50", "p99", "p999"))
        assert 0 < p50 <= p99 <= p999 < 10_000_000
        assert int(figures["tier_host_bytes_read"]) >= 51 * len(VALUE), "of GETs and of APPEND"
        assert figures["tier_waiting_clients"] == "0" and figures["tier_reads_in_flight"] == "0"
        for state in ("full", "budget_reached", "device_failing", "device_stalled"):
            assert figures["tier_" + state] == "0"
        stats = connection.command("TIER", "STATS").value
        assert [name.value.decode() for name in stats[::2]] == list(figures)
        assert connection.command("CONFIG", "RESETSTAT") == OK
        figures = server.info("tiering")
        for name in ("tier_hits_ram", "tier_hits_cold", "tier_reads", "tier_spills", "tier_read_us_p50", "tier_stalls"):
            assert figures[name] == "0", name
        assert figures["tier_clean_keys"] == "50", "what is there now is no counter"


def test_every_field_is_explained(server):
    """The table for operators has the fields of INFO tiering, and no others."""
    text = (pathlib.Path(__file__).parents[2] / "tiering" / "README.md").read_text()
    cells = re.findall(r"^\| (`tier_[^|]*) \|", text, re.MULTILINE)
    explained = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(explained) == sorted(server.info("tiering"))
