"""Generated commands of the HyperLogLog group: grown as usual, and put together from bytes that no PFADD would make."""

from typing import List

from differential.inputs import HLL_KEYS, Inputs
from differential.steps import Step, step

DENSE_BYTES = 12304


def hll_key(inputs: Inputs) -> bytes:
    return inputs.pick(HLL_KEYS) if inputs.chance(0.95) else inputs.key()


def hll_keys(inputs: Inputs) -> List[bytes]:
    return [hll_key(inputs) for _ in range(inputs.random.randint(1, 4))]


def look(inputs: Inputs, key: bytes) -> List[Step]:
    """All bytes, now and then, and how they are stored."""
    steps = [step("GET", key)] if inputs.chance(0.3) else [step("STRLEN", key)]
    if inputs.chance(0.2):
        steps.append(step("OBJECT", "ENCODING", key))
    return steps


def elements(inputs: Inputs, count: int) -> List[bytes]:
    first = inputs.random.randint(0, 100_000)
    return [b"e:%d" % (first + i) if inputs.chance(0.9) else inputs.small_value() for i in range(count)]


def pfadd(inputs: Inputs) -> List[Step]:
    key = hll_key(inputs)
    count = inputs.pick((0, 1, 1, 2, 5, 20, 100))
    return [step(inputs.spelled("PFADD"), key, *elements(inputs, count))] + look(inputs, key)


def pfadd_again(inputs: Inputs) -> List[Step]:
    """The second time nothing changes."""
    key, few = hll_key(inputs), elements(inputs, 3)
    return [step("PFADD", key, *few), step("PFCOUNT", key), step("PFADD", key, *few), step("GET", key)]


def pfcount(inputs: Inputs) -> List[Step]:
    keys = [hll_key(inputs)] if inputs.chance(0.6) else hll_keys(inputs)
    return [step(inputs.spelled("PFCOUNT"), *keys)] + look(inputs, keys[0])


def pfmerge(inputs: Inputs) -> List[Step]:
    keys = hll_keys(inputs)
    return [step(inputs.spelled("PFMERGE"), *keys)] + look(inputs, keys[0])


def pfdebug(inputs: Inputs) -> List[Step]:
    word = inputs.spelled(inputs.pick(("DECODE", "DECODE", "ENCODING", "ENCODING", "ENCODING", "TODENSE")))
    if inputs.chance(0.05):
        word = inputs.pick((b"FOO", b"", b"DECODED", b"a\r\nb", b"a\x00b"))
    return [step("PFDEBUG", word, hll_key(inputs))]


def pfdebug_registers(inputs: Inputs) -> List[Step]:
    return [step("PFDEBUG", inputs.spelled("GETREG"), hll_key(inputs))]


def sparse_limit(inputs: Inputs) -> List[Step]:
    return [step("CONFIG", "SET", "hll-sparse-max-bytes", inputs.pick((0, 20, 100, 500, 3000, 3000, 16000)))]


def start_anew(inputs: Inputs) -> List[Step]:
    return [step("DEL", hll_key(inputs))]


def zeros(count: int) -> bytes:
    return bytes([count - 1]) if count <= 64 else bytes([0x40 | (count - 1) >> 8, (count - 1) & 0xFF])


def random_runs(inputs: Inputs, registers: int) -> bytes:
    """Runs of the sparse form for exactly as many registers."""
    runs = b""
    while registers > 0:
        if inputs.chance(0.5):
            length = min(registers, inputs.random.randint(1, 4))
            runs += bytes([0x80 | inputs.random.randrange(32) << 2 | (length - 1)])
        else:
            length = min(registers, inputs.pick((1, 3, 63, 64, 65, 700, 5000, 16384)))
            # Now and then in two bytes where one would do.
            runs += bytes([0x40, length - 1]) if length <= 64 and inputs.chance(0.1) else zeros(length)
        registers -= length
    return runs


def header(inputs: Inputs, form: int) -> bytes:
    cached = inputs.pick((b"\x00" * 8, b"\x2a" + b"\x00" * 7, b"\x00" * 7 + b"\x80", inputs.bytes(8)))
    spare = b"\x00\x00\x00" if inputs.chance(0.9) else inputs.bytes(3)
    return b"HYLL" + bytes([form]) + spare + cached


def crafted_sparse(inputs: Inputs) -> bytes:
    head = header(inputs, 1)
    if inputs.chance(0.05):
        return head
    if inputs.chance(0.6):
        return head + random_runs(inputs, 16384)
    # Too few registers, or too many.
    registers = max(1, 16384 + inputs.pick((-16000, -5, -1, 1, 4, 100, 20000)))
    return head + random_runs(inputs, registers)


def crafted_dense(inputs: Inputs) -> bytes:
    registers = inputs.pick((b"\x00", b"\xff", b"\x41\x10\x04")) * DENSE_BYTES
    if inputs.chance(0.5):
        registers = inputs.bytes(DENSE_BYTES)
    size = DENSE_BYTES if inputs.chance(0.8) else DENSE_BYTES + inputs.pick((-1, 1, -12288, 100))
    return (header(inputs, 0) + registers)[:size]


def crafted_other(inputs: Inputs) -> bytes:
    return inputs.pick((b"HYLL", b"HYLX\x01" + b"\x00" * 20, header(inputs, 2) + b"\x7f\xff", b"12345", b"", b"hyll" * 8))


def craft(inputs: Inputs) -> List[Step]:
    key = inputs.pick(HLL_KEYS)
    make = inputs.pick((crafted_sparse, crafted_sparse, crafted_dense, crafted_other))
    command = inputs.pick(
        (
            ("PFADD", key, *elements(inputs, inputs.random.randint(0, 5))),
            ("PFCOUNT", key),
            ("PFCOUNT", key, hll_key(inputs)),
            ("PFMERGE", key, hll_key(inputs)),
            ("PFMERGE", hll_key(inputs), key),
            ("PFDEBUG", "DECODE", key),
            ("PFDEBUG", "TODENSE", key),
        )
    )
    return [step("SET", key, make(inputs)), step(*command), step("GET", key), step("OBJECT", "ENCODING", key)]


FAMILY = [
    (4, pfadd),
    (1, pfadd_again),
    (4, pfcount),
    (3, pfmerge),
    (1, pfdebug),
    (0.05, pfdebug_registers),
    (0.3, sparse_limit),
    (1, start_anew),
    (3, craft),
]
