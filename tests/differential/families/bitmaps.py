"""Generated commands of the bitmap group, over the same strings that the string commands use."""

from typing import List

from support.resp import Argument

from differential.inputs import Inputs
from differential.steps import Step, step

BAD_OFFSETS = (b"-1", b"x", b"", b"1.5", b"4294967296", b"9223372036854775807", b"99999999999", b"#1", b"1 ")


def bit_offset(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.75:
        return b"%d" % inputs.random.randint(0, 400)
    if roll < 0.90:
        return b"%d" % inputs.random.randint(0, 300_000)
    return inputs.pick(BAD_OFFSETS)


def setbit(inputs: Inputs) -> List[Step]:
    value = inputs.pick((b"0", b"1")) if inputs.chance(0.93) else inputs.pick((b"2", b"-1", b"", b"x", b"01", b"1 "))
    return [step(inputs.spelled("SETBIT"), inputs.key(), bit_offset(inputs), value)]


def getbit(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("GETBIT"), inputs.key(), bit_offset(inputs))]


def index_unit(inputs: Inputs) -> List[bytes]:
    if inputs.chance(0.06):
        return [inputs.pick((b"BITS", b"", b"FOO", b"BYTE BIT"))]
    return [inputs.spelled(inputs.pick(("BYTE", "BIT")))]


def part(inputs: Inputs) -> List[bytes]:
    """[start end [BYTE|BIT]], sometimes with something behind it."""
    arguments: List[bytes] = []
    if inputs.chance(0.85):
        arguments += [inputs.index(), inputs.index()]
        if inputs.chance(0.6):
            arguments += index_unit(inputs)
            if inputs.chance(0.03):
                arguments.append(inputs.small_value())
    return arguments


def bitcount(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("BITCOUNT"), inputs.key(), *part(inputs))]


def bitcount_without_end(inputs: Inputs) -> List[Step]:
    return [step("BITCOUNT", inputs.key(), inputs.index())]


def bitpos(inputs: Inputs) -> List[Step]:
    bit = inputs.pick((b"0", b"1")) if inputs.chance(0.95) else inputs.pick((b"2", b"-1", b"x", b""))
    tail = part(inputs) if inputs.chance(0.7) else [inputs.index()]
    return [step(inputs.spelled("BITPOS"), inputs.key(), bit, *tail)]


def uniform_string(inputs: Inputs) -> List[Step]:
    """Long runs of one byte, over which a search has far to go."""
    text = inputs.pick((b"\x00", b"\xff")) * inputs.random.randint(0, 600)
    if text and inputs.chance(0.5):
        at = inputs.random.randrange(len(text))
        text = text[:at] + inputs.bytes(1) + text[at + 1 :]
    return [step("SET", inputs.key(), text)]


def bitop(inputs: Inputs) -> List[Step]:
    words = ("AND", "OR", "XOR", "AND", "OR", "XOR", "NOT")
    word = inputs.spelled(inputs.pick(words)) if inputs.chance(0.97) else inputs.pick((b"", b"NAND", b"FOO", b"AN"))
    keys = [inputs.key()] if word.upper() == b"NOT" and inputs.chance(0.9) else inputs.keys(5)
    destination = inputs.pick(keys) if inputs.chance(0.2) else inputs.key()
    return [step(inputs.spelled("BITOP"), word, destination, *keys), step("OBJECT", "ENCODING", destination)]


def field_type(inputs: Inputs) -> bytes:
    if inputs.chance(0.05):
        return inputs.pick((b"u64", b"i65", b"i0", b"u0", b"U8", b"I8", b"8", b"", b"i", b"u-1", b"i08", b"x8", b"u8 "))
    sign = inputs.pick((b"i", b"u"))
    bits = inputs.pick((1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64 if sign == b"i" else 62))
    return b"%s%d" % (sign, bits)


def field_offset(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.6:
        return b"%d" % inputs.random.randint(0, 300)
    if roll < 0.9:
        return b"#%d" % inputs.random.randint(0, 20)
    if roll < 0.95:
        return b"%d" % inputs.random.randint(0, 100_000)
    return inputs.pick((b"-1", b"#-1", b"#", b"x", b"", b"#x", b"99999999999", b"4294967296", b"##1", b"1.0"))


def field_number(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.5:
        return b"%d" % inputs.random.randint(-300, 300)
    if roll < 0.75:
        return b"%d" % ((1 << inputs.random.randint(0, 62)) * inputs.pick((1, -1)) + inputs.random.randint(-1, 1))
    return inputs.integer()


def field_operations(inputs: Inputs, write_chance: float) -> List[Argument]:
    arguments: List[Argument] = []
    for _ in range(inputs.random.randint(0, 5)):
        if inputs.chance(0.25):
            word = inputs.pick(("WRAP", "SAT", "FAIL"))
            name = inputs.spelled(word) if inputs.chance(0.97) else inputs.pick((b"", b"FOO"))
            arguments += [inputs.spelled("OVERFLOW"), name]
        word = inputs.pick(("SET", "INCRBY")) if inputs.chance(write_chance) else "GET"
        arguments += [inputs.spelled(word), field_type(inputs), field_offset(inputs)]
        if word != "GET":
            arguments.append(field_number(inputs))
    if inputs.chance(0.05):
        arguments.append(inputs.pick((b"GET", b"SET", b"OVERFLOW", b"FOO", b"", b"INCRBY")))
    return arguments


def bitfield(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("BITFIELD"), inputs.key(), *field_operations(inputs, 0.7))]


def bitfield_on_one_place(inputs: Inputs) -> List[Step]:
    """The same field again and again, so that it meets its limits."""
    key, kind, offset = inputs.key(), field_type(inputs), field_offset(inputs)
    steps: List[Step] = []
    for _ in range(inputs.random.randint(1, 4)):
        overflow = inputs.pick(((), (b"OVERFLOW", inputs.pick((b"WRAP", b"SAT", b"FAIL")))))
        word = inputs.pick((b"INCRBY", b"INCRBY", b"SET"))
        steps.append(step("BITFIELD", key, *overflow, word, kind, offset, field_number(inputs), "GET", kind, offset))
    return steps


def bitfield_ro(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled("BITFIELD_RO"), inputs.key(), *field_operations(inputs, 0.03))]


def look(inputs: Inputs) -> List[Step]:
    key = inputs.key()
    return [step("OBJECT", "ENCODING", key), step("STRLEN", key), step("GETRANGE", key, 0, 200)]


FAMILY = [
    (4, setbit),
    (3, getbit),
    (3, bitcount),
    (0.2, bitcount_without_end),
    (4, bitpos),
    (1, uniform_string),
    (4, bitop),
    (4, bitfield),
    (3, bitfield_on_one_place),
    (2, bitfield_ro),
    (1, look),
]
