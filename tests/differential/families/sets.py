"""Generated commands of the set group.

Sets of strings live in SET_KEYS alone, because small ones have an encoding that Redis 7.0 does not know; the other keys
get small sets of integers, so that other families meet sets too. A pop whose choice is random is followed by a DEL, so
that both servers hold the same data again.
"""

from typing import Callable, List

from support.resp import Argument, Connection

from differential import rules
from differential.families.expiry import YEAR_2100_S
from differential.inputs import SET_KEYS, Inputs
from differential.steps import SpecialStep, Step, step

SCAN_CALLS_MAX = 100_000
# More members than any limit of a compact encoding.
MANY = 600


def set_key(inputs: Inputs) -> bytes:
    return inputs.key() if inputs.chance(0.04) else inputs.pick(SET_KEYS)


def any_key(inputs: Inputs) -> bytes:
    return inputs.key() if inputs.chance(0.3) else inputs.pick(SET_KEYS)


def member(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.5:
        return b"%d" % inputs.random.randint(-10, 30)
    if roll < 0.8:
        return b"m:%d" % inputs.random.randint(0, 20)
    if roll < 0.85:
        return inputs.pick((b"x" * 64, b"x" * 65, b"32767", b"32768", b"-2147483649", b"9223372036854775807"))
    return inputs.small_value()


def members(inputs: Inputs, count_max: int = 6) -> List[bytes]:
    return [member(inputs) for _ in range(inputs.random.randint(1, count_max))]


def look(key: bytes) -> List[Step]:
    return [
        step("OBJECT", "ENCODING", key),
        step("SCARD", key),
        step("SMEMBERS", key, rule=rules.unordered),
    ]


def sadd(inputs: Inputs) -> List[Step]:
    key = inputs.pick(SET_KEYS)
    steps = [step(inputs.spelled("SADD"), key, *members(inputs))]
    return steps + (look(key) if inputs.chance(0.2) else [])


def sadd_integers(inputs: Inputs) -> List[Step]:
    """Small sets of integers in the keys of all families."""
    values = [b"%d" % inputs.random.randint(0, 300) for _ in range(inputs.random.randint(1, 5))]
    return [step("SADD", inputs.key(), *values)]


def sadd_many(inputs: Inputs) -> List[Step]:
    """Across the limits of the compact encodings, in one command or in several."""
    key = inputs.pick(SET_KEYS)
    count = inputs.pick((100, 127, 128, 129, 500, 511, 512, 513, MANY))
    start = inputs.pick((0, -300, 32000, 2**31 - 200))
    form = inputs.pick((b"%d", b"%d", b"s%d"))
    values = [form % (start + i) for i in range(count)]
    steps = [step("DEL", key)] if inputs.chance(0.7) else []
    if inputs.chance(0.5):
        steps.append(step("SADD", key, *values))
    else:
        steps += [step("SADD", key, *values[i : i + 90]) for i in range(0, count, 90)]
    if inputs.chance(0.4):
        steps.append(step("SADD", key, member(inputs)))
    return steps + look(key)


def intset_limit(inputs: Inputs) -> List[Step]:
    key = inputs.pick(SET_KEYS)
    limit = inputs.random.randint(0, 20)
    values = [b"%d" % inputs.random.randint(0, 40) for _ in range(inputs.random.randint(1, 25))]
    return (
        [step("CONFIG", "SET", "set-max-intset-entries", limit), step("DEL", key)]
        + [step("SADD", key, *values[i : i + 4]) for i in range(0, len(values), 4)]
        + look(key)
        + [step("CONFIG", "SET", "set-max-intset-entries", 512)]
    )


def srem(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("SREM"), any_key(inputs), *members(inputs, 8))]


def srem_all(inputs: Inputs) -> List[Step]:
    key = inputs.pick(SET_KEYS)
    return [step("SADD", key, "1", "b"), step("SREM", key, *(b"%d" % i for i in range(-10, 31)), "b"), step("EXISTS", key)]


def ask(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("SISMEMBER", "SMISMEMBER"))
    asked = [member(inputs)] if name == "SISMEMBER" else members(inputs)
    return [step(inputs.spelled(name), any_key(inputs), *asked)]


def size(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("SCARD"), any_key(inputs))]


def all_members(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("SMEMBERS"), any_key(inputs), rule=rules.unordered)]


def encoding(inputs: Inputs) -> List[Step]:
    return look(inputs.pick(SET_KEYS))


def smove(inputs: Inputs) -> List[Step]:
    source, destination = set_key(inputs), inputs.pick(SET_KEYS)
    moved = member(inputs)
    steps = [step("SADD", source, moved)] if source in SET_KEYS and inputs.chance(0.3) else []
    return steps + [step(inputs.spelled("SMOVE"), source, destination, moved)]


def count_argument(inputs: Inputs) -> bytes:
    return inputs.pick((b"0", b"1", b"2", b"5", b"20", b"-1", b"x", b"", b"9223372036854775808", b"1.5"))


def spop(inputs: Inputs) -> List[Step]:
    key = inputs.pick(SET_KEYS)
    if inputs.chance(0.3):
        return [step("SADD", key, member(inputs)), step("SPOP", key, rule=rules.same_shape), step("DEL", key)]
    if inputs.chance(0.3):
        return [step("DEL", key), step("SADD", key, member(inputs)), step("SPOP", key), step("EXISTS", key)]
    return [step("SPOP", any_key(inputs), 10**6, rule=rules.unordered)]


def spop_some(inputs: Inputs) -> List[Step]:
    key = inputs.pick(SET_KEYS)
    count = count_argument(inputs) if inputs.chance(0.7) else b"%d" % inputs.pick((90, 120, 500, 590))
    return [
        step(inputs.spelled("SPOP"), key, count, rule=rules.same_shape),
        step("SCARD", key),
        step("DEL", key),
        step("EXISTS", key),
    ]


def spop_wrong(inputs: Inputs) -> List[Step]:
    tail = inputs.pick(((b"-1",), (b"x",), (b"1", b"2"), (b"-9223372036854775808",)))
    return [step("SPOP", any_key(inputs), *tail)]


def srandmember(inputs: Inputs) -> List[Step]:
    key = any_key(inputs)
    roll = inputs.random.random()
    if roll < 0.3:
        return [step(inputs.spelled("SRANDMEMBER"), key, rule=rules.same_shape)]
    if roll < 0.6:
        return [step("SRANDMEMBER", key, 10**6, rule=rules.unordered)]
    if roll < 0.65:
        return [step("SRANDMEMBER", key, *inputs.pick(((b"1", b"2"), (b"-9223372036854775808",))))]
    return [step("SRANDMEMBER", key, inputs.pick((count_argument(inputs), b"-30", b"300")), rule=rules.same_shape)]


def algebra(inputs: Inputs) -> List[Step]:
    name = inputs.spelled(inputs.pick(("SINTER", "SUNION", "SDIFF")))
    keys = [any_key(inputs) if inputs.chance(0.2) else inputs.pick(SET_KEYS) for _ in range(inputs.random.randint(1, 4))]
    return [step(name, *keys, rule=rules.unordered)]


def store(inputs: Inputs) -> List[Step]:
    name = inputs.spelled(inputs.pick(("SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE")))
    destination = inputs.pick(SET_KEYS)
    keys = [any_key(inputs) if inputs.chance(0.1) else inputs.pick(SET_KEYS) for _ in range(inputs.random.randint(1, 4))]
    return [step(name, destination, *keys)] + look(destination)


def sintercard(inputs: Inputs) -> List[Step]:
    keys = [any_key(inputs) if inputs.chance(0.1) else inputs.pick(SET_KEYS) for _ in range(inputs.random.randint(1, 4))]
    count: Argument = len(keys)
    if inputs.chance(0.1):
        count = inputs.pick((b"0", b"-1", b"x", b"9", b"99999999999999999999", b""))
    arguments: List[Argument] = [inputs.spelled("SINTERCARD"), count, *keys]
    if inputs.chance(0.4):
        arguments += [inputs.spelled("LIMIT"), inputs.pick((b"0", b"1", b"3", b"100", b"-1", b"x"))]
    if inputs.chance(0.05):
        arguments.append(inputs.pick((b"LIMIT", b"FOO")))
    return [step(*arguments)]


def whole_scan(key: bytes, arguments: List[Argument]) -> Callable[[Connection], object]:
    """Every member that SSCAN finds from cursor 0 back to 0, without repetitions; or its first error."""

    def run(connection: Connection) -> object:
        cursor: Argument = b"0"
        found = set()
        for _ in range(SCAN_CALLS_MAX):
            reply = connection.command("SSCAN", key, cursor, *arguments)
            if reply.is_error:
                return reply
            cursor = reply.value[0].value
            found.update(item.value for item in reply.value[1].value)
            if cursor == b"0":
                return sorted(found)
        raise AssertionError("SSCAN did not come to an end in %d calls" % SCAN_CALLS_MAX)

    return run


def sscan(inputs: Inputs) -> List[SpecialStep]:
    key = any_key(inputs)
    arguments: List[Argument] = []
    if inputs.chance(0.6):
        arguments += [inputs.spelled("COUNT"), inputs.pick((b"1", b"10", b"1000", b"0", b"x"))]
    if inputs.chance(0.5):
        arguments += [inputs.spelled("MATCH"), inputs.pick((b"m:*", b"*1*", b"[0-9]", b"", inputs.pattern()))]
    if inputs.chance(0.05):
        arguments.append(inputs.pick((b"COUNT", b"TYPE")))
    return [SpecialStep((b"SSCAN", key, b"0") + tuple(arguments), whole_scan(key, arguments), name="SSCAN")]


def sscan_wrong(inputs: Inputs) -> List[Step]:
    return [
        inputs.pick(
            (
                step("SSCAN", any_key(inputs), inputs.pick((b"abc", b"1.5", b"99999999999999999999999"))),
                step("SSCAN", b"no such key", b"0", b"FOO"),
            )
        )
    ]


def around(inputs: Inputs) -> List[Step]:
    """What other commands do to sets of strings."""
    key, other = inputs.pick(SET_KEYS), inputs.pick(SET_KEYS)
    return [
        inputs.pick(
            (
                step("DEL", key),
                step("UNLINK", key),
                step("COPY", key, other),
                step("COPY", key, other, "REPLACE"),
                step("RENAME", key, other),
                step("TYPE", key),
                step("SET", key, inputs.small_value()),
                step("GET", key),
                step("EXPIREAT", key, YEAR_2100_S),
                step("EXPIRETIME", key),
                step("PERSIST", key),
                step("DEBUG", "DIGEST-VALUE", key),
            )
        )
    ]


FAMILY = [
    (10, sadd),
    (2, sadd_integers),
    (1.5, sadd_many),
    (0.5, intset_limit),
    (4, srem),
    (0.5, srem_all),
    (4, ask),
    (2, size),
    (2, all_members),
    (2, encoding),
    (4, smove),
    (2, spop),
    (1, spop_some),
    (0.3, spop_wrong),
    (3, srandmember),
    (5, algebra),
    (5, store),
    (3, sintercard),
    (1, sscan),
    (0.3, sscan_wrong),
    (2.5, around),
]
