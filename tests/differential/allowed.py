"""The differences from redis-server 7.0.15 that are meant, each with its reason. Nothing else may differ.

An entry names the commands it speaks of and what the target may answer instead of the oracle's reply.
"""

from dataclasses import dataclass
from typing import Callable, Optional, Tuple

from support.resp import Reply

from differential.steps import Step


@dataclass(frozen=True)
class Allowed:
    what: str
    reason: str
    applies: Callable[[Tuple[bytes, ...], Reply, Reply], bool]


def _upper(arguments: Tuple[bytes, ...]) -> Tuple[bytes, ...]:
    return tuple(argument.upper() for argument in arguments)


def _set_ifeq(arguments, oracle, target) -> bool:
    words = _upper(arguments)
    # Never carried out here, as then the two servers would hold different data.
    return words[0] == b"SET" and b"IFEQ" in words[3:] and oracle.is_error and target != Reply("+", b"OK")


def _delifeq(arguments, oracle, target) -> bool:
    return _upper(arguments)[0] == b"DELIFEQ" and oracle.is_error and (target == Reply(":", 0) or target.is_error)


def _client_of_7_2(arguments, oracle, target) -> bool:
    words = _upper(arguments)
    return words[0] == b"CLIENT" and words[1:2] in ((b"SETINFO",), (b"NO-TOUCH",)) and oracle.is_error


def _object_refcount(arguments, oracle, target) -> bool:
    return _upper(arguments)[:2] == (b"OBJECT", b"REFCOUNT") and oracle.kind == ":" and target.kind == ":"


def _object_idletime(arguments, oracle, target) -> bool:
    both_numbers = oracle.kind == ":" and target.kind == ":"
    return _upper(arguments)[:2] == (b"OBJECT", b"IDLETIME") and both_numbers and target.value < oracle.value


ALLOWED = (
    Allowed("SET ... IFEQ", "Valkey 8.1 added it; Redis 7.0 calls it a syntax error", _set_ifeq),
    Allowed("DELIFEQ", "Valkey 9.0 added it; Redis 7.0 does not know the command", _delifeq),
    Allowed("CLIENT SETINFO, CLIENT NO-TOUCH", "Redis 7.2 added them; Redis 7.0 does not know them", _client_of_7_2),
    Allowed(
        "OBJECT REFCOUNT's number", "Redis shares the objects of small integers; Tidemark shares none", _object_refcount
    ),
    Allowed(
        "OBJECT IDLETIME's number",
        "Redis' shared small integers have one clock for all keys, which a SET does not reset; Tidemark's keys have their "
        "own and may be younger",
        _object_idletime,
    ),
)


def find_allowed(step: Step, oracle: Reply, target: Reply) -> Optional[Allowed]:
    for entry in ALLOWED:
        if entry.applies(step.arguments, oracle, target):
            return entry
    return None
