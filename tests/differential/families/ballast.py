"""A second body of data in its own database: enough bytes that under a small memory limit most of it is cold."""

from typing import List

from differential.inputs import BALLAST_DATABASE, Inputs
from differential.steps import Step, step

KEYS_PER_MSET = 50


def load_ballast(inputs: Inputs) -> List[Step]:
    """All ballast keys anew; opens and closes with a SELECT."""
    steps = [step("SELECT", BALLAST_DATABASE)]
    for start in range(0, len(inputs.ballast_keys), KEYS_PER_MSET):
        pairs: List[bytes] = []
        for key in inputs.ballast_keys[start : start + KEYS_PER_MSET]:
            pairs += [key, inputs.bytes(inputs.profile.ballast_value_bytes)]
        steps.append(step("MSET", *pairs))
    return steps + [step("SELECT", inputs.database())]


def read_ballast(inputs: Inputs) -> List[Step]:
    """Touches some ballast in the ways that need its value, its metadata only, or nothing of it."""
    steps = [step("SELECT", BALLAST_DATABASE)]
    for _ in range(inputs.random.randint(1, 6)):
        key, other = inputs.pick(inputs.ballast_keys), inputs.pick(inputs.ballast_keys)
        steps.append(
            inputs.pick(
                (
                    step("GET", key),
                    step("STRLEN", key),
                    step("GETRANGE", key, 10, 30),
                    step("EXISTS", key),
                    step("TYPE", key),
                    step("OBJECT", "ENCODING", key),
                    step("MGET", *(inputs.pick(inputs.ballast_keys) for _ in range(8))),
                    step("RENAME", key, other),
                    step("SET", key, inputs.bytes(inputs.profile.ballast_value_bytes)),
                    step("APPEND", key, "x"),
                    step("COPY", key, other, "REPLACE"),
                    step("DEL", key),
                    step("SETRANGE", key, 5, "patch"),
                    step("GETSET", key, "short"),
                    step("DEBUG", "DIGEST-VALUE", key),
                    step("GETDEL", key),
                    step("SETNX", key, inputs.bytes(inputs.profile.ballast_value_bytes)),
                    step("COPY", key, inputs.key(), "DB", inputs.database()),
                    step("EXPIREAT", key, 4102444800),
                    step("PERSIST", key),
                    step("GETEX", key, "EXAT", 4102444800),
                )
            )
        )
    return steps + [step("SELECT", inputs.database())]


def flushall(inputs: Inputs) -> List[Step]:
    tail = inputs.pick(((), (b"ASYNC",), (b"SYNC",), (b"FOO",)))
    return [step(inputs.spelled("FLUSHALL"), *tail)] + load_ballast(inputs)


FAMILY = [(4, read_ballast), (0.06, flushall)]
