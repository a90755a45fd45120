"""The differences from redis-server 7.0.15 that are meant, each with its reason. Nothing else may differ.

An entry names the commands it speaks of and what the target may answer instead of the oracle's reply.
"""

from dataclasses import dataclass
from typing import Callable, Optional, Tuple

from support.resp import Reply

from differential.inputs import SET_KEYS
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


def _encoding_of_small_set(arguments, oracle, target) -> bool:
    words = _upper(arguments)
    encodings = oracle.value == b"hashtable" and target.value == b"listpack"
    return words[:2] == (b"OBJECT", b"ENCODING") and arguments[2] in SET_KEYS and encodings


def _small_list(arguments, oracle, target) -> bool:
    encodings = (oracle.value, target.value) == (b"quicklist", b"listpack")
    return _upper(arguments)[:2] == (b"OBJECT", b"ENCODING") and encodings


def _rank_negation(arguments, oracle, target) -> bool:
    words = _upper(arguments)
    return words[0] == b"LPOS" and b"-9223372036854775808" in words[3:] and target.is_error


def _zrank_withscore(arguments, oracle, target) -> bool:
    words = _upper(arguments)
    if words[:2] == (b"COMMAND", b"INFO") and words[2] in (b"ZRANK", b"ZREVRANK"):
        return (oracle.value[0].value[1].value, target.value[0].value[1].value) == (3, -3)
    return words[0] in (b"ZRANK", b"ZREVRANK") and len(words) > 3 and oracle.is_error


def _bitcount_without_end(arguments, oracle, target) -> bool:
    syntax_error = oracle.is_error and oracle.value.startswith(b"ERR syntax")
    answered = target.kind == ":" or (target.is_error and target.value.startswith(b"ERR value is not an integer"))
    return _upper(arguments)[0] == b"BITCOUNT" and len(arguments) == 3 and syntax_error and answered


def _geosearch_shapes(arguments, oracle, target) -> bool:
    shapes = (b"BYRADIUS and BYBOX", b"BYRADIUS, BYBOX and BYPOLYGON")
    searches = _upper(arguments)[0] in (b"GEOSEARCH", b"GEOSEARCHSTORE") and oracle.is_error and target.is_error
    return searches and target.value == oracle.value.replace(*shapes)


ALLOWED = (
    Allowed("GEOSEARCH without a shape", "Valkey 9.0 names a third one, BYPOLYGON, in its error", _geosearch_shapes),
    Allowed("ZRANK ... WITHSCORE", "Redis 7.2 added it; Redis 7.0 takes two arguments only", _zrank_withscore),
    Allowed("BITCOUNT key start", "Valkey 8.0 lets the end be left out; Redis 7.0 does not", _bitcount_without_end),
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
    Allowed(
        "OBJECT ENCODING of a small set of strings",
        "listpack since Redis 7.2; Redis 7.0 knows only hashtable",
        _encoding_of_small_set,
    ),
    Allowed("a small list is a listpack", "Redis 7.2 keeps lists of one node so; 7.0 knows quicklists only", _small_list),
    Allowed("LPOS ... RANK -2^63", "Redis 7.2 refuses it; 7.0 negates it, which it cannot be", _rank_negation),
)


def find_allowed(step: Step, oracle: Reply, target: Reply) -> Optional[Allowed]:
    for entry in ALLOWED:
        if entry.applies(step.arguments, oracle, target):
            return entry
    return None
