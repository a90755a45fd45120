"""DUMP and RESTORE: payloads of every type made by redis-server, options in every order, and payloads that are damaged.

The bytes that DUMP answers are each server's own; what RESTORE makes of them is compared by DEBUG DIGEST-VALUE.
"""

from typing import List

from support import rdb
from support.resp import Argument

from differential import rules
from differential.families.expiry import YEAR_2100_S, far_seconds
from differential.inputs import BAD_INTEGERS, Inputs
from differential.steps import Step, step

PAYLOADS = list(rdb.golden_payloads().values()) + list(rdb.old_payloads().values())
# Where a string's length reaches into the footer, redis-server takes the footer for a part of it.
BAD_BODIES = [rdb.seal(body) for body in rdb.bad_bodies().values() if body[:1] != b"\x00"]


def ttl(inputs: Inputs) -> List[Argument]:
    """A TTL, and ABSTTL where it is a time."""
    roll = inputs.random.random()
    if roll < 0.5:
        return [0]
    if roll < 0.7:
        return [far_seconds(inputs) * 1000]
    if roll < 0.9:
        return [YEAR_2100_S * 1000 + inputs.random.randint(0, 2)]
    return [1600000000000]


def options(inputs: Inputs, replace_share: float) -> List[Argument]:
    chosen: List[List[Argument]] = []
    if inputs.chance(replace_share):
        chosen.append([inputs.spelled("REPLACE")])
    if inputs.chance(0.1):
        chosen.append([inputs.spelled("IDLETIME"), inputs.random.randint(0, 10000)])
    elif inputs.chance(0.1):
        chosen.append([inputs.spelled("FREQ"), inputs.random.randint(0, 255)])
    inputs.random.shuffle(chosen)
    return [argument for option in chosen for argument in option]


def restore(inputs: Inputs) -> List[Step]:
    key = inputs.key()
    when = ttl(inputs)
    absolute = [inputs.spelled("ABSTTL")] if when[0] > 10**12 else []
    return [
        step("RESTORE", key, *when, inputs.pick(PAYLOADS), *options(inputs, 0.7), *absolute),
        step("DEBUG", "DIGEST-VALUE", key),
        step("TYPE", key),
    ]


def dump(inputs: Inputs) -> List[Step]:
    return [step("DUMP", inputs.key(), rule=rules.same_kind)]


def damaged(inputs: Inputs) -> List[Step]:
    payload = bytearray(inputs.pick(PAYLOADS))
    roll = inputs.random.random()
    if roll < 0.4:
        payload[inputs.random.randrange(len(payload))] ^= 1 << inputs.random.randrange(8)
    elif roll < 0.7:
        del payload[inputs.random.randrange(len(payload)) :]
    else:
        payload = bytearray(inputs.pick(BAD_BODIES + [rdb.seal(bytes(payload[:-10]), 99), b"", b"x", rdb.seal(b"")]))
    return [step("RESTORE", inputs.key(), 0, bytes(payload), *options(inputs, 0.9))]


def bad_arguments(inputs: Inputs) -> List[Step]:
    key, payload = inputs.key(), inputs.pick(PAYLOADS)
    integer = inputs.pick(BAD_INTEGERS + [b"-1", b"-9223372036854775808"])
    command = inputs.pick(
        (
            ("RESTORE", key, integer, payload, "REPLACE"),
            ("RESTORE", key, 0, payload, "REPLACE", "IDLETIME", integer),
            ("RESTORE", key, 0, payload, "FREQ", integer, "REPLACE"),
            ("RESTORE", key, 0, payload, "REPLACE", "IDLETIME"),
            ("RESTORE", key, 0, payload, "REPLACE", "FREQ"),
            ("RESTORE", key, 0, payload, "IDLETIME", 5, "FREQ", 5),
            ("RESTORE", key, 0, payload, "FREQ", 5, "IDLETIME", 5),
            ("RESTORE", key, 0, payload, "KEEPTTL"),
            ("RESTORE", key, 0),
            ("RESTORE", key),
            ("RESTORE",),
            ("DUMP",),
            ("DUMP", key, key),
        )
    )
    return [step(*command)]


FAMILY = [(3.0, restore), (1.0, dump), (1.5, damaged), (1.0, bad_arguments)]
