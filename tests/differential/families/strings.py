"""Generated commands of the string group."""

from typing import List

from support.resp import Argument

from differential.families.expiry import far_expiry_option, past_expiry_option, wrong_expiry_option
from differential.inputs import LCS_KEYS, Inputs
from differential.steps import Step, step


def set_plain(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("SET"), inputs.key(), inputs.value())]


def set_options(inputs: Inputs) -> List[Step]:
    """SET with up to three random options, valid together or not."""
    key = inputs.key()
    arguments: List[Argument] = [inputs.spelled("SET"), key, inputs.value()]
    options: List[List[Argument]] = []
    if inputs.chance(0.6):
        options.append([inputs.spelled(inputs.pick(("NX", "XX")))])
    if inputs.chance(0.4):
        options.append([inputs.spelled("GET")])
    if inputs.chance(0.5):
        options.append(inputs.pick((far_expiry_option, past_expiry_option, wrong_expiry_option))(inputs))
    if inputs.chance(0.2):
        options.append([inputs.spelled("KEEPTTL")])
    if inputs.chance(0.05):
        options.append([inputs.pick((b"FOO", b"", b"EX", b"PX", b"IFEQ", b"NX", b"GETT"))])
    inputs.random.shuffle(options)
    for option in options:
        arguments.extend(option)
    # The lookup makes both servers drop a key whose time had already passed.
    return [step(*arguments), step("EXISTS", key)]


def set_if_equal_never(inputs: Inputs) -> List[Step]:
    """The newer conditional forms, with a comparison that cannot hold so that the data stays the same."""
    if inputs.chance(0.5):
        return [step("SET", inputs.key(), inputs.value(), "IFEQ", b"no value is this \x01")]
    return [step("DELIFEQ", inputs.key(), b"no value is this \x01")]


def get(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("GET"), inputs.key())]


def getdel(inputs: Inputs) -> List[Step]:
    return [step("GETDEL", inputs.key())]


def getset(inputs: Inputs) -> List[Step]:
    return [step("GETSET", inputs.key(), inputs.value())]


def getex(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled("GETEX"), inputs.key()]
    roll = inputs.random.random()
    if roll < 0.3:
        arguments += far_expiry_option(inputs)
    elif roll < 0.4:
        arguments += past_expiry_option(inputs)
    elif roll < 0.6:
        arguments += [inputs.spelled("PERSIST")]
    elif roll < 0.8:
        arguments += wrong_expiry_option(inputs)
    elif roll < 0.85:
        arguments += [inputs.pick((b"KEEPTTL", b"NX", b"FOO", b"PERSIST EX"))]
    return [step(*arguments)]


def set_with_expiry(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("SETEX", "PSETEX"))
    ttl = (
        b"%d" % inputs.random.randint(10**9, 10**10)
        if inputs.chance(0.7)
        else inputs.pick((b"0", b"-1", b"x", b"9223372036854775807", b""))
    )
    return [step(name, inputs.key(), ttl, inputs.value())]


def setnx(inputs: Inputs) -> List[Step]:
    return [step("SETNX", inputs.key(), inputs.value())]


def getrange(inputs: Inputs) -> List[Step]:
    return [step(inputs.pick(("GETRANGE", "SUBSTR")), inputs.key(), inputs.index(), inputs.index())]


def setrange(inputs: Inputs) -> List[Step]:
    roll = inputs.random.random()
    if roll < 0.8:
        offset = b"%d" % inputs.random.randint(0, 100)
    elif roll < 0.85:
        offset = b"%d" % inputs.random.randint(0, 60000)
    else:
        offset = inputs.pick(
            (b"-1", b"536870912", b"536870911", b"9223372036854775807", b"4294967296", b"x", b"", b"1.5")
        )
    # At the very end of the allowed range only an error is wanted, never a value of half a gigabyte.
    patch = b"ab" if offset == b"536870911" else inputs.small_value()
    return [step(inputs.spelled("SETRANGE"), inputs.key(), offset, patch)]


def append(inputs: Inputs) -> List[Step]:
    return [step("APPEND", inputs.key(), inputs.small_value())]


def strlen(inputs: Inputs) -> List[Step]:
    return [step("STRLEN", inputs.key())]


def counters(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("INCR", "DECR", "INCRBY", "DECRBY"))
    arguments: List[Argument] = [inputs.spelled(name), inputs.key()]
    if name.endswith("BY"):
        arguments.append(inputs.integer())
    return [step(*arguments)]


def incrbyfloat(inputs: Inputs) -> List[Step]:
    return [step("INCRBYFLOAT", inputs.key(), inputs.float())]


def seed_number(inputs: Inputs) -> List[Step]:
    """A number into a key, so that arithmetic works on one and meets the edges."""
    return [step("SET", inputs.key(), inputs.integer() if inputs.chance(0.6) else inputs.float())]


def mset(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled(inputs.pick(("MSET", "MSETNX")))]
    for _ in range(inputs.random.randint(1, 4)):
        arguments += [inputs.key(), inputs.value()]
    if inputs.chance(0.05):
        arguments.append(inputs.key())
    return [step(*arguments)]


def mget(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("MGET"), *inputs.keys(8))]


def lcs_seed(inputs: Inputs) -> List[Step]:
    alphabet = inputs.pick((b"ab", b"acgt", bytes(range(256))))
    text = bytes(inputs.pick(alphabet) for _ in range(inputs.random.randint(0, 40)))
    return [step("SET", inputs.pick(LCS_KEYS), text)]


def lcs(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled("LCS"), inputs.pick(LCS_KEYS), inputs.pick(LCS_KEYS)]
    for word in ("LEN", "IDX", "WITHMATCHLEN"):
        if inputs.chance(0.4):
            arguments.append(inputs.spelled(word))
    if inputs.chance(0.3):
        arguments += [inputs.spelled("MINMATCHLEN"), inputs.pick((b"0", b"1", b"2", b"3", b"100", b"-1", b"x"))]
    if inputs.chance(0.03):
        arguments.append(inputs.pick((b"FOO", b"MINMATCHLEN")))
    return [step(*arguments)]


FAMILY = [
    (12, set_plain),
    (8, set_options),
    (0.5, set_if_equal_never),
    (14, get),
    (2, getdel),
    (3, getset),
    (5, getex),
    (3, set_with_expiry),
    (3, setnx),
    (5, getrange),
    (4, setrange),
    (5, append),
    (4, strlen),
    (8, counters),
    (5, incrbyfloat),
    (4, seed_number),
    (5, mset),
    (6, mget),
    (2, lcs_seed),
    (4, lcs),
]
