"""Waiting on a condition with a deadline, and the seed every random test prints."""

import os
import random
import time
from typing import Callable, TypeVar

T = TypeVar("T")


def time_factor() -> float:
    """How much longer than on a quiet machine things may take (TIDEMARK_TEST_TIME_FACTOR, for sanitizer builds)."""
    return float(os.environ.get("TIDEMARK_TEST_TIME_FACTOR", "1"))


def wait_until(condition: Callable[[], T], what: str, timeout: float = 10.0, interval: float = 0.01) -> T:
    """Returns the first true value of the condition; fails with `what` when the deadline passes."""
    deadline = time.monotonic() + timeout * time_factor()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("waited %.1f s in vain until %s" % (timeout * time_factor(), what))
        time.sleep(interval)


def make_seed(variable: str = "TIDEMARK_TEST_SEED") -> int:
    """The seed from the environment, or a fresh one; the caller prints it."""
    given = os.environ.get(variable)
    return int(given) if given else random.SystemRandom().randrange(1 << 32)
