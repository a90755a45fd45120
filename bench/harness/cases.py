"""What the suites measure: a command, over which data, and the goals of its ratios."""

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Data:
    """What a case runs over, filled before the round: `keys` containers of `members`, by `fill`."""

    name: str
    fill: str
    keys: int
    members: int
    member_bytes: int = 16
    value_bytes: int = 32
    members_per_request: int = 10
    # Lists and streams are filled by one connection, since their order counts.
    ordered: bool = False

    def options(self):
        """For bench_load, but for the command."""
        return {
            "key_prefix": self.name + ":",
            "keys": self.keys,
            "members": self.members,
            "member_bytes": self.member_bytes,
            "value_bytes": self.value_bytes,
        }

    def scaled(self, share):
        """Less of it: fewer containers where there are many, smaller ones where there are few."""
        if self.keys > 1:
            return replace_field(self, "keys", max(1, int(self.keys * share)))
        members = max(1000, int(self.members * share))
        return replace_field(self, "members", members - members % self.members_per_request)


def replace_field(data, name, value):
    return Data(**{**data.__dict__, name: value})


@dataclass(frozen=True)
class Case:
    command: str
    pipeline: int
    # metric -> bound of the median ratio: ("<=", 0.55) or (">=", 1)
    goals: tuple = ()
    data: Optional[Data] = None
    label: str = ""

    @property
    def name(self):
        """What --only chooses it by."""
        return "-".join(filter(None, (self.command, self.label)))

    @property
    def title(self):
        return f"{self.command.upper()}, {self.label + ', ' if self.label else ''}pipeline {self.pipeline}"


SMALL_HASHES = Data("hs", "hset", keys=100_000, members=10, member_bytes=2, value_bytes=10)
BIG_HASH = Data("hb", "hset", keys=1, members=100_000)
SMALL_HASHES_WRITTEN = replace_field(SMALL_HASHES, "name", "hsw")
BIG_HASH_WRITTEN = replace_field(BIG_HASH, "name", "hbw")
LISTS = Data("l", "rpush", keys=1000, members=1000, ordered=True)
LISTS_WRITTEN = Data("lw", "rpush", keys=1000, members=100, ordered=True)
BIG_SET = Data("s", "sadd", keys=1, members=100_000)
BIG_SET_WRITTEN = replace_field(BIG_SET, "name", "sw")
BIG_ZSET = Data("z", "zadd", keys=1, members=100_000)
BIG_ZSET_WRITTEN = replace_field(BIG_ZSET, "name", "zw")
BIG_STREAM = Data("x", "xadd", keys=1, members=100_000, members_per_request=1, ordered=True)
STREAM_WRITTEN = replace_field(BIG_STREAM, "name", "xw")

SIMPLE = (("cpu", "<=", 0.75),)
ANY = (("cpu", "<=", 1.0),)

STRING_SUITE = [
    Case("get", 16, (("cpu", "<=", 0.55),)),
    Case("set", 16, (("cpu", "<=", 0.55),)),
    Case("get", 1, (("throughput", ">=", 1.0),), label="one by one"),
    Case("set", 1, (("throughput", ">=", 1.0),), label="one by one"),
]
CONTAINER_SUITE = [
    Case("hset", 16, SIMPLE, SMALL_HASHES_WRITTEN, "small"),
    Case("hget", 16, SIMPLE, SMALL_HASHES, "small"),
    Case("hset", 16, SIMPLE, BIG_HASH_WRITTEN, "big"),
    Case("hget", 16, SIMPLE, BIG_HASH, "big"),
    Case("lpush", 16, SIMPLE, LISTS_WRITTEN),
    Case("lrange", 16, ANY, LISTS),
    Case("sadd", 16, SIMPLE, BIG_SET_WRITTEN),
    Case("sismember", 16, SIMPLE, BIG_SET),
    Case("zadd", 16, ANY, BIG_ZSET_WRITTEN),
    Case("zrangebyscore", 16, ANY, BIG_ZSET),
    Case("zrank", 16, ANY, BIG_ZSET),
    Case("xadd", 16, ANY, STREAM_WRITTEN),
    Case("xrange", 16, ANY, BIG_STREAM),
]
RAM_SUITE = STRING_SUITE + CONTAINER_SUITE


def choose(cases, words):
    """The cases that a list of words names: each a case's name, or its command."""
    if not words:
        return cases
    known = {case.name for case in cases} | {case.command for case in cases}
    unknown = [word for word in words if word not in known]
    if unknown:
        raise RuntimeError(f"--only: there is no {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return [case for case in cases if case.name in words or case.command in words]
