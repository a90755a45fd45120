"""Generated commands of the sorted set group."""

from typing import List

from support.resp import Argument, Connection

from differential import rules
from differential.inputs import BAD_FLOATS, EDGE_FLOATS, LEX_ZSET_KEYS, SET_KEYS, ZSET_KEYS, Inputs
from differential.steps import SpecialStep, Step, step

SCAN_CALLS_MAX = 10_000
ODD_MEMBERS = [b"", b"0", b"-1", b"007", b"9223372036854775807", b"\x00\xff", b"M" * 64, b"M" * 65, b"m" * 300, b"12345"]
LEX_MEMBERS = [b"", b"a", b"aa", b"ab", b"b", b"bb", b"c", b"10", b"9", b"\xff", b"\x00", b"z" * 70]


def key(inputs: Inputs) -> bytes:
    """Mostly a key of this family; now and then one that may hold anything."""
    return inputs.key() if inputs.chance(0.04) else inputs.pick(ZSET_KEYS)


def source(inputs: Inputs) -> bytes:
    """An input of the combinations: a sorted set, or at times a set."""
    return inputs.pick(SET_KEYS) if inputs.chance(0.1) else key(inputs)


def member(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.75:
        return b"m:%d" % inputs.random.randint(0, 25)
    return inputs.pick(ODD_MEMBERS) if roll < 0.9 else b"%d" % inputs.random.randint(0, 300)


def score(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.45:
        return b"%d" % inputs.random.randint(-10, 30)
    if roll < 0.7:
        return b"%.*f" % (inputs.random.randint(1, 17), inputs.random.uniform(-10, 30))
    if roll < 0.8:
        return inputs.pick((b"inf", b"-inf", b"+inf", b"Infinity", b"-0", b"0"))
    if roll < 0.87:
        return repr(inputs.random.uniform(-1, 1) * 10.0 ** inputs.random.randint(-300, 300)).encode()
    if roll < 0.97:
        return inputs.pick(EDGE_FLOATS)
    return inputs.pick(BAD_FLOATS)


def bound(inputs: Inputs) -> bytes:
    """An end of a range of scores."""
    roll = inputs.random.random()
    if roll < 0.2:
        return inputs.pick((b"-inf", b"+inf", b"inf", b"(inf", b"(-inf"))
    if roll < 0.93:
        return (b"(" if inputs.chance(0.3) else b"") + score(inputs)
    return inputs.pick((b"", b"(", b"((1", b" 1", b"1 ", b"x", b"nan", b"1\x002", b"[1", b"(\x00"))


def lex_bound(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.3:
        return inputs.pick((b"-", b"+"))
    if roll < 0.93:
        return inputs.pick((b"[", b"(")) + inputs.pick(LEX_MEMBERS)
    return inputs.pick((b"", b"a", b"++", b"-1", b"+\x00", b"inf", b"[", b"("))


def rank(inputs: Inputs) -> bytes:
    return b"%d" % inputs.random.randint(-30, 30) if inputs.chance(0.9) else inputs.integer()


def pairs(inputs: Inputs, count_max: int) -> List[Argument]:
    words: List[Argument] = []
    for _ in range(inputs.random.randint(1, count_max)):
        words += [score(inputs), member(inputs)]
    return words


def limit(inputs: Inputs) -> List[Argument]:
    if inputs.chance(0.93):
        return [inputs.spelled("LIMIT"), inputs.random.randint(-1, 6), inputs.random.randint(-2, 10)]
    return [inputs.spelled("LIMIT"), inputs.integer()] + ([inputs.integer()] if inputs.chance(0.7) else [])


def zadd(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("ZADD"), key(inputs), *pairs(inputs, 4))]


def zadd_many(inputs: Inputs) -> List[Step]:
    """Enough members to pass the thresholds, in or out of order."""
    target = inputs.pick(ZSET_KEYS)
    members = list(range(inputs.random.randint(20, 160)))
    if inputs.chance(0.6):
        inputs.random.shuffle(members)
    words: List[Argument] = []
    for number in members:
        words += [number // inputs.pick((1, 3)), b"m:%d" % number]
    return [step("ZADD", target, *words), step("OBJECT", "ENCODING", target)]


def zadd_options(inputs: Inputs) -> List[Step]:
    words: List[Argument] = []
    for word, chance in (("NX", 0.2), ("XX", 0.25), ("GT", 0.25), ("LT", 0.25), ("CH", 0.4), ("INCR", 0.35)):
        if inputs.chance(chance):
            words.append(inputs.spelled(word))
    inputs.random.shuffle(words)
    tail = pairs(inputs, 1 if inputs.chance(0.6) else 3)
    if inputs.chance(0.04):
        tail = tail[:-1]
    return [step("ZADD", key(inputs), *words, *tail)]


def zincrby(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("ZINCRBY"), key(inputs), score(inputs), member(inputs))]


def zrem(inputs: Inputs) -> List[Step]:
    return [step("ZREM", key(inputs), *(member(inputs) for _ in range(inputs.random.randint(1, 5))))]


def reads(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("ZCARD", "ZSCORE", "ZMSCORE", "ZRANK", "ZREVRANK", "ZCOUNT", "ENCODING"))
    target = key(inputs)
    if name == "ENCODING":
        return [step("OBJECT", "ENCODING", target), step("TYPE", target)]
    arguments: List[Argument] = [inputs.spelled(name), target]
    if name == "ZCOUNT":
        arguments += [bound(inputs), bound(inputs)]
    elif name == "ZMSCORE":
        arguments += [member(inputs) for _ in range(inputs.random.randint(1, 4))]
    elif name != "ZCARD":
        arguments.append(member(inputs))
    return [step(*arguments)]


def zrange(inputs: Inputs) -> List[Step]:
    """ZRANGE by rank or score with any options, the older forms too; ZRANGESTORE."""
    name = inputs.pick(("ZRANGE", "ZRANGE", "ZREVRANGE", "ZRANGEBYSCORE", "ZREVRANGEBYSCORE", "ZRANGESTORE"))
    arguments: List[Argument] = [inputs.spelled(name)]
    if name == "ZRANGESTORE":
        arguments.append(inputs.pick(ZSET_KEYS))
    arguments.append(key(inputs))
    options: List[List[Argument]] = []
    by_score = name in ("ZRANGEBYSCORE", "ZREVRANGEBYSCORE")
    if name in ("ZRANGE", "ZRANGESTORE"):
        if inputs.chance(0.5):
            options.append([inputs.spelled("BYSCORE")])
            by_score = True
        if inputs.chance(0.4):
            options.append([inputs.spelled("REV")])
    arguments += [bound(inputs), bound(inputs)] if by_score else [rank(inputs), rank(inputs)]
    if inputs.chance(0.4 if by_score else 0.1):
        options.append(limit(inputs))
    if inputs.chance(0.4 if name != "ZRANGESTORE" else 0.03):
        options.append([inputs.spelled("WITHSCORES")])
    if inputs.chance(0.03):
        options.append([inputs.pick((b"FOO", b"", b"BYSCORE", b"REV", b"LIMIT"))])
    inputs.random.shuffle(options)
    for option in options:
        arguments += option
    steps = [step(*arguments)]
    if name == "ZRANGESTORE":
        steps += [step("ZRANGE", arguments[1], 0, -1, "WITHSCORES"), step("OBJECT", "ENCODING", arguments[1])]
    return steps


def lex_seed(inputs: Inputs) -> List[Step]:
    words: List[Argument] = []
    for _ in range(inputs.random.randint(1, 8)):
        words += [0, inputs.pick(LEX_MEMBERS) if inputs.chance(0.5) else b"n%d" % inputs.random.randint(0, 200)]
    return [step("ZADD", inputs.pick(LEX_ZSET_KEYS), *words)]


def lex(inputs: Inputs) -> List[Step]:
    """Ranges of bytes, in sets whose scores are all equal."""
    name = inputs.pick(("ZRANGEBYLEX", "ZREVRANGEBYLEX", "ZLEXCOUNT", "ZRANGE", "ZREMRANGEBYLEX"))
    if name == "ZREMRANGEBYLEX" and inputs.chance(0.7):
        name = "ZLEXCOUNT"
    arguments: List[Argument] = [inputs.spelled(name), inputs.pick(LEX_ZSET_KEYS), lex_bound(inputs), lex_bound(inputs)]
    if name == "ZRANGE":
        arguments.append(inputs.spelled("BYLEX"))
        if inputs.chance(0.4):
            arguments.append(inputs.spelled("REV"))
    if name in ("ZRANGEBYLEX", "ZREVRANGEBYLEX", "ZRANGE") and inputs.chance(0.4):
        arguments += limit(inputs)
    if inputs.chance(0.03):
        arguments.append(inputs.pick((b"WITHSCORES", b"FOO")))
    return [step(*arguments)]


def zremrange(inputs: Inputs) -> List[Step]:
    if inputs.chance(0.5):
        return [step("ZREMRANGEBYRANK", key(inputs), rank(inputs), rank(inputs))]
    low = inputs.random.randint(-10, 30)
    narrow = [b"%d" % low, b"(%d" % (low + 3)]
    return [step("ZREMRANGEBYSCORE", key(inputs), *(narrow if inputs.chance(0.7) else (bound(inputs), bound(inputs))))]


def zpop(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled(inputs.pick(("ZPOPMIN", "ZPOPMAX"))), key(inputs)]
    if inputs.chance(0.6):
        arguments.append(inputs.random.randint(0, 5) if inputs.chance(0.85) else inputs.integer())
    if inputs.chance(0.02):
        arguments.append(1)
    return [step(*arguments)]


def numkeys_and_keys(inputs: Inputs) -> List[Argument]:
    keys: List[Argument] = [source(inputs) for _ in range(inputs.random.randint(1, 3))]
    count: Argument = len(keys) if inputs.chance(0.93) else inputs.pick((b"0", b"-1", b"x", b"9", b"", len(keys) + 1))
    return [count] + keys


def zmpop(inputs: Inputs) -> List[Step]:
    arguments = numkeys_and_keys(inputs) + [inputs.spelled(inputs.pick(("MIN", "MAX")))]
    if inputs.chance(0.5):
        count: Argument = inputs.random.randint(1, 5) if inputs.chance(0.8) else inputs.integer()
        arguments += [inputs.spelled("COUNT"), count]
    if inputs.chance(0.05):
        arguments.append(inputs.pick((b"COUNT", b"FOO", b"MIN")))
    if inputs.chance(0.1):
        arguments = arguments[: inputs.random.randint(1, len(arguments))]
    if inputs.chance(0.7):
        return [step(inputs.spelled("ZMPOP"), *arguments)]
    return [step("BZMPOP", inputs.pick((b"0.01", b"0.01", b"-1", b"x", b"1e-2")), *arguments)]


def bzpop(inputs: Inputs) -> List[Step]:
    keys = [key(inputs) for _ in range(inputs.random.randint(1, 3))]
    timeout = b"0.01" if inputs.chance(0.9) else inputs.pick((b"-1", b"x", b"", b"nan"))
    return [step(inputs.spelled(inputs.pick(("BZPOPMIN", "BZPOPMAX"))), *keys, timeout)]


def combine(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("ZUNION", "ZINTER", "ZDIFF", "ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE", "ZINTERCARD"))
    destination = inputs.pick(ZSET_KEYS)
    head: List[Argument] = [destination] if name.endswith("STORE") else []
    keys = numkeys_and_keys(inputs)
    options: List[List[Argument]] = []
    weighs = name in ("ZUNION", "ZINTER", "ZUNIONSTORE", "ZINTERSTORE")
    if inputs.chance(0.4 if weighs else 0.03):
        options.append([inputs.spelled("WEIGHTS")] + [score(inputs) for _ in keys[1:]])
    if inputs.chance(0.4 if weighs else 0.03):
        options.append([inputs.spelled("AGGREGATE"), inputs.spelled(inputs.pick(("SUM", "MIN", "MAX", "MAX", "FOO")))])
    if inputs.chance(0.5 if name in ("ZUNION", "ZINTER", "ZDIFF") else 0.03):
        options.append([inputs.spelled("WITHSCORES")])
    if inputs.chance(0.5 if name == "ZINTERCARD" else 0.03):
        options.append([inputs.spelled("LIMIT"), inputs.random.randint(0, 5) if inputs.chance(0.8) else inputs.integer()])
    inputs.random.shuffle(options)
    words = [word for option in options for word in option]
    if inputs.chance(0.03):
        words = words[:-1]
    steps = [step(inputs.spelled(name), *head, *keys, *words)]
    if head:
        steps += [step("ZRANGE", destination, 0, -1, "WITHSCORES"), step("OBJECT", "ENCODING", destination)]
    return steps


def zrandmember(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = ["ZRANDMEMBER", key(inputs)]
    if inputs.chance(0.2):
        return [step(*arguments, rule=rules.same_shape)]
    if inputs.chance(0.2):
        return [step(*arguments, 1000, *(["WITHSCORES"] if inputs.chance(0.5) else []), rule=rules.unordered)]
    arguments.append(
        inputs.random.randint(-5, 5)
        if inputs.chance(0.9)
        else inputs.pick((b"x", b"", b"-9223372036854775808", b"9223372036854775807"))
    )
    if inputs.chance(0.4):
        arguments.append(inputs.spelled("WITHSCORES"))
    if inputs.chance(0.04):
        arguments.append(inputs.pick((b"FOO", b"WITHSCORES")))
    return [step(*arguments, rule=rules.same_shape)]


def whole_zscan(target: bytes, options: List[bytes]):
    def run(connection: Connection) -> object:
        cursor, seen = b"0", set()
        for _ in range(SCAN_CALLS_MAX):
            reply = connection.command("ZSCAN", target, cursor, *options)
            if reply.is_error:
                return reply.value
            words = [item.value for item in reply.value[1].value]
            seen.update(zip(words[::2], words[1::2]))
            cursor = reply.value[0].value
            if cursor == b"0":
                return sorted(seen)
        raise AssertionError("ZSCAN did not come to an end")

    return run


def zscan(inputs: Inputs) -> List[object]:
    target = key(inputs)
    options: List[bytes] = []
    if inputs.chance(0.4):
        options += [inputs.spelled("MATCH"), inputs.pick((b"*", b"m:1*", b"m:?", b"[0-9]*", b"nothing", b""))]
    if inputs.chance(0.4):
        options += [inputs.spelled("COUNT"), inputs.pick((b"1", b"10", b"1000", b"0", b"-1", b"x"))]
    if inputs.chance(0.05):
        options += [inputs.pick((b"FOO", b"MATCH", b"COUNT"))]
    return [SpecialStep((b"ZSCAN", target) + tuple(options), whole_zscan(target, options), name="ZSCAN")]


def thresholds(inputs: Inputs) -> List[Step]:
    return [
        step("CONFIG", "SET", "zset-max-listpack-entries", inputs.pick((128, 128, 20, 5, 0))),
        step("CONFIG", "SET", "zset-max-listpack-value", inputs.pick((64, 64, 3, 0, 1000))),
    ]


def delete(inputs: Inputs) -> List[Step]:
    return [step("DEL", inputs.pick(ZSET_KEYS + LEX_ZSET_KEYS))]


def move_around(inputs: Inputs) -> List[Step]:
    source, target = inputs.pick(ZSET_KEYS), inputs.pick(ZSET_KEYS)
    return [
        inputs.pick((step("RENAME", source, target), step("COPY", source, target, "REPLACE"))),
        step("ZRANGE", target, 0, -1, "WITHSCORES"),
        step("DEBUG", "DIGEST-VALUE", target, source),
    ]


FAMILY = [
    (10, zadd),
    (1.5, zadd_many),
    (8, zadd_options),
    (5, zincrby),
    (3, zrem),
    (10, reads),
    (12, zrange),
    (2, lex_seed),
    (5, lex),
    (1.5, zremrange),
    (2, zpop),
    (2, zmpop),
    (0.4, bzpop),
    (7, combine),
    (3, zrandmember),
    (1.5, zscan),
    (0.5, thresholds),
    (1, delete),
    (1, move_around),
]
