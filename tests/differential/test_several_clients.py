"""What takes several connections: transactions with WATCH, and clients that wait for keys. Both servers do the same.

TIDEMARK_DIFF_WAITING (20000): commands of the waiting clients' play; TIDEMARK_DIFF_SEED as in test_generated.py.
"""

import os
import time

import pytest

from support import tier_fields
from support.server import oracle_binary
from support.waiting import make_seed

from differential.waiting_clients import Play

COMMAND_COUNT = int(os.environ.get("TIDEMARK_DIFF_WAITING", "20000"))
TIER_OFF = {"tier-enabled": "no", "maxmemory": "0"}
TIER_ON = {"tier-enabled": "yes", "maxmemory": "64mb", "tier-min-value-size": "1"}

# A number is a pause in seconds, long enough for a key's 20 milliseconds; else client and command.
WATCHES = [
    (0, "MULTI"), (0, "MULTI"), (0, "WATCH a"), (0, "UNWATCH"), (0, "FOO"), (0, "GET"), (0, "EXEC"),
    (0, "EXEC"), (0, "DISCARD"),
    (0, "MULTI"), (0, "SET a 1"), (0, "INCR a"), (0, "GET a"), (0, "SELECT 3"), (0, "SET x y"), (0, "EXEC"),
    (0, "GET x"), (0, "SELECT 0"),
    (0, "WATCH a"), (1, "SET a 2"), (0, "MULTI"), (0, "GET a"), (0, "EXEC"),
    (0, "WATCH a"), (1, "GET a"), (0, "MULTI"), (0, "GET a"), (0, "EXEC"),
    (0, "WATCH a"), (0, "SET a 3"), (0, "MULTI"), (0, "GET a"), (0, "EXEC"),
    (0, "WATCH a"), (1, "SET a 4"), (0, "UNWATCH"), (0, "MULTI"), (0, "GET a"), (0, "EXEC"),
    (0, "WATCH a"), (1, "SET a 4"), (0, "MULTI"), (0, "DISCARD"), (0, "MULTI"), (0, "GET a"), (0, "EXEC"),
    (0, "WATCH none"), (1, "FLUSHDB"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "SET a 1"), (0, "WATCH a"), (1, "FLUSHALL"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "SET a 1"), (0, "WATCH a"), (1, "SWAPDB 0 1"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH none"), (1, "SWAPDB 0 1"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "SET a 1"), (0, "WATCH a"), (1, "PEXPIRE a 100000"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH a"), (1, "PERSIST a"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH a"), (1, "RENAME a b"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH a"), (1, "COPY b a"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH a"), (1, "MOVE a 5"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "SET b 1 PX 400"), (0, "WATCH b"), 0.45, (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (1, "DEBUG SET-ACTIVE-EXPIRE 0"),
    (0, "SET b 1 PX 20"), 0.05, (0, "WATCH b"), (1, "GET b"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "SET b 1 PX 20"), 0.05, (0, "WATCH b"), (1, "SET b 2"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "SET b 1 PX 20"), 0.05, (0, "WATCH b"), (1, "FLUSHDB"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (1, "DEBUG SET-ACTIVE-EXPIRE 1"),
    # What a stream keeps account of is no change to those who watch it; its entries are.
    (1, "XADD s 1-1 f v"), (1, "XADD s 2-1 f v"), (1, "XGROUP CREATE s g 0"),
    (0, "WATCH s"), (1, "XREADGROUP GROUP g c COUNT 1 STREAMS s >"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XREADGROUP GROUP g c STREAMS s 0"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XCLAIM s g d 0 1-1"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XAUTOCLAIM s g c 0 0"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XACK s g 1-1"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XGROUP CREATE s h 0"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XGROUP CREATECONSUMER s h c"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XGROUP DELCONSUMER s h c"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XGROUP SETID s h 1-1"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XGROUP DESTROY s h"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XSETID s 5-1"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XTRIM s MAXLEN 1"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XDEL s 2-1"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH s"), (1, "XADD s 6-1 f v"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "WATCH t"), (1, "XGROUP CREATE t g 0 MKSTREAM"), (0, "MULTI"), (0, "PING"), (0, "EXEC"),
    (0, "MULTI"), (0, "RESET"), (0, "EXEC"),
    (0, "MULTI"), (0, "SET a b c d"), (0, "INCR a"), (0, "EXEC"),
    (0, "MULTI"), (0, "GET"), (0, "DISCARD"), (0, "GET a"),
    (0, "MULTI"), (0, "BLPOP none 0"), (0, "XREAD BLOCK 0 STREAMS none $"), (0, "BZPOPMIN none 0"),
    (0, "BLMOVE none none LEFT LEFT 0"), (0, "EXEC"),
    (0, "WATCH a"), (1, "SET a 1"), (0, "MULTI"), (0, "EXEC"), (0, "MULTI"), (0, "EXEC"),
    (0, "MULTI"), (0, "SET q 1"), (0, "FLUSHALL"), (0, "EXEC"), (0, "QUIT"),
]  # fmt: skip


def converse(server, protocol: int):
    said = []
    clients = [server.connect(timeout=20) for _ in range(2)]
    if protocol == 3:
        clients[0].command("HELLO", 3)
    for step in WATCHES:
        if isinstance(step, float):
            time.sleep(step)
        else:
            said.append((step, clients[step[0]].command(*step[1].split())))
    return said


@pytest.mark.parametrize("protocol", [2, 3])
def test_transactions(start_server, protocol):
    """MULTI, EXEC and WATCH over every way in which a key can change get redis-server's replies."""
    expected = converse(start_server(binary=oracle_binary()), protocol)
    actual = converse(start_server(tier=TIER_OFF), protocol)
    said = []
    for left, right in zip(expected, actual):
        said.append(left)
        assert left == right, said[-6:]


@pytest.mark.parametrize("tier", [TIER_OFF, TIER_ON], ids=["in-ram", "cold"])
def test_waiting_clients(start_server, tier):
    """Clients that wait are served in the same order, with the same replies, whatever happens to their keys."""
    seed = make_seed("TIDEMARK_DIFF_SEED")
    print("seed=%d (TIDEMARK_DIFF_SEED), %d commands" % (seed, COMMAND_COUNT))
    target = start_server(tier=tier)
    cold = tier is TIER_ON and target.is_tidemark
    play = Play(start_server(binary=oracle_binary()), target, seed, cold)
    play.run(COMMAND_COUNT)
    assert play.woken_count > COMMAND_COUNT // 100
    if cold:
        assert play.stages[1].spills_sent > COMMAND_COUNT // 10
        assert int(target.info("tiering")[tier_fields.READ_ERRORS]) == 0
