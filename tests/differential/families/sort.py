"""Generated SORT and SORT_RO over lists, sets and sorted sets, with weights and fields in keys of their own."""

from typing import List

from support.resp import Argument

from differential import rules
from differential.inputs import SORT_KEYS, Inputs
from differential.steps import Step, step

LIST, NUMBERS, SET, SORTED_SET, RESULT = SORT_KEYS
SOURCES = (LIST, NUMBERS, SET, SORTED_SET)
ELEMENTS = tuple(b"%d" % i for i in range(12)) + (b"a", b"b", b"aB", b"")


def number(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.6:
        return b"%d" % inputs.random.randint(-20, 20)
    if roll < 0.9:
        return b"%.2f" % inputs.random.uniform(-5, 5)
    return inputs.pick((b"1e3", b"0x10", b" 7", b"-0", b"inf", b"-inf", b"9007199254740993", b"12345678901234567890"))


def word(inputs: Inputs) -> bytes:
    return inputs.pick((b"a", b"b", b"B", b"aa", b"\xc3\xa4", b"\x00x", b"10", b"9", b"", b"zz\x00"))


def element(inputs: Inputs) -> bytes:
    return inputs.pick(ELEMENTS) if inputs.chance(0.5) else number(inputs)


def fill_list(inputs: Inputs) -> List[Step]:
    make = inputs.pick((element, element, word))
    return [step("DEL", LIST), step("RPUSH", LIST, *(make(inputs) for _ in range(inputs.random.randint(1, 20))))]


def fill_numbers(inputs: Inputs) -> List[Step]:
    numbers = [number(inputs) for _ in range(inputs.random.randint(1, 20))]
    if inputs.chance(0.1):
        numbers.append(inputs.pick((b"nan", b"1e400", b"1e-320", b"1 ", b"x", b"1\x00x", b"")))
    return [step("DEL", NUMBERS), step("RPUSH", NUMBERS, *numbers)]


def fill_set(inputs: Inputs) -> List[Step]:
    # Members with a zero byte would compare equal to others, and then each server has its own order.
    members = [b"%d" % inputs.random.randint(0, 30) for _ in range(inputs.random.randint(1, 12))]
    if inputs.chance(0.3):
        members += [b"m%d" % inputs.random.randint(0, 5) for _ in range(3)]
    return [step("DEL", SET), step("SADD", SET, *members)]


def fill_sorted_set(inputs: Inputs) -> List[Step]:
    pairs: List[Argument] = []
    for _ in range(inputs.random.randint(1, 12)):
        pairs += [inputs.random.randint(-5, 5), inputs.pick(ELEMENTS)]
    return [step("DEL", SORTED_SET), step("ZADD", SORTED_SET, *pairs)]


def fill_weights(inputs: Inputs) -> List[Step]:
    """Weights that are missing leave ties among texts, which each server may put in its own order: so all are there."""
    steps = [step("SET", b"w:" + name, b"%d" % (inputs.random.randint(-9, 9))) for name in ELEMENTS]
    steps += [step("SET", b"t:" + name + b":x", b"%s/%s" % (word(inputs).replace(b"\x00", b"0"), name)) for name in ELEMENTS]
    for name in ELEMENTS:
        steps.append(step("HSET", b"o:" + name, "weight", number(inputs), "name", b"<" + name + b">", "->", "arrow"))
    return steps


def pattern(inputs: Inputs) -> bytes:
    return inputs.pick(
        (b"w:*", b"t:*:x", b"o:*->weight", b"o:*->name", b"o:*->none", b"w:*->weight", b"o:*", b"o:*->", b"o:*->->",
         b"#", b"nosort", b"w:", b"*", b"", b"#x", b"w:\x00*", b"missing:*")
    )


def options(inputs: Inputs) -> List[Argument]:
    parts: List[List[Argument]] = []
    if inputs.chance(0.3):
        parts.append([inputs.spelled(inputs.pick(("ASC", "DESC")))])
    if inputs.chance(0.4):
        parts.append([inputs.spelled("ALPHA")])
    if inputs.chance(0.4):
        first, count = inputs.random.randint(-2, 12), inputs.random.randint(-2, 12)
        parts.append([inputs.spelled("LIMIT"), first, count])
    for _ in range(inputs.pick((0, 0, 1, 1, 2, 3))):
        parts.append([inputs.spelled("GET"), pattern(inputs)])
    inputs.random.shuffle(parts)
    return [word for part in parts for word in part]


def sort_plain(inputs: Inputs) -> List[Step]:
    """Elements that weigh themselves."""
    name = inputs.pick(("SORT", "SORT", "SORT_RO"))
    return [step(inputs.spelled(name), inputs.pick((LIST, NUMBERS, NUMBERS, SET, SORTED_SET)), *options(inputs))]


def sort_by(inputs: Inputs) -> List[Step]:
    """By weights. Elements of a list may tie where texts are compared or weights are missing; those keep their order only
    without LIMIT, and sets and sorted sets have none."""
    by = inputs.pick((b"w:*", b"w:*", b"o:*->weight", b"nosort", b"missing:*", b"o:*->none"))
    source = inputs.pick((LIST, NUMBERS, SET, SORTED_SET))
    arguments = [inputs.spelled("BY"), by]
    if by == b"nosort" and source == SET:
        return [step("SORT", source, *arguments, rule=rules.unordered)]
    return [step(inputs.spelled(inputs.pick(("SORT", "SORT_RO"))), source, *arguments, *numeric_options(inputs))]


def numeric_options(inputs: Inputs) -> List[Argument]:
    while True:
        chosen = options(inputs)
        if not any(isinstance(word, bytes) and word.upper() == b"ALPHA" for word in chosen):
            return chosen


def sort_by_text(inputs: Inputs) -> List[Step]:
    """Texts of which no two are equal, for elements that all have one."""
    return [
        step("DEL", LIST),
        step("RPUSH", LIST, *(inputs.pick(ELEMENTS) for _ in range(8))),
        step("SORT", LIST, "BY", "t:*:x", "ALPHA", "GET", "#", *inputs.pick(((), ("DESC",), ("GET", "w:*")))),
    ]


def sort_store(inputs: Inputs) -> List[Step]:
    source = inputs.pick(SOURCES + (b"no such key",))
    destination = inputs.pick((RESULT, RESULT, RESULT, LIST))
    extra: List[Argument] = list(numeric_options(inputs))
    if inputs.chance(0.3):
        extra += ["ALPHA"]
    if inputs.chance(0.3):
        extra += ["BY", inputs.pick((b"w:*", b"nosort", b"o:*->weight"))] if "ALPHA" not in extra else ["BY", b"nosort"]
    return [
        step("SORT", source, *extra, inputs.spelled("STORE"), destination),
        step("LRANGE", destination, 0, -1),
        step("TYPE", destination),
    ]


def sort_wrong(inputs: Inputs) -> List[Step]:
    key = inputs.pick(SOURCES)
    tail = inputs.pick(
        (
            ("LIMIT", "x", 1),
            ("LIMIT", 1),
            ("LIMIT", 0, b"9223372036854775808"),
            ("BY",),
            ("GET",),
            ("STORE",),
            ("FOO",),
            ("LIMIT", b"9223372036854775807", b"9223372036854775807", "ALPHA"),
            ("LIMIT", b"-9223372036854775808", b"9223372036854775807", "ALPHA", "ASC", "DESC"),
        )
    )
    return [
        inputs.pick(
            (
                step("SORT", key, *tail),
                step("SORT_RO", key, *tail),
                step("SORT_RO", key, "STORE", RESULT),
                step("SORT", b"w:1"),
                step("SORT", b"o:1", "BY", "nosort"),
                step("SORT", b"no such key", "LIMIT", 0, 1),
            )
        )
    ]


def key_arguments(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [LIST]
    for _ in range(inputs.random.randint(0, 4)):
        arguments += inputs.pick((["BY", "store"], ["GET", "x"], ["LIMIT", 0, 1], ["STORE", "d"], ["STORE", "get"], ["x"]))
    name = inputs.pick(("SORT", "SORT_RO"))
    return [step("COMMAND", inputs.pick(("GETKEYS", "GETKEYSANDFLAGS")), name, *arguments)]


def after_clean_errno(function):
    """redis-server 7.0 looks at errno after it has read a number and does not clear it before: an overflow in any earlier
    command makes a sort of plain numbers fail. ZADD clears it; with XX on a key that is missing it does nothing else."""

    def group(inputs: Inputs) -> List[Step]:
        steps: List[Step] = []
        for one in function(inputs):
            if one.name in ("SORT", "SORT_RO"):
                steps.append(step("ZADD", "so:missing", "XX", 1, "m"))
                one = Step(one.arguments, one.rule, one.answered, glued=True)
            steps.append(one)
        return steps

    return group


FAMILY = [
    (0.6, fill_list),
    (0.6, fill_numbers),
    (0.5, fill_set),
    (0.5, fill_sorted_set),
    (0.15, fill_weights),
    (3, sort_plain),
    (3, sort_by),
    (0.7, sort_by_text),
    (1.5, sort_store),
    (0.5, sort_wrong),
    (0.3, key_arguments),
]
FAMILY = [(weight, after_clean_errno(function)) for weight, function in FAMILY]
