"""Nothing that was acknowledged is lost: kill -9 at random moments under mixed load, with a RAM far too small for the
data, while the append-only file is rewritten and the tier is cleaned. TIDEMARK_CRASH_CYCLES says how often."""

import os
import random
import time

import pytest

from support.crash_writer import CrashWriter, read_state
from support.waiting import make_seed

pytestmark = pytest.mark.tidemark_only

CYCLES = int(os.environ.get("TIDEMARK_CRASH_CYCLES", "12"))
WRITERS = 3
TIER = {
    "tier-enabled": "yes",
    "tier-max-size": "256mb",
    "tier-min-value-size": "64",
    "maxmemory": "10mb",
}


def run_cycles(server, rng, cycles: int, lost_seconds: float, disturb) -> int:
    """Returns how many commands were acknowledged."""
    states = [{} for _ in range(WRITERS)]
    acknowledged = 0
    for cycle in range(cycles):
        writers = [
            CrashWriter(server, b"w%d" % i, rng.randrange(1 << 32), states[i]) for i in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + rng.uniform(0.05, 1.5)
        while time.monotonic() < deadline:
            time.sleep(rng.uniform(0, 0.2))
            disturb(server, rng)
        server.kill()
        for writer in writers:
            writer.join()
            assert writer.failure is None, writer.failure
            acknowledged += writer.acknowledged
        server.start_again()
        with server.connect() as connection:
            for i, writer in enumerate(writers):
                states[i] = read_state(connection, writer.prefix + b":")
                problem = writer.explain(states[i], lost_seconds)
                assert problem is None, "cycle %d: %s\n%s" % (cycle, problem, server.log()[-3000:])
    return acknowledged


def rewrite_now_and_then(server, rng) -> None:
    kind = rng.randrange(6)
    if kind > 1:
        return
    with server.connect() as connection:
        connection.command("BGREWRITEAOF" if kind == 0 else "BGSAVE")


@pytest.mark.parametrize(
    "sync, checkpoint, lost_seconds",
    [("always", "no", 0), ("always", "yes", 0), ("everysec", "yes", 2.5)],
)
def test_kill_at_random_moments(start_server, sync, checkpoint, lost_seconds):
    seed = make_seed()
    print("seed=%d (TIDEMARK_TEST_SEED)" % seed)
    server = start_server(
        {
            "appendonly": "yes",
            "appendfsync": sync,
            "auto-aof-rewrite-min-size": "4mb",
            "auto-aof-rewrite-percentage": "100",
        },
        tier=dict(TIER, **({"tier-checkpoint": "yes"} if checkpoint == "yes" else {})),
    )
    done = run_cycles(server, random.Random(seed), CYCLES, lost_seconds, rewrite_now_and_then)
    assert done > CYCLES * 20, "hardly anything was written"
    print("%d commands were acknowledged in %d cycles" % (done, CYCLES))
