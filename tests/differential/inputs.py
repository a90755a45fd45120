"""Random keys, values, numbers and spellings: a small key space, edge cases often, all from one seeded generator."""

import random
from dataclasses import dataclass
from typing import List, Sequence

from support.resp import Argument, encode_argument

DATABASE_COUNT = 4
BALLAST_DATABASE = 15

PLAIN_KEYS = [b"k:%d" % i for i in range(20)]
NUMBER_KEYS = [b"n:%d" % i for i in range(6)]
LCS_KEYS = [b"l:%d" % i for i in range(5)]
HASH_KEYS = [b"h:%d" % i for i in range(8)]
LIST_KEYS = [b"list:%d" % i for i in range(8)]
SET_KEYS = [b"s:%d" % i for i in range(8)]
SORT_KEYS = [b"so:list", b"so:numbers", b"so:set", b"so:sorted", b"so:result"]
SORT_WEIGHT_KEYS = [b"w:1", b"w:a", b"t:2:x", b"o:1", b"o:2", b"o:b"]
ODD_KEYS = [b"", b"\x00\r\n\xff bin", b"{tag}key with blank", b"K" * 300]
HLL_KEYS = [b"hll:%d" % i for i in range(6)]
GENERAL_KEYS = PLAIN_KEYS + NUMBER_KEYS + ODD_KEYS
ZSET_KEYS = [b"z:%d" % i for i in range(6)]
GEO_KEYS = [b"geo:%d" % i for i in range(4)]
LEX_ZSET_KEYS = [b"zl:%d" % i for i in range(3)]
STREAM_KEYS = [b"x:%d" % i for i in range(5)]
ALL_KEYS = (
    GENERAL_KEYS
    + LCS_KEYS
    + GEO_KEYS
    + HASH_KEYS
    + HLL_KEYS
    + LEX_ZSET_KEYS
    + LIST_KEYS
    + SET_KEYS
    + SORT_KEYS
    + SORT_WEIGHT_KEYS
    + STREAM_KEYS
    + ZSET_KEYS
)  # fmt: skip

EDGE_INTEGERS = [
    b"0",
    b"1",
    b"-1",
    b"7",
    b"9999",
    b"10000",
    b"-5",
    b"4294967296",
    b"9223372036854775807",
    b"9223372036854775806",
    b"-9223372036854775808",
    b"-9223372036854775807",
]
BAD_INTEGERS = [
    b"",
    b" 1",
    b"1 ",
    b"+1",
    b"-0",
    b"007",
    b"1.0",
    b"1e2",
    b"0x10",
    b"abc",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"99999999999999999999",
    b"1\x00",
    b"nan",
    b"--1",
]
EDGE_FLOATS = [
    b"0",
    b"-0",
    b"0.1",
    b"-2.5",
    b"3.0e3",
    b"1e-5",
    b"5.",
    b".5",
    b"1.7976931348623157e308",
    b"1e400",
    b"-1e400",
    b"1e-4000",
    b"0x1p3",
    b"123456789012345678",
    b"0.30000000000000004",
    b"200",
    b"1e17",
    b"-5e-324",
    b"10.50",
]
BAD_FLOATS = [
    b"",
    b"nan",
    b"inf",
    b"-inf",
    b"+Infinity",
    b"abc",
    b" 1.5",
    b"1.5 ",
    b"1e",
    b"1e5000",
    b"1,5",
    b"1.5\x00",
]


@dataclass(frozen=True)
class Profile:
    """How big values are, and how much ballast lies beside the small key space."""

    big_share: float
    big_bytes_max: int
    ballast_key_count: int
    ballast_value_bytes: int


PROFILE_RAM = Profile(big_share=0.03, big_bytes_max=64 * 1024, ballast_key_count=100, ballast_value_bytes=100)
PROFILE_COLD = Profile(big_share=0.30, big_bytes_max=16 * 1024, ballast_key_count=3000, ballast_value_bytes=4096)


class Inputs:
    """All random choices of a run; the same seed and profile give the same run."""

    def __init__(self, seed: int, profile: Profile):
        self.random = random.Random(seed)
        self.profile = profile
        self.ballast_keys = [b"b:%d" % i for i in range(profile.ballast_key_count)]

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, choices: Sequence):
        return self.random.choice(choices)

    def key(self) -> bytes:
        if self.chance(0.08):
            return self.pick(ODD_KEYS)
        return self.pick(NUMBER_KEYS) if self.chance(0.2) else self.pick(PLAIN_KEYS)

    def keys(self, count_max: int = 5) -> List[bytes]:
        return [self.key() for _ in range(self.random.randint(1, count_max))]

    def database(self) -> int:
        return self.random.randrange(DATABASE_COUNT)

    def spelled(self, word: str) -> bytes:
        """The word in the usual case, or sometimes in another."""
        roll = self.random.random()
        if roll < 0.8:
            return word.encode()
        if roll < 0.9:
            return word.lower().encode()
        return "".join(self.pick((c.lower(), c.upper())) for c in word).encode()

    def bytes(self, count: int) -> bytes:
        return self.random.getrandbits(8 * count).to_bytes(count, "little") if count else b""

    def text(self, count: int) -> bytes:
        """Compressible text of the given length."""
        word = self.pick((b"tide", b"mark", b"ebb ", b"flow", b"a", b"<xyz>"))
        return (word * (count // len(word) + 1))[:count]

    def value(self) -> bytes:
        roll = self.random.random()
        if roll < self.profile.big_share:
            count = self.random.randint(1024, self.profile.big_bytes_max)
            return self.bytes(count) if self.chance(0.5) else self.text(count)
        if roll > 0.9995:
            return self.bytes(1024 * 1024)
        return self.small_value()

    def small_value(self) -> bytes:
        roll = self.random.random()
        if roll < 0.18:
            return self.pick(EDGE_INTEGERS)
        if roll < 0.26:
            return b"%d" % self.random.randint(-20000, 20000)
        if roll < 0.33:
            return self.pick(BAD_INTEGERS)
        if roll < 0.40:
            return self.pick(EDGE_FLOATS)
        if roll < 0.44:
            return self.pick(BAD_FLOATS)
        if roll < 0.48:
            return b""
        if roll < 0.60:
            return self.text(self.random.randint(40, 48))
        if roll < 0.75:
            return self.bytes(self.random.randint(1, 70))
        return self.text(self.random.randint(1, 300))

    def integer(self) -> bytes:
        """Mostly a valid integer argument."""
        roll = self.random.random()
        if roll < 0.6:
            return b"%d" % self.random.randint(-100, 100)
        if roll < 0.85:
            return self.pick(EDGE_INTEGERS)
        return self.pick(BAD_INTEGERS)

    def float(self) -> bytes:
        roll = self.random.random()
        if roll < 0.5:
            return b"%.*f" % (self.random.randint(0, 10), self.random.uniform(-1000, 1000))
        if roll < 0.85:
            return self.pick(EDGE_FLOATS)
        return self.pick(BAD_FLOATS)

    def index(self) -> bytes:
        """An offset into a value."""
        roll = self.random.random()
        if roll < 0.75:
            return b"%d" % self.random.randint(-60, 60)
        return b"%d" % self.random.randint(-20000, 20000) if roll < 0.85 else self.integer()

    def pattern(self) -> bytes:
        return self.pick(
            (
                b"*",
                b"k:*",
                b"k:?",
                b"k:1?",
                b"[kn]:[0-3]",
                b"[^k]*",
                b"?",
                b"",
                b"n:[a-9]",
                b"\\k:*",
                b"*:1*",
                b"k:[",
                b"*\\",
                b"[\\k]:1",
                b"k:1",
                b"**1**",
                b"*bin",
                b"[k-a]*",
                b"K*K",
                b"*\xff*",
            )
        )

    def junk(self, count_max: int = 4) -> List[bytes]:
        return [self.small_value() for _ in range(self.random.randint(0, count_max))]


def bytes_of(*arguments: Argument) -> List[bytes]:
    return [encode_argument(argument) for argument in arguments]
