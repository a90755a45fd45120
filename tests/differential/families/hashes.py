"""Generated commands of the hash group. Fields that expire, which 7.0 does not know, are in tests/integration."""

from typing import Dict, List

from support.resp import Argument, Connection, Reply

from differential import rules
from differential.inputs import HASH_KEYS, Inputs
from differential.steps import SpecialStep, Step, step

SCAN_CALLS_MAX = 100_000
LIMITS = {"hash-max-listpack-entries": 512, "hash-max-listpack-value": 64}


def hash_key(inputs: Inputs) -> bytes:
    return inputs.key() if inputs.chance(0.04) else inputs.pick(HASH_KEYS)


def field(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.35:
        return b"%d" % inputs.random.randint(-5, 20)
    if roll < 0.85:
        return b"f:%d" % inputs.random.randint(0, 15)
    if roll < 0.93:
        return inputs.pick((b"", b"f" * 63, b"f" * 64, b"f" * 65, b"f" * 300, b"\x00\r\n\xff", b"01", b"4096"))
    return inputs.small_value()


def value(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.5:
        return b"%d" % inputs.random.randint(-10000, 10000)
    if roll < 0.55:
        return inputs.pick((b"v" * 63, b"v" * 64, b"v" * 65, b"v" * 255, b"v" * 256))
    return inputs.value() if roll < 0.6 else inputs.small_value()


def pairs(inputs: Inputs, count_max: int = 5) -> List[bytes]:
    out: List[bytes] = []
    for _ in range(inputs.random.randint(1, count_max)):
        out += [field(inputs), value(inputs)]
    return out


def _by_name(reply: Reply) -> Dict[bytes, object]:
    return {name: item.value for name, item in rules.pairs_of(reply).items()}


def unordered_pairs(oracle: Reply, target: Reply):
    """HGETALL: a map, or a flat array of pairs, in any order."""
    if oracle.is_error or oracle.kind != target.kind or len(oracle.value) != len(target.value):
        return rules.exact(oracle, target)
    return None if _by_name(oracle) == _by_name(target) else "the pairs differ"


def look(key: bytes) -> List[Step]:
    return [
        step("OBJECT", "ENCODING", key),
        step("HLEN", key),
        step("HGETALL", key, rule=unordered_pairs),
    ]


def hset(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled(inputs.pick(("HSET", "HSET", "HMSET"))), hash_key(inputs)]
    arguments += pairs(inputs)
    if inputs.chance(0.03):
        arguments.append(field(inputs))
    return [step(*arguments)] + (look(arguments[1]) if inputs.chance(0.2) else [])


def hset_anywhere(inputs: Inputs) -> List[Step]:
    """Hashes in the keys of all families."""
    return [step("HSET", inputs.key(), *pairs(inputs, 2))]


def hset_many(inputs: Inputs) -> List[Step]:
    """Across the limit of the packed form, in one command or in several."""
    key = inputs.pick(HASH_KEYS)
    count = inputs.pick((100, 510, 511, 512, 513, 700))
    form = inputs.pick((b"%d", b"f%d"))
    flat: List[bytes] = []
    for i in range(count):
        flat += [form % i, b"%d" % (i * 7)]
    steps = [step("DEL", key)] if inputs.chance(0.7) else []
    if inputs.chance(0.5):
        steps.append(step("HSET", key, *flat))
    else:
        steps += [step("HSET", key, *flat[i : i + 120]) for i in range(0, len(flat), 120)]
    if inputs.chance(0.5):
        steps.append(step("HSET", key, *pairs(inputs)))
    return steps + look(key)


def lower_limits(inputs: Inputs) -> List[Step]:
    name = inputs.pick(sorted(LIMITS))
    key = inputs.pick(HASH_KEYS)
    steps = [step("CONFIG", "SET", name, inputs.random.randint(0, 12))]
    if inputs.chance(0.7):
        steps.append(step("DEL", key))
    for _ in range(inputs.random.randint(1, 8)):
        command: List[Argument]
        roll = inputs.random.random()
        if roll < 0.6:
            command = ["HSET", key] + pairs(inputs, 4)
        elif roll < 0.75:
            command = ["HSETNX", key, field(inputs), value(inputs)]
        elif roll < 0.9:
            command = [inputs.pick(("HINCRBY", "HINCRBYFLOAT")), key, field(inputs), inputs.integer()]
        else:
            command = ["HDEL", key, field(inputs), field(inputs)]
        steps += [step(*command), step("OBJECT", "ENCODING", key)]
    return steps + look(key) + [step("CONFIG", "SET", name, LIMITS[name])]


def hsetnx(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("HSETNX"), hash_key(inputs), field(inputs), value(inputs))]


def ask(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("HGET", "HGET", "HEXISTS", "HSTRLEN"))
    return [step(inputs.spelled(name), hash_key(inputs), field(inputs))]


def hmget(inputs: Inputs) -> List[Step]:
    asked = [field(inputs) for _ in range(inputs.random.randint(1, 6))]
    return [step(inputs.spelled("HMGET"), hash_key(inputs), *asked)]


def hlen(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("HLEN"), hash_key(inputs))]


def everything(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("HGETALL", "HKEYS", "HVALS"))
    rule = unordered_pairs if name == "HGETALL" else rules.unordered
    return [step(inputs.spelled(name), hash_key(inputs), rule=rule)]


def hdel(inputs: Inputs) -> List[Step]:
    gone = [field(inputs) for _ in range(inputs.random.randint(1, 6))]
    return [step(inputs.spelled("HDEL"), hash_key(inputs), *gone)]


def hdel_all(inputs: Inputs) -> List[Step]:
    key = inputs.pick(HASH_KEYS)
    return [
        step("DEL", key),
        step("HSET", key, "a", "1", "b", "2"),
        step("HDEL", key, "a", "b", "a"),
        step("EXISTS", key),
    ]


def hincrby(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("HINCRBY"), hash_key(inputs), field(inputs), inputs.integer())]


def hincrbyfloat(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("HINCRBYFLOAT"), hash_key(inputs), field(inputs), inputs.float())]


def encoding(inputs: Inputs) -> List[Step]:
    return look(inputs.pick(HASH_KEYS))


def random_fields_are_fields(key: bytes, count: bytes, with_values: bool):
    """HRANDFIELD answers fields of the hash with their values; different ones if the count is positive."""

    def run(connection: Connection) -> object:
        arguments = ("HRANDFIELD", key) + ((count,) if count else ()) + (("WITHVALUES",) if with_values else ())
        chosen, everything_there = connection.pipeline([arguments, ("HGETALL", key)])
        if chosen.is_error or chosen.is_null or everything_there.is_error:
            return chosen
        there = _by_name(everything_there)
        if not count:
            return ("one of the fields", chosen.kind, chosen.value in there)
        items = chosen.value
        shape = [item.kind for item in items]
        if with_values and items and items[0].kind == "*":
            found = [(item.value[0].value, item.value[1].value) for item in items]
        elif with_values:
            found = [(items[i].value, items[i + 1].value) for i in range(0, len(items), 2)]
        else:
            found = [(item.value, there.get(item.value)) for item in items]
        distinct = len({name for name, _ in found}) == len(found)
        right = all(name in there and there[name] == text for name, text in found)
        return (chosen.kind, shape, right, distinct if not count.startswith(b"-") else None)

    return run


def hrandfield(inputs: Inputs) -> List[object]:
    key = hash_key(inputs)
    count = inputs.pick((b"", b"0", b"1", b"3", b"5", b"100", b"1000", b"-1", b"-4", b"-30"))
    with_values = bool(count) and inputs.chance(0.5)
    described = (b"HRANDFIELD", key, count) + ((b"WITHVALUES",) if with_values else ())
    return [SpecialStep(described, random_fields_are_fields(key, count, with_values), name="HRANDFIELD")]


def hrandfield_errors(inputs: Inputs) -> List[Step]:
    count = inputs.pick(
        (
            b"x",
            b"",
            b"1.5",
            b"-9223372036854775808",
            b"9223372036854775808",
        )
    )
    arguments: List[Argument] = ["HRANDFIELD", hash_key(inputs), count]
    roll = inputs.random.random()
    if roll < 0.3:
        arguments.append("WITHVALUES")
    elif roll < 0.6:
        arguments[2] = inputs.pick((b"1", b"0", b"-1"))
        arguments += inputs.pick(([b"FOO"], [b"WITHVALUES", b"WITHVALUES"], [b""]))
    elif roll < 0.8:
        arguments[2] = inputs.pick((b"-9223372036854775807", b"9223372036854775807", b"-4611686018427387904"))
        arguments.append("WITHVALUES")
    return [step(*arguments)]


def whole_scan(key: bytes, arguments: List[bytes]):
    """Follows the cursor to the end; the outcome is the fields with their values, or the error."""

    def run(connection: Connection) -> object:
        cursor, found = b"0", {}
        for _ in range(SCAN_CALLS_MAX):
            reply = connection.command("HSCAN", key, cursor, *arguments)
            if reply.is_error:
                return reply
            cursor = reply.value[0].value
            items = reply.value[1].value
            found.update((items[i].value, items[i + 1].value) for i in range(0, len(items), 2))
            if cursor == b"0":
                return sorted(found.items())
        raise AssertionError("HSCAN did not come to an end in %d calls" % SCAN_CALLS_MAX)

    return run


def hscan(inputs: Inputs) -> List[object]:
    key = hash_key(inputs)
    arguments: List[bytes] = []
    if inputs.chance(0.4):
        arguments += [inputs.spelled("MATCH"), inputs.pick((b"*", b"f:*", b"?", b"1*", b"", b"[0-9]", b"nothing"))]
    if inputs.chance(0.5):
        arguments += [inputs.spelled("COUNT"), inputs.pick((b"1", b"2", b"10", b"1000", b"0", b"-1", b"x"))]
    if inputs.chance(0.06):
        arguments += inputs.pick(([b"FOO"], [b"MATCH"], [b"COUNT"], [b"TYPE", b"hash"]))
    return [SpecialStep((b"HSCAN", key, b"0") + tuple(arguments), whole_scan(key, arguments), name="HSCAN")]


def hscan_errors(inputs: Inputs) -> List[Step]:
    # Some odd cursors are accepted; what a single call then returns depends on the hash seed.
    cursor = inputs.pick((b"abc", b"-1", b"", b"1.5", b"99999999999999999999999"))
    return [step("HSCAN", hash_key(inputs), cursor, rule=rules.same_kind)]


FAMILY = [
    (10, hset),
    (1.5, hset_anywhere),
    (0.7, hset_many),
    (2, lower_limits),
    (3, hsetnx),
    (8, ask),
    (3, hmget),
    (2, hlen),
    (3, everything),
    (4, hdel),
    (0.5, hdel_all),
    (4, hincrby),
    (4, hincrbyfloat),
    (1, encoding),
    (3, hrandfield),
    (1, hrandfield_errors),
    (2, hscan),
    (0.5, hscan_errors),
]
