"""Generated commands of the list group.

Most lists live in LIST_KEYS; the other keys get some too, so that other families meet lists. Blocking commands find
something to pop, or wait for some milliseconds.
"""

from dataclasses import replace
from typing import List

from support.resp import Argument

from differential.inputs import LIST_KEYS, Inputs
from differential.steps import Step, step

ENDS = ("LEFT", "RIGHT")
# More elements than a packed list holds by any setting of NODE_SIZES.
MANY = 3000
NODE_SIZES = (b"-2", b"-2", b"-1", b"-5", b"4", b"1", b"0", b"128", b"100000", b"-9")
COMPRESS_DEPTHS = (b"0", b"0", b"1", b"2")
SHORT_WAIT_S = b"0.005"


def list_key(inputs: Inputs) -> bytes:
    return inputs.key() if inputs.chance(0.04) else inputs.pick(LIST_KEYS)


def any_key(inputs: Inputs) -> bytes:
    return inputs.key() if inputs.chance(0.2) else inputs.pick(LIST_KEYS)


def element(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.5:
        return b"%d" % inputs.random.randint(-3, 12)
    if roll < 0.7:
        return b"e:%d" % inputs.random.randint(0, 8)
    if roll < 0.72:
        return inputs.text(inputs.pick((63, 64, 1000, 4095, 4096, 8150, 8192, 9000)))
    return inputs.value() if roll < 0.75 else inputs.small_value()


def elements(inputs: Inputs, count_max: int = 5) -> List[bytes]:
    return [element(inputs) for _ in range(inputs.random.randint(1, count_max))]


def end(inputs: Inputs) -> bytes:
    return inputs.pick((b"", b"MIDDLE", b"LEFTT")) if inputs.chance(0.04) else inputs.spelled(inputs.pick(ENDS))


def index(inputs: Inputs) -> bytes:
    return b"%d" % inputs.random.randint(-12, 12) if inputs.chance(0.7) else inputs.index()


def look(key: bytes) -> List[Step]:
    return [
        step("OBJECT", "ENCODING", key),
        step("LLEN", key),
        step("LRANGE", key, 0, -1),
    ]


def push(inputs: Inputs) -> List[Step]:
    key = list_key(inputs)
    name = inputs.pick(("LPUSH", "RPUSH", "LPUSHX", "RPUSHX"))
    steps = [step(inputs.spelled(name), key, *elements(inputs))]
    return steps + (look(key) if inputs.chance(0.15) else [])


def push_many(inputs: Inputs) -> List[Step]:
    """A list of many nodes, read, and cut down again, so that the sum of all data stays small."""
    key = inputs.pick(LIST_KEYS)
    count = inputs.random.randint(100, MANY)
    texts = [b"%d" % i if inputs.chance(0.5) else inputs.text(inputs.random.randint(0, 40)) for i in range(count)]
    kept = inputs.random.randint(0, 200)
    middle = inputs.random.randint(0, count)
    return [
        step(inputs.pick(("LPUSH", "RPUSH")), key, *texts),
        step("LRANGE", key, middle, middle + 50),
        step("LRANGE", key, -middle, -middle // 2),
        step("LINDEX", key, middle),
        step("LPOS", key, texts[middle % count], "RANK", inputs.pick((1, -1))),
        step("LSET", key, middle // 2, element(inputs)),
        step("LINSERT", key, inputs.pick(("BEFORE", "AFTER")), texts[middle // 2], element(inputs)),
        step("LREM", key, inputs.random.randint(-5, 5), texts[middle // 3]),
        step("DEBUG", "DIGEST-VALUE", key),
        step("LTRIM", key, middle, middle + kept),
    ] + look(key)


def pop(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled(inputs.pick(("LPOP", "RPOP"))), any_key(inputs)]
    roll = inputs.random.random()
    if roll < 0.3:
        arguments.append(inputs.pick((b"0", b"1", b"2", b"5", b"20")))
    elif roll < 0.4:
        arguments.append(inputs.integer())
    elif roll < 0.43:
        arguments += [b"1", b"1"]
    return [step(*arguments)]


def read(inputs: Inputs) -> List[Step]:
    key = any_key(inputs)
    roll = inputs.random.random()
    if roll < 0.2:
        return [step(inputs.spelled("LLEN"), key)]
    if roll < 0.5:
        return [step(inputs.spelled("LINDEX"), key, index(inputs))]
    return [step(inputs.spelled("LRANGE"), key, index(inputs), index(inputs))]


def change(inputs: Inputs) -> List[Step]:
    key = list_key(inputs)
    if inputs.chance(0.5):
        steps = [step(inputs.spelled("LSET"), key, index(inputs), element(inputs))]
    else:
        where = inputs.spelled(inputs.pick(("BEFORE", "AFTER"))) if inputs.chance(0.95) else element(inputs)
        steps = [step(inputs.spelled("LINSERT"), key, where, element(inputs), element(inputs))]
    return steps + (look(key) if inputs.chance(0.15) else [])


def delete(inputs: Inputs) -> List[Step]:
    key = list_key(inputs)
    if inputs.chance(0.6):
        count = b"%d" % inputs.random.randint(-3, 3) if inputs.chance(0.8) else inputs.integer()
        steps = [step(inputs.spelled("LREM"), key, count, element(inputs))]
    else:
        steps = [step(inputs.spelled("LTRIM"), key, index(inputs), index(inputs))]
    return steps + (look(key) if inputs.chance(0.15) else [])


def position(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled("LPOS"), any_key(inputs), element(inputs)]
    for name in ("RANK", "COUNT", "MAXLEN"):
        if inputs.chance(0.4):
            value = b"%d" % inputs.random.randint(-2, 6) if inputs.chance(0.8) else inputs.integer()
            arguments += [inputs.spelled(name), value]
    if inputs.chance(0.04):
        arguments.append(inputs.pick((b"RANK", b"FOO", b"")))
    return [step(*arguments)]


def move(inputs: Inputs) -> List[Step]:
    source = any_key(inputs)
    target = source if inputs.chance(0.2) else list_key(inputs)
    roll = inputs.random.random()
    if roll < 0.4:
        steps = [step(inputs.spelled("LMOVE"), source, target, end(inputs), end(inputs))]
    elif roll < 0.7:
        steps = [step(inputs.spelled("RPOPLPUSH"), source, target)]
    elif roll < 0.85:
        steps = [step(inputs.spelled("BLMOVE"), source, target, end(inputs), end(inputs), timeout(inputs))]
    else:
        steps = [step(inputs.spelled("BRPOPLPUSH"), source, target, timeout(inputs))]
    return steps + (look(target) if inputs.chance(0.1) else [])


def timeout(inputs: Inputs) -> bytes:
    return SHORT_WAIT_S if inputs.chance(0.9) else inputs.pick((b"-1", b"x", b"", b"nan", b"1e-3", b"0x0.01"))


def some_keys(inputs: Inputs) -> List[bytes]:
    return [any_key(inputs) for _ in range(inputs.random.randint(1, 3))]


def pop_first(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("BLPOP", "BRPOP"))
    return [step(inputs.spelled(name), *some_keys(inputs), timeout(inputs))]


def multi_pop(inputs: Inputs) -> List[Step]:
    keys = some_keys(inputs)
    count = b"%d" % len(keys) if inputs.chance(0.92) else inputs.pick((b"0", b"-1", b"x", b"9", b"9223372036854775807"))
    arguments: List[Argument] = [count, *keys, end(inputs)]
    if inputs.chance(0.6):
        number = b"%d" % inputs.random.randint(1, 10) if inputs.chance(0.9) else inputs.integer()
        arguments += [inputs.spelled("COUNT"), number]
    if inputs.chance(0.05):
        arguments += [inputs.pick((b"COUNT", b"FOO")), b"1"][: inputs.random.randint(1, 2)]
    if inputs.chance(0.6):
        return [step(inputs.spelled("LMPOP"), *arguments)]
    return [step(inputs.spelled("BLMPOP"), timeout(inputs), *arguments)]


def in_general_key(inputs: Inputs) -> List[Step]:
    """A list for the families of other types to meet."""
    return [step("RPUSH", inputs.key(), *elements(inputs, 3))]


def transaction(inputs: Inputs) -> List[Step]:
    """Where blocking commands must not wait. Encodings are left out: what may differ is known of single replies only."""
    queued = read(inputs) + pop_first(inputs) + move(inputs) + multi_pop(inputs)
    glued = [replace(one, glued=True) for one in queued if one.name != "OBJECT"]
    return [step("MULTI"), *glued, step("EXEC", glued=True)]


def manage(inputs: Inputs) -> List[Step]:
    """What works on keys of any type."""
    key = inputs.pick(LIST_KEYS)
    other = inputs.pick(LIST_KEYS)
    return inputs.pick(
        (
            [step("COPY", key, other, "REPLACE"), *look(other)],
            [step("RENAME", key, other), *look(other)],
            [step("DEL", key)],
            [step("TYPE", key), step("DEBUG", "DIGEST-VALUE", key)],
            transaction(inputs),
            [step("GET", key)],
        )
    )


def shape(inputs: Inputs) -> List[Step]:
    if inputs.chance(0.5):
        return [step("CONFIG", "SET", "list-max-listpack-size", inputs.pick(NODE_SIZES))]
    return [step("CONFIG", "SET", "list-compress-depth", inputs.pick(COMPRESS_DEPTHS))]


FAMILY = [
    (12, push),
    (1, push_many),
    (7, pop),
    (7, read),
    (6, change),
    (5, delete),
    (5, position),
    (5, move),
    (1.5, pop_first),
    (4, multi_pop),
    (1, in_general_key),
    (3, manage),
    (0.7, shape),
]
