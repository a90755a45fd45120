"""Expiry arguments: times so far away that no run reaches them, times that have passed, and malformed ones.

Times near now are left out on purpose: two servers never read their clocks in the same instant.
"""

from typing import List

from support.resp import Argument

from differential.inputs import Inputs

YEAR_2100_S = 4102444800
FAR_S_MIN, FAR_S_MAX = 10**5, 10**8


def far_seconds(inputs: Inputs) -> int:
    return inputs.random.randint(FAR_S_MIN, FAR_S_MAX)


def far_value(inputs: Inputs, unit: str) -> int:
    """A number in the unit of EX, PX, EXAT or PXAT."""
    if unit in ("EX", "PX"):
        seconds = far_seconds(inputs)
        return seconds if unit == "EX" else seconds * 1000 + inputs.random.randint(0, 999)
    # Few absolute times, so that GT and LT meet equal ones.
    seconds = YEAR_2100_S + inputs.random.randint(0, 3) * 1000
    return seconds if unit == "EXAT" else seconds * 1000 + inputs.random.randint(0, 2)


def far_expiry_option(inputs: Inputs) -> List[Argument]:
    unit = inputs.pick(("EX", "PX", "EXAT", "PXAT"))
    return [inputs.spelled(unit), far_value(inputs, unit)]


def past_expiry_option(inputs: Inputs) -> List[Argument]:
    return [inputs.spelled(inputs.pick(("EXAT", "PXAT"))), inputs.pick((1, 1000, 1600000000))]


def wrong_expiry_option(inputs: Inputs) -> List[Argument]:
    unit = inputs.pick(("EX", "PX", "EXAT", "PXAT"))
    number = inputs.pick(
        (b"0", b"-1", b"abc", b"", b"1.5", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808")
    )
    return [inputs.spelled(unit), number] if inputs.chance(0.85) else [inputs.spelled(unit)]
