"""Generated commands of the geo group."""

from typing import List

from support.resp import Argument

from differential.inputs import GEO_KEYS, ZSET_KEYS, Inputs
from differential.steps import Step, step

CENTERS = ((13.361389, 38.115556), (-122.27652, 37.805186), (179.99, 10.0), (-179.99, -10.0), (30.0, 84.9), (0.0, 0.0))


def key(inputs: Inputs) -> bytes:
    if inputs.chance(0.03):
        return inputs.key()
    # Of what an ordinary sorted set holds much lies at one distance, in an order of no meaning.
    return inputs.pick(GEO_KEYS)


def member(inputs: Inputs) -> bytes:
    return b"p:%d" % inputs.random.randint(0, 80) if inputs.chance(0.95) else inputs.pick((b"", b"12", b"x" * 70))


def point(inputs: Inputs) -> List[Argument]:
    roll = inputs.random.random()
    if roll < 0.6:
        longitude, latitude = inputs.pick(CENTERS)
        return [
            repr(round(longitude + inputs.random.gauss(0, 0.005), 9)),
            repr(round(latitude + inputs.random.gauss(0, 0.05), 9)),
        ]
    if roll < 0.95:
        return [repr(inputs.random.uniform(-180, 180)), repr(inputs.random.uniform(-85, 85))]
    return [
        inputs.pick((b"180", b"-180", b"180.0001", b"x", b"", b"nan", b"inf", b"1e400")),
        inputs.pick((b"85.05112878", b"-85.05112878", b"85.06", b"90", b"y", b"0")),
    ]


def unit(inputs: Inputs) -> bytes:
    return inputs.spelled(inputs.pick(("M", "KM", "FT", "MI"))) if inputs.chance(0.96) else inputs.pick((b"yd", b""))


def length(inputs: Inputs) -> bytes:
    roll = inputs.random.random()
    if roll < 0.95:
        return b"%.3f" % (10 ** inputs.random.uniform(-1, 4.5))
    return inputs.pick((b"0", b"-1", b"x", b"", b"1e10", b"inf", b"nan", b"21000000"))


def geoadd(inputs: Inputs) -> List[Step]:
    words: List[Argument] = []
    for word, chance in (("NX", 0.08), ("XX", 0.08), ("CH", 0.15)):
        if inputs.chance(chance):
            words.append(inputs.spelled(word))
    for _ in range(inputs.random.randint(1, 8)):
        words += point(inputs) + [member(inputs)]
    if inputs.chance(0.02):
        words = words[:-1]
    return [step(inputs.spelled("GEOADD"), key(inputs), *words)]


def geoadd_many(inputs: Inputs) -> List[Step]:
    words: List[Argument] = []
    for _ in range(inputs.random.randint(30, 160)):
        longitude, latitude = inputs.pick(CENTERS)
        words += [
            repr(max(-180, min(180, longitude + inputs.random.gauss(0, 2)))),
            repr(max(-85, min(85, latitude + inputs.random.gauss(0, 2)))),
            b"p:%d" % inputs.random.randint(0, 300),
        ]
    return [step("GEOADD", inputs.pick(GEO_KEYS), *words)]


def reads(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("GEOPOS", "GEODIST", "GEOHASH"))
    arguments: List[Argument] = [inputs.spelled(name), key(inputs)]
    if name == "GEODIST":
        arguments += [member(inputs), member(inputs)]
        if inputs.chance(0.5):
            arguments.append(unit(inputs))
        if inputs.chance(0.03):
            arguments.append(b"m")
    else:
        arguments += [member(inputs) for _ in range(inputs.random.randint(0, 4))]
    return [step(*arguments)]


def options(inputs: Inputs, stores: bool) -> List[List[Argument]]:
    chosen: List[List[Argument]] = []
    for word in ("WITHDIST", "WITHHASH", "WITHCOORD"):
        if inputs.chance(0.03 if stores else 0.35):
            chosen.append([inputs.spelled(word)])
    if inputs.chance(0.5):
        chosen.append([inputs.spelled(inputs.pick(("ASC", "DESC")))])
    if inputs.chance(0.35):
        count: Argument = inputs.random.randint(1, 12) if inputs.chance(0.9) else inputs.integer()
        chosen.append([inputs.spelled("COUNT"), count] + ([inputs.spelled("ANY")] if inputs.chance(0.4) else []))
    if inputs.chance(0.03):
        chosen.append([inputs.pick((b"ANY", b"FOO", b"COUNT", b"STORE", b"BYBOX"))])
    return chosen


def shuffled(inputs: Inputs, groups: List[List[Argument]]) -> List[Argument]:
    inputs.random.shuffle(groups)
    return [word for group in groups for word in group]


def look(target: Argument) -> List[Step]:
    return [step("ZRANGE", target, 0, -1, "WITHSCORES"), step("OBJECT", "ENCODING", target)]


def georadius(inputs: Inputs) -> List[Step]:
    name = inputs.pick(("GEORADIUS", "GEORADIUS_RO", "GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO"))
    arguments: List[Argument] = [inputs.spelled(name), key(inputs)]
    arguments += [member(inputs)] if "BYMEMBER" in name else point(inputs)
    arguments += [length(inputs), unit(inputs)]
    stores = inputs.chance(0.25)
    groups = options(inputs, stores)
    target = inputs.pick(ZSET_KEYS)
    if stores:
        groups.append([inputs.spelled(inputs.pick(("STORE", "STOREDIST"))), target])
    steps = [step(*arguments, *shuffled(inputs, groups))]
    return steps + look(target) if stores else steps


def geosearch(inputs: Inputs) -> List[Step]:
    stores = inputs.chance(0.25)
    target = inputs.pick(ZSET_KEYS)
    groups = options(inputs, stores)
    if inputs.chance(0.97):
        groups.append(
            [inputs.spelled("FROMMEMBER"), member(inputs)]
            if inputs.chance(0.5)
            else [inputs.spelled("FROMLONLAT")] + point(inputs)
        )
    if inputs.chance(0.97):
        groups.append(
            [inputs.spelled("BYRADIUS"), length(inputs), unit(inputs)]
            if inputs.chance(0.5)
            else [inputs.spelled("BYBOX"), length(inputs), length(inputs), unit(inputs)]
        )
    if inputs.chance(0.4 if stores else 0.02):
        groups.append([inputs.spelled("STOREDIST")])
    words = shuffled(inputs, groups)
    if not stores:
        return [step(inputs.spelled("GEOSEARCH"), key(inputs), *words)]
    return [step(inputs.spelled("GEOSEARCHSTORE"), target, key(inputs), *words)] + look(target)


def getkeys(inputs: Inputs) -> List[Step]:
    call = inputs.pick(
        (
            (b"GEORADIUS", b"k", b"1", b"2", b"3", b"m", b"STORE", b"a", b"STOREDIST", b"b"),
            (b"GEORADIUS", b"k", b"1", b"2", b"3", b"m", b"withdist"),
            (b"GEORADIUSBYMEMBER", b"k", b"m", b"3", b"m", b"store", b"d"),
            (b"GEORADIUS_RO", b"k", b"1", b"2", b"3", b"m", b"STORE", b"a"),
            (b"GEOSEARCHSTORE", b"d", b"s", b"FROMMEMBER", b"m", b"BYRADIUS", b"1", b"m"),
        )
    )
    return [step("COMMAND", "GETKEYS", *call)]


FAMILY = [
    (4, geoadd),
    (1, geoadd_many),
    (4, reads),
    (4, georadius),
    (6, geosearch),
    (0.2, getkeys),
]
