"""Generated commands of the generic (key) group."""

from typing import List

from support.resp import Argument, Connection

from differential import rules
from differential.families.expiry import YEAR_2100_S, far_seconds
from differential.inputs import GENERAL_KEYS, Inputs
from differential.steps import SpecialStep, Step, step

SCAN_CALLS_MAX = 100_000
TTL_TOLERANCE_S = 1
PTTL_TOLERANCE_MS = 2000
IDLE_TOLERANCE_S = 3


def delete(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled(inputs.pick(("DEL", "UNLINK"))), *inputs.keys(3))]


def exists(inputs: Inputs) -> List[Step]:
    return [step(inputs.pick(("EXISTS", "TOUCH")), *inputs.keys())]


def expire(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT"))
    scale = 1000 if name.startswith("P") else 1
    roll = inputs.random.random()
    if roll < 0.70:
        seconds = far_seconds(inputs) if name.endswith("EXPIRE") else YEAR_2100_S + inputs.random.randint(0, 3) * 1000
        number: Argument = seconds * scale
    elif roll < 0.85:
        number = inputs.pick((-1, 0, -100, 1, 1600000000)) if name.endswith("AT") else inputs.pick((-1, 0, -100))
    else:
        number = inputs.pick(
            (b"abc", b"", b"9223372036854775807", b"-9223372036854775808", b"9223372036854775808", b"1.5")
        )
    arguments: List[Argument] = [inputs.spelled(name), inputs.key(), number]
    for _ in range(inputs.pick((0, 0, 1, 1, 1, 2))):
        arguments.append(inputs.spelled(inputs.pick(("NX", "XX", "GT", "LT"))))
    if inputs.chance(0.03):
        arguments.append(inputs.pick((b"FOO", b"")))
    return [step(*arguments)]


def time_to_live(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"))
    rule = rules.Within(PTTL_TOLERANCE_MS, 1000) if name.startswith("P") else rules.Within(TTL_TOLERANCE_S)
    return [step(inputs.spelled(name), inputs.key(), rule=rule)]


def persist(inputs: Inputs) -> List[Step]:
    return [step("PERSIST", inputs.key())]


def type_of(inputs: Inputs) -> List[Step]:
    return [step("TYPE", inputs.key())]


def rename(inputs: Inputs) -> List[Step]:
    return [step(inputs.spelled(inputs.pick(("RENAME", "RENAMENX"))), inputs.key(), inputs.key())]


def copy(inputs: Inputs) -> List[Step]:
    arguments: List[Argument] = [inputs.spelled("COPY"), inputs.key(), inputs.key()]
    if inputs.chance(0.4):
        arguments += [
            inputs.spelled("DB"),
            inputs.database() if inputs.chance(0.8) else inputs.pick((b"-1", b"16", b"x", b"1000000")),
        ]
    if inputs.chance(0.4):
        arguments.append(inputs.spelled("REPLACE"))
    if inputs.chance(0.05):
        arguments.append(inputs.pick((b"FOO", b"DB")))
    return [step(*arguments)]


def move(inputs: Inputs) -> List[Step]:
    return [
        step(
            "MOVE",
            inputs.key(),
            inputs.database() if inputs.chance(0.8) else inputs.pick((b"-1", b"16", b"x", b"", b"99999999999")),
        )
    ]


def keys(inputs: Inputs) -> List[Step]:
    return [step("KEYS", inputs.pattern(), rule=rules.unordered)]


def dbsize(inputs: Inputs) -> List[Step]:
    return [step("DBSIZE")]


def object_command(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("ENCODING", "ENCODING", "ENCODING", "REFCOUNT", "FREQ", "IDLETIME", "HELP"))
    if name == "HELP":
        return [step("OBJECT", inputs.spelled(name), rule=rules.help_text)]
    rule = rules.Within(IDLE_TOLERANCE_S) if name == "IDLETIME" else rules.exact
    return [step(inputs.spelled("OBJECT"), inputs.spelled(name), inputs.key(), rule=rule)]


def whole_scan(arguments: List[bytes]):
    """Follows the cursor to the end; the outcome is the set of keys, or the error."""

    def run(connection: Connection) -> object:
        cursor, found = b"0", set()
        for _ in range(SCAN_CALLS_MAX):
            reply = connection.command("SCAN", cursor, *arguments)
            if reply.is_error:
                return reply
            cursor = reply.value[0].value
            found.update(item.value for item in reply.value[1].value)
            if cursor == b"0":
                return sorted(found)
        raise AssertionError("SCAN did not come to an end in %d calls" % SCAN_CALLS_MAX)

    return run


def scan(inputs: Inputs) -> List[object]:
    arguments: List[bytes] = []
    if inputs.chance(0.4):
        arguments += [inputs.spelled("MATCH"), inputs.pattern()]
    if inputs.chance(0.5):
        arguments += [inputs.spelled("COUNT"), inputs.pick((b"1", b"2", b"10", b"1000", b"0", b"-1", b"x"))]
    if inputs.chance(0.3):
        arguments += [inputs.spelled("TYPE"), inputs.pick((b"string", b"STRING", b"list", b"hash"))]
    if inputs.chance(0.05):
        arguments += [inputs.pick((b"FOO", b"MATCH", b"COUNT"))]
    return [SpecialStep((b"SCAN", b"0") + tuple(arguments), whole_scan(arguments), name="SCAN")]


def scan_errors(inputs: Inputs) -> List[Step]:
    # Some odd cursors are accepted; what a single call then returns depends on the hash seed.
    return [step("SCAN", inputs.pick((b"abc", b"-1", b"", b"1.5", b"99999999999999999999999")), rule=rules.same_kind)]


def random_key_is_a_key(connection: Connection) -> object:
    """RANDOMKEY must answer with a key of the database, and null only when that is empty."""
    chosen, all_keys = connection.pipeline([("RANDOMKEY",), ("KEYS", "*")])
    if chosen.is_null:
        return ("empty", chosen.kind, len(all_keys.value))
    return ("one of the keys", chosen.kind, any(chosen.value == key.value for key in all_keys.value))


def randomkey(inputs: Inputs) -> List[object]:
    return [SpecialStep((b"RANDOMKEY",), random_key_is_a_key, name="RANDOMKEY")]


def select(inputs: Inputs) -> List[Step]:
    return [
        step(
            "SELECT",
            inputs.database()
            if inputs.chance(0.85)
            else inputs.pick((b"16", b"-1", b"x", b"", b"99999999999999999999")),
        )
    ]


def swapdb(inputs: Inputs) -> List[Step]:
    if inputs.chance(0.2):
        return [step("SWAPDB", inputs.pick((b"x", b"16", b"-1", b"0")), inputs.pick((b"x", b"16", b"-1")))]
    return [step("SWAPDB", inputs.database(), inputs.database())]


def flushdb(inputs: Inputs) -> List[Step]:
    # Among the general keys only: SELECT 15 happens in the ballast's own groups.
    return [step(inputs.spelled("FLUSHDB"), *inputs.pick(((), (b"ASYNC",), (b"SYNC",), (b"FOO",), (b"async",))))]


def read_all(inputs: Inputs) -> List[Step]:
    """Everything about one key, so that a silent difference in state does not live long."""
    key = inputs.pick(GENERAL_KEYS)
    return [
        step("OBJECT", "ENCODING", key),
        step("TTL", key, rule=rules.Within(TTL_TOLERANCE_S)),
        step("STRLEN", key),
        step("GET", key),
    ]


FAMILY = [
    (5, delete),
    (5, exists),
    (9, expire),
    (8, time_to_live),
    (3, persist),
    (2, type_of),
    (6, rename),
    (7, copy),
    (4, move),
    (2, keys),
    (2, dbsize),
    (8, object_command),
    (0.4, scan),
    (0.5, scan_errors),
    (0.4, randomkey),
    (3, select),
    (1, swapdb),
    (0.25, flushdb),
    (4, read_all),
]
