"""Generated commands of the stream group. IDs are explicit nearly always, as the servers' clocks differ."""

from typing import List

from support.resp import Argument, Reply

from differential import rules
from differential.inputs import STREAM_KEYS, Inputs
from differential.steps import Step, step

GROUPS = [b"g1", b"g2", b"a group"]
CONSUMERS = [b"alice", b"bob", b"carol", b"\x00\xff"]
BAD_IDS = [
    b"",
    b"x",
    b"1-",
    b"-1",
    b"1-2-3",
    b"1-x",
    b"18446744073709551616",
    b"18446744073709551616-0",
    b"1-18446744073709551616",
    b"1- 2",
    b"--",
    b"(",
    b"((1",
    b"1-*",
    b"*-1",
    b"**",
    b"-1-1",
    b"1--1",
    b"1-+1",
    b"+1-1",
    b" 7-1",
    b"007-01",
    b"7-1\x00tail",
    b"7" * 200,
    b"$",
    b">",
    b"+",
    b"-",
]
EDGE_IDS = [b"0", b"0-0", b"0-1", b"18446744073709551615", b"18446744073709551615-18446744073709551615"]
# Far enough apart for both servers' clocks to agree on which side a time lies.
LONG_AGO_MS = 10**12
TIME_TOLERANCE_MS = 100_000


def _times_apart(oracle: Reply, target: Reply) -> bool:
    return oracle.kind == ":" and target.kind == ":" and abs(oracle.value - target.value) <= TIME_TOLERANCE_MS


def near_times(oracle: Reply, target: Reply):
    """Replies in which integers may be times or idle times: equal within a tolerance; small ones are equal."""
    if oracle.kind != target.kind:
        return "the reply types differ"
    if oracle.kind in "*~" and oracle.value is not None and target.value is not None:
        if len(oracle.value) != len(target.value):
            return "the lengths differ"
        return next(filter(None, map(near_times, oracle.value, target.value)), None)
    if oracle.kind == "%":
        if len(oracle.value) != len(target.value):
            return "the lengths differ"
        for (left_key, left), (right_key, right) in zip(oracle.value, target.value):
            why = rules.exact(left_key, right_key) or near_times(left, right)
            if why:
                return why
        return None
    return None if oracle == target or _times_apart(oracle, target) else "the replies differ"


def _without(reply: Reply, names) -> Reply:
    """Maps, or the flat arrays they are in RESP2, without these fields, all the way down."""
    if reply.kind == "%":
        pairs = [(key, _without(value, names)) for key, value in reply.value if key.value not in names]
        return Reply("%", pairs)
    if reply.kind == "*" and reply.value is not None:
        kept = []
        skip = False
        for item in reply.value:
            if skip:
                skip = False
            elif item.kind == "$" and item.value in names:
                skip = True
            else:
                kept.append(_without(item, names))
        return Reply("*", kept)
    return reply


NEWER_FIELDS = (
    b"inactive",  # 7.2
    b"active-time",
    b"idmp-duration",  # 8.6
    b"idmp-maxsize",
    b"pids-tracked",
    b"iids-tracked",
    b"iids-added",
    b"iids-duplicates",
    b"nacked-count",  # 8.8
)


def info_reply(oracle: Reply, target: Reply):
    """XINFO: the fields of newer versions are left out, times are near."""
    return near_times(oracle, _without(target, NEWER_FIELDS))


def key(inputs: Inputs) -> bytes:
    return inputs.key() if inputs.chance(0.03) else inputs.pick(STREAM_KEYS)


def some_id(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.04:
        return inputs.pick(BAD_IDS)
    if roll < 0.08:
        return inputs.pick(EDGE_IDS)
    ms = inputs.random.randint(1, 400)
    return b"%d" % ms if roll < 0.2 else b"%d-%d" % (ms, inputs.random.randint(0, 3))


def range_end(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.3:
        return inputs.pick((b"-", b"+"))
    return b"(" + some_id(inputs) if roll < 0.5 else some_id(inputs)


def count(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.85:
        return b"%d" % inputs.random.randint(1, 20)
    return inputs.pick((b"0", b"-1", b"1000", b"x", b"", b"9223372036854775807", b"9223372036854775808"))


def group(inputs: Inputs) -> bytes:
    return b"no such\r\ngroup" if inputs.chance(0.03) else inputs.pick(GROUPS)


def trim_arguments(inputs: Inputs) -> List[Argument]:
    arguments: List[Argument] = []
    for _ in range(2 if inputs.chance(0.03) else 1):
        by_length = inputs.chance(0.6)
        arguments.append(inputs.spelled("MAXLEN" if by_length else "MINID"))
        if inputs.chance(0.6):
            arguments.append(inputs.pick((b"~", b"~", b"=")))
        if by_length:
            arguments.append(b"%d" % inputs.random.randint(0, 120) if inputs.chance(0.9) else inputs.integer())
        else:
            arguments.append(some_id(inputs))
    if inputs.chance(0.25):
        arguments += [inputs.spelled("LIMIT"), count(inputs)]
    return arguments


def pairs(inputs: Inputs) -> List[Argument]:
    roll = inputs.random.random()
    if roll < 0.6:
        return [b"field", inputs.small_value(), b"12", inputs.small_value()]
    if roll < 0.8:
        return [b"field", inputs.value()]
    arguments: List[Argument] = []
    for _ in range(inputs.random.randint(1, 5)):
        arguments += [inputs.small_value(), inputs.small_value()]
    return arguments[:-1] if inputs.chance(0.03) else arguments


def xadd(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled("XADD"), key(inputs)]
    if inputs.chance(0.1):
        arguments.append(inputs.spelled("NOMKSTREAM"))
    if inputs.chance(0.15):
        arguments += trim_arguments(inputs)
    arguments.append(some_id(inputs))
    return [step(*arguments, *pairs(inputs))]


def xadd_behind(inputs: Inputs) -> List[Step]:
    """A burst of entries with rising IDs, so that streams grow: ms-* follows on whatever is there."""
    name = inputs.pick(STREAM_KEYS)
    ms = inputs.random.randint(1, 400)
    same = pairs(inputs)
    steps = []
    for _ in range(inputs.random.randint(1, 40)):
        ms += inputs.random.randint(0, 1)
        steps.append(step("XADD", name, b"%d-*" % ms, *(same if inputs.chance(0.8) else pairs(inputs))))
    return steps


def xadd_now(inputs: Inputs) -> List[Step]:
    """The server's own choice of ID; its stream is deleted before anybody compares it."""
    return [
        step("DEL", b"x:now"),
        step("XADD", b"x:now", b"*", b"field", b"value", rule=rules.same_kind),
        step("XADD", b"x:now", b"MAXLEN", b"1", b"*", b"field", b"value", rule=rules.same_kind),
        step("XLEN", b"x:now"),
        step("DEL", b"x:now"),
    ]


def start_anew(inputs: Inputs) -> List[Step]:
    return [step("DEL", inputs.pick(STREAM_KEYS))]


def node_limits(inputs: Inputs) -> List[Step]:
    if inputs.chance(0.5):
        return [step("CONFIG", "SET", "stream-node-max-entries", inputs.pick((b"100", b"3", b"10", b"0", b"1", b"150")))]
    return [step("CONFIG", "SET", "stream-node-max-bytes", inputs.pick((b"4096", b"200", b"0", b"1", b"1000")))]


def xlen(inputs: Inputs) -> List[Step]:
    return [step("XLEN", key(inputs))]


def xrange(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled(inputs.pick(("XRANGE", "XREVRANGE"))), key(inputs)]
    arguments += [range_end(inputs), range_end(inputs)]
    if inputs.chance(0.5):
        arguments += [inputs.spelled("COUNT"), count(inputs)]
    if inputs.chance(0.03):
        arguments.append(inputs.pick((b"COUNT", b"FOO", b"WITHSCORES")))
    return [step(*arguments)]


def xdel(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("XDEL"), key(inputs), *(some_id(inputs) for _ in range(inputs.random.randint(1, 5))))]


def xtrim(inputs: Inputs) -> List[Step]:
    arguments = trim_arguments(inputs) if inputs.chance(0.95) else inputs.junk()
    return [step(inputs.spelled("XTRIM"), key(inputs), *arguments)]


def xsetid(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled("XSETID"), key(inputs), some_id(inputs)]
    if inputs.chance(0.4):
        arguments += [inputs.spelled("ENTRIESADDED"), inputs.integer()]
    if inputs.chance(0.3):
        arguments += [inputs.spelled("MAXDELETEDID"), some_id(inputs)]
    if inputs.chance(0.03):
        arguments.append(b"ENTRIESADDED")
    return [step(*arguments)]


def xread(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled("XREAD")]
    if inputs.chance(0.5):
        arguments += [inputs.spelled("COUNT"), count(inputs)]
    if inputs.chance(0.05):
        arguments += [inputs.spelled("BLOCK"), inputs.pick((b"1", b"x", b"-1", b"9223372036854775807x"))]
    if inputs.chance(0.03):
        arguments += inputs.pick(([b"NOACK"], [b"GROUP", b"g1", b"alice"], [b"FOO"], [b"COUNT"]))
    keys = [key(inputs) for _ in range(inputs.random.randint(1, 3))]
    ids = [b"$" if inputs.chance(0.1) else some_id(inputs) for _ in keys]
    # "+" is of 7.4, and no ID for 7.0.
    ids = [b"0" if an_id == b"+" else an_id for an_id in ids]
    arguments += [inputs.spelled("STREAMS"), *keys, *ids]
    return [step(*(arguments[:-1] if inputs.chance(0.03) else arguments))]


def xreadgroup(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled("XREADGROUP")]
    if inputs.chance(0.98):
        arguments += [inputs.spelled("GROUP"), group(inputs), inputs.pick(CONSUMERS)]
    if inputs.chance(0.8):
        arguments += [inputs.spelled("COUNT"), count(inputs)]
    if inputs.chance(0.05):
        arguments += [inputs.spelled("BLOCK"), b"1"]
    if inputs.chance(0.15):
        arguments.append(inputs.spelled("NOACK"))
    keys = [key(inputs) for _ in range(1 if inputs.chance(0.8) else inputs.random.randint(1, 3))]
    ids = [b">" if inputs.chance(0.6) else some_id(inputs) for _ in keys]
    ids = [b"0" if an_id == b"+" else an_id for an_id in ids]
    return [step(*arguments, inputs.spelled("STREAMS"), *keys, *ids)]


def xgroup(inputs: Inputs) -> List[Step]:
    roll = inputs.random.random()
    arguments: List[Argument] = [inputs.spelled("XGROUP")]
    if roll < 0.45:
        new_id = inputs.pick((b"$", b"0", b"0", b"0")) if inputs.chance(0.7) else some_id(inputs)
        arguments += [inputs.spelled("CREATE"), key(inputs), group(inputs), new_id]
        if inputs.chance(0.5):
            arguments.append(inputs.spelled("MKSTREAM"))
        if inputs.chance(0.3):
            arguments += [inputs.spelled("ENTRIESREAD"), inputs.pick((b"0", b"3", b"-1", b"-2", b"x", b"50"))]
        if inputs.chance(0.02):
            arguments += [b"MKSTREAM", b"MKSTREAM"]
    elif roll < 0.65:
        new_id = b"$" if inputs.chance(0.3) else some_id(inputs)
        arguments += [inputs.spelled("SETID"), key(inputs), group(inputs), new_id]
        if inputs.chance(0.4):
            arguments += [inputs.spelled("ENTRIESREAD"), inputs.pick((b"0", b"3", b"-1", b"-2", b"x", b"50"))]
        if inputs.chance(0.05):
            arguments.append(inputs.pick((b"ENTRIESREAD", b"MKSTREAM")))
    elif roll < 0.72:
        arguments += [inputs.spelled("DESTROY"), key(inputs), group(inputs)]
    elif roll < 0.85:
        arguments += [inputs.spelled("CREATECONSUMER"), key(inputs), group(inputs), inputs.pick(CONSUMERS)]
    elif roll < 0.95:
        arguments += [inputs.spelled("DELCONSUMER"), key(inputs), group(inputs), inputs.pick(CONSUMERS)]
    elif roll < 0.97:
        return [step("XGROUP", "HELP", rule=rules.help_text)]
    else:
        arguments += inputs.pick(([b"FOO"], [b"CREATE"], [b"SETID", b"a"], [b"DESTROY", b"a"], [b"HELP", b"x"]))
    return [step(*arguments)]


def xack(inputs: Inputs) -> List[Step]:
    ids = [some_id(inputs) for _ in range(inputs.random.randint(1, 6))]
    return [step(inputs.spelled("XACK"), key(inputs), group(inputs), *ids)]


def xpending(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled("XPENDING"), key(inputs), group(inputs)]
    if inputs.chance(0.7):
        if inputs.chance(0.3):
            arguments += [inputs.spelled("IDLE"), inputs.pick((b"0", b"%d" % (LONG_AGO_MS // 2), b"-5", b"x"))]
        arguments += [range_end(inputs), range_end(inputs), count(inputs)]
        if inputs.chance(0.4):
            arguments.append(inputs.pick(CONSUMERS))
    if inputs.chance(0.03):
        arguments.append(b"extra")
    return [step(*arguments, rule=near_times)]


def xclaim(inputs: Inputs) -> List[Step]:
    min_idle = inputs.pick((b"0", b"0", b"0", b"%d" % (LONG_AGO_MS // 2), b"-1", b"x"))
    arguments: List[Argument] = [inputs.spelled("XCLAIM"), key(inputs), group(inputs), inputs.pick(CONSUMERS), min_idle]
    arguments += [some_id(inputs) for _ in range(inputs.random.randint(1, 6))]
    options: List[List[Argument]] = []
    if inputs.chance(0.3):
        options.append([inputs.spelled("FORCE")])
    if inputs.chance(0.3):
        options.append([inputs.spelled("JUSTID")])
    if inputs.chance(0.2):
        options.append([inputs.spelled("IDLE"), inputs.pick((b"0", b"%d" % LONG_AGO_MS, b"-9", b"x"))])
    if inputs.chance(0.2):
        options.append([inputs.spelled("TIME"), inputs.pick((b"1", b"9999999999999", b"-1", b"x"))])
    if inputs.chance(0.2):
        options.append([inputs.spelled("RETRYCOUNT"), inputs.integer()])
    if inputs.chance(0.1):
        options.append([inputs.spelled("LASTID"), some_id(inputs)])
    if inputs.chance(0.03):
        options.append([inputs.pick((b"FOO\r\nbar", b"IDLE", b"LASTID"))])
    inputs.random.shuffle(options)
    return [step(*arguments, *(word for option in options for word in option))]


def xautoclaim(inputs: Inputs) -> List[Step]:
    min_idle = inputs.pick((b"0", b"0", b"%d" % (LONG_AGO_MS // 2), b"-1", b"x"))
    arguments: List[Argument] = [inputs.spelled("XAUTOCLAIM"), key(inputs), group(inputs), inputs.pick(CONSUMERS)]
    arguments += [min_idle, range_end(inputs)]
    if inputs.chance(0.5):
        arguments += [inputs.spelled("COUNT"), count(inputs)]
    if inputs.chance(0.3):
        arguments.append(inputs.spelled("JUSTID"))
    if inputs.chance(0.03):
        arguments.append(b"FOO")
    return [step(*arguments)]


def xinfo(inputs: Inputs) -> List[Step]:
    roll = inputs.random.random()
    arguments: List[Argument] = [inputs.spelled("XINFO")]
    if roll < 0.5:
        arguments += [inputs.spelled("STREAM"), key(inputs)]
        if inputs.chance(0.6):
            arguments.append(inputs.spelled("FULL"))
            if inputs.chance(0.6):
                arguments += [inputs.spelled("COUNT"), count(inputs)]
        if inputs.chance(0.05):
            arguments.append(inputs.pick((b"COUNT", b"FOO")))
    elif roll < 0.75:
        arguments += [inputs.spelled("GROUPS"), key(inputs)]
    elif roll < 0.95:
        arguments += [inputs.spelled("CONSUMERS"), key(inputs), group(inputs)]
    elif roll < 0.97:
        return [step("XINFO", "HELP", rule=rules.help_text)]
    else:
        arguments += inputs.pick(([b"FOO"], [b"STREAM"], [b"GROUPS", b"a", b"b"], [b"HELP", b"x"]))
    return [step(*arguments, rule=info_reply)]


def whole_stream(inputs: Inputs) -> List[Step]:
    name = inputs.pick(STREAM_KEYS)
    return [
        step("XRANGE", name, "-", "+"),
        step("XREVRANGE", name, "+", "-"),
        step("XINFO", "STREAM", name, "FULL", "COUNT", "0", rule=info_reply),
        step("XINFO", "GROUPS", name, rule=info_reply),
        step("OBJECT", "ENCODING", name),
        step("TYPE", name),
    ]


def described(inputs: Inputs) -> List[Step]:
    names = ["xadd", "xread", "xreadgroup", "xgroup", "xinfo", "xtrim", "xack", "xclaim", "xautoclaim", "xpending"]
    names += ["xdel", "xlen", "xrange", "xrevrange", "xsetid"]
    return [step("COMMAND", "INFO", inputs.pick(names), rule=rules.command_info)]


def keys_of(inputs: Inputs) -> List[Step]:
    arguments = inputs.pick(
        (
            ["XREAD", "COUNT", "2", "STREAMS", "a", "b", "0", "0"],
            ["XREADGROUP", "GROUP", "g", "c", "STREAMS", "a", "b", ">", ">"],
            ["XREADGROUP", "GROUP", "STREAMS", "c", "STREAMS", "a", ">"],
            ["XADD", "k", "*", "f", "v"],
            ["XGROUP", "CREATE", "k", "g", "$"],
        )
    )
    return [step("COMMAND", "GETKEYS", *arguments)]


FAMILY = [
    (1.5, xadd),
    (3.0, xadd_behind),
    (0.1, xadd_now),
    (0.4, start_anew),
    (0.3, node_limits),
    (0.3, xlen),
    (2.0, xrange),
    (2.0, xdel),
    (0.7, xtrim),
    (0.4, xsetid),
    (1.2, xread),
    (3.0, xreadgroup),
    (2.0, xgroup),
    (1.2, xack),
    (1.5, xpending),
    (1.5, xclaim),
    (1.2, xautoclaim),
    (1.5, xinfo),
    (1.0, whole_stream),
    (0.1, described),
    (0.1, keys_of),
]
