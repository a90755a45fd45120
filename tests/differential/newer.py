"""Commands that redis-server 7.0 does not know, at random, for servers that are compared with themselves."""

import random
from typing import Callable, List, Tuple

from support.resp import Argument

Words = Tuple[Argument, ...]
SHORT_EXPIRY_MS = 3


def expiry(rng: random.Random, *others: Words) -> Words:
    """Long, or past, or very soon."""
    return rng.choice((("EX", 1000), ("PX", 10**7), ("PXAT", 1), ("EXAT", 4102444800), ("PX", SHORT_EXPIRY_MS)) + others)


def key(rng: random.Random, kind: str) -> str:
    return "new:%s:%d" % (kind, rng.randrange(3))


def fields(rng: random.Random, values: bool) -> Words:
    names = rng.sample(range(12), rng.randint(1, 6))
    words: List[Argument] = ["FIELDS", len(names)]
    for name in names:
        words += ["f%d" % name] + (["v%d" % rng.randrange(10**6)] if values else [])
    return tuple(words)


def strings(rng: random.Random) -> Words:
    at = key(rng, "string")
    return rng.choice(
        (
            ("SET", at, rng.randrange(5), rng.choice(("IFEQ", "IFNE")), rng.randrange(5)) + expiry(rng, (), ("KEEPTTL",)),
            ("MSETEX", 2, at, rng.randrange(9), key(rng, "string"), "text") + expiry(rng, (), ("KEEPTTL",), ("NX",)),
            ("INCREX", at, "BYINT", rng.randrange(9), "UBOUND", 40) + expiry(rng, (), ("PERSIST",)),
            ("INCREX", at, "BYFLOAT", rng.random()) + expiry(rng, ()),
            ("DELEX", at, "IFEQ", rng.randrange(5)),
            ("DELIFEQ", at, rng.randrange(5)),
            ("BITOP", rng.choice(("DIFF", "DIFF1", "ANDOR", "ONE")), at, key(rng, "string"), key(rng, "string")),
        )
    )


def hashes(rng: random.Random) -> Words:
    at = key(rng, "hash")
    unit = rng.choice((("HEXPIRE", 1000), ("HPEXPIRE", rng.choice((0, SHORT_EXPIRY_MS, 10**7))), ("HEXPIREAT", 4102444800)))
    return rng.choice(
        (
            ("HSET", at, "f%d" % rng.randrange(12), rng.randrange(100)),
            ("HSETEX", at) + rng.choice(((), ("FNX",), ("FXX",))) + expiry(rng, (), ("KEEPTTL",)) + fields(rng, True),
            ("HGETEX", at) + expiry(rng, (), ("PERSIST",)) + fields(rng, False),
            ("HGETDEL", at) + fields(rng, False),
            (unit[0], at, unit[1]) + rng.choice(((), ("NX",), ("GT",))) + fields(rng, False),
            ("HPERSIST", at) + fields(rng, False),
            ("HINCRBY", at, "f%d" % rng.randrange(12), 5),
            ("HINCRBYFLOAT", at, "f%d" % rng.randrange(12), 0.1),
            ("HIMPORT", "PREPARE", "set", "f1", "f3"),
            ("HIMPORT", "SET", at, "set", rng.randrange(9), rng.randrange(9)),
            ("SORT", "new:list:0", "BY", "new:hash:*->f%d" % rng.randrange(12), "STORE", "new:list:1"),
            ("COPY", at, key(rng, "hash"), "REPLACE"),
        )
    )


def lists(rng: random.Random) -> Words:
    ends = rng.choice(("LEFT", "RIGHT")), rng.choice(("LEFT", "RIGHT"))
    count = rng.choice(("COUNT", "EXACTLY")), rng.randint(1, 5), rng.choice(("OBO", "BULK"))
    return rng.choice(
        (
            ("RPUSH", key(rng, "list")) + tuple(range(rng.randint(1, 9))),
            ("EXPIRE", key(rng, "list"), 1000),
            ("LMOVEM", key(rng, "list"), key(rng, "list")) + ends + count,
        )
    )


def others(rng: random.Random) -> Words:
    at = key(rng, "zset")
    return rng.choice(
        (
            ("ZADD", at, rng.random(), "m%d" % rng.randrange(9)),
            ("ZUNIONSTORE", at, 2, at, key(rng, "zset"), "AGGREGATE", "COUNT"),
            ("SADD", key(rng, "set")) + tuple(rng.sample(range(50), 9)),
            ("SPOP", key(rng, "set"), rng.randint(1, 12)),
            ("DEBUG", "POPULATE", rng.randint(1, 5), key(rng, "populated"), rng.choice((0, 5))),
        )
    )


def streams(rng: random.Random) -> Words:
    at = key(rng, "stream")
    references = rng.choice(((), ("KEEPREF",), ("DELREF",), ("ACKED",)))
    consumer = "c%d" % rng.randrange(3)
    identifiers = tuple("5-%d" % rng.randrange(1, 60) for _ in range(3))
    trim = rng.choice(((), (rng.choice(("MAXLEN", "MINID")), rng.choice(("=", "~")), rng.randrange(20))))
    return rng.choice(
        (
            ("XADD", at, "5-*", "f", rng.randrange(9)),
            ("XADD", at) + references + trim + ("5-*", "f", rng.randrange(9)),
            ("XADD", at + "p", "IDMP", consumer, rng.randrange(50)) + trim + ("*", "f", "v"),
            ("XADD", at + "p", "IDMPAUTO", consumer, "*", "f", rng.randrange(50)),
            ("XCFGSET", at + "p", "IDMP-MAXSIZE", rng.randint(1, 9)),
            ("XTRIM", at, "MAXLEN", rng.choice(("=", "~")), rng.randrange(30)) + references,
            ("XGROUP", "CREATE", at, "g%d" % rng.randrange(2), 0, "MKSTREAM"),
            ("XREADGROUP", "GROUP", "g%d" % rng.randrange(2), consumer, "COUNT", 5, "CLAIM", 0, "STREAMS", at, ">"),
            ("XREADGROUP", "GROUP", "g%d" % rng.randrange(2), consumer, "MAXCOUNT", 3, "STREAMS", at, "0"),
            ("XNACK", at, "g0", rng.choice(("SILENT", "FAIL", "FATAL")), "IDS", 3) + identifiers,
            ("XDELEX", at) + references + ("IDS", 3) + identifiers,
            ("XACKDEL", at, "g0") + references + ("IDS", 3) + identifiers,
            ("XAUTOCLAIM", at, "g0", consumer, 0, 0, "COUNT", 3),
            ("DEL", at) if rng.random() < 0.1 else ("XLEN", at),
        )
    )


KINDS: Tuple[Callable[[random.Random], Words], ...] = (strings, hashes, lists, others, streams)


def newer_commands(rng: random.Random, count: int) -> List[Words]:
    return [rng.choice(KINDS)(rng) for _ in range(count)]
