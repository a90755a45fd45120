"""Generated sequences over every command family: Tidemark answers as redis-server does, byte for byte.

TIDEMARK_DIFF_COMMANDS (200000), TIDEMARK_DIFF_SEED (random, printed), TIDEMARK_DIFF_MAX_DIFFERENCES (1: stop at the
first; more: start both servers anew after each and list them all, which is handy while a command is being written).
"""

import os

import pytest

from support import tier_fields
from support.server import oracle_binary
from support.waiting import make_seed

from differential.families.server import ARITIES
from differential.inputs import PROFILE_COLD, PROFILE_RAM
from differential.generator import Generator
from differential.runner import Difference, Runner, Side, run_collecting

COMMAND_COUNT = int(os.environ.get("TIDEMARK_DIFF_COMMANDS", "200000"))
DIFFERENCES_MAX = int(os.environ.get("TIDEMARK_DIFF_MAX_DIFFERENCES", "1"))
TINY_MAXMEMORY = os.environ.get("TIDEMARK_DIFF_MAXMEMORY", "12mb")
SPILL_CHANCE = 0.3
# Tidemark looks into every payload of RESTORE.
ORACLE_OPTIONS = {"sanitize-dump-payload": "yes"}

# Commands whose every reply here is an error, so that they cannot be asked to have succeeded.
ONLY_ERRORS = {"SHUTDOWN"}
# Below this many commands the rare families may not have come up yet.
COVERAGE_COUNT_MIN = 150_000


def assert_covered(runner) -> None:
    """Every command was sent, and answered with something else than an error at least once."""
    if runner.command_count < COVERAGE_COUNT_MIN:
        return
    names = {name.split()[0] for name in ARITIES}
    assert not {name for name in names if not runner.sent[name]}
    assert not {name for name in names if not runner.succeeded[name]} - ONLY_ERRORS


def run(start_server, profile, command_count: int, target_tier, spill_chance: float):
    seed = make_seed("TIDEMARK_DIFF_SEED")
    print("seed=%d (TIDEMARK_DIFF_SEED), %d commands" % (seed, command_count))
    last_pair = []

    def start_pair():
        for server in last_pair:
            server.destroy()
        last_pair[:] = [start_server(ORACLE_OPTIONS, binary=oracle_binary()), start_server(tier=target_tier)]
        oracle, target = last_pair
        return Side(oracle), Side(target, spill_chance if target.is_tidemark else 0.0, seed)

    runner, differences = run_collecting(start_pair, seed, profile, command_count, DIFFERENCES_MAX)
    assert not differences, "%d difference(s)\n\n%s" % (len(differences), "\n\n".join(differences))
    print("allowed differences met: %s" % dict(runner.allowed))
    assert_covered(runner)
    return runner, last_pair[1]


def test_a_difference_is_found(start_server):
    """The comparison itself works: a redis-server that lacks one command does not pass for a whole one."""
    lacking = start_server({"rename-command": ["GETSET", ""]}, binary=oracle_binary())
    runner = Runner(Side(start_server(binary=oracle_binary())), Side(lacking), Generator(1, PROFILE_RAM), 1)
    with pytest.raises(Difference, match="(?i)getset"):
        runner.run(5000)


def test_same_replies_with_tier_off(start_server):
    """All data in RAM: every generated command gets redis-server's reply."""
    run(start_server, PROFILE_RAM, COMMAND_COUNT, {"tier-enabled": "no", "maxmemory": "0"}, spill_chance=0.0)


def test_same_replies_with_most_values_cold(start_server):
    """A memory limit so small that most values are on flash, and values spilled under the commands' feet: still the
    same replies."""
    tier = {"tier-enabled": "yes", "maxmemory": TINY_MAXMEMORY, "tier-min-value-size": "1"}
    runner, target = run(start_server, PROFILE_COLD, COMMAND_COUNT, tier, SPILL_CHANCE)
    if not target.is_tidemark:
        return
    assert runner.target.spills_sent > runner.command_count * SPILL_CHANCE / 2
    info = target.info("tiering")
    print({name: info.get(name) for name in tier_fields.ALL})
    # The counters of spills and reads do not tell, as the commands include CONFIG RESETSTAT; what was written to the device
    # does, and is far above what a run with an idle tier would show.
    assert int(info[tier_fields.HOST_BYTES_WRITTEN]) > 100 * runner.command_count
    assert int(info[tier_fields.COLD_KEYS]) > len(runner.target.connections), "nothing is cold at the end"
    assert int(info[tier_fields.READ_ERRORS]) == 0
    assert int(info[tier_fields.CORRUPTIONS]) == 0
