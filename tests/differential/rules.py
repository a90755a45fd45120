"""How two replies to the same command are compared. A rule answers None when they agree, else why they do not.

Everything is compared exactly unless the step names another rule. A rule other than `exact` exists because the reply
has no defined order, tells the time, or names the server; what a newer version answers on purpose is in allowed.py.
"""

import math
import re
from dataclasses import dataclass
from typing import Callable, Dict, Optional, Sequence

from support.resp import Reply

Rule = Callable[[Reply, Reply], Optional[str]]


def exact(oracle: Reply, target: Reply) -> Optional[str]:
    return None if oracle == target else "the replies differ"


def unordered(oracle: Reply, target: Reply) -> Optional[str]:
    """Arrays, sets and maps without a defined order (KEYS, CONFIG GET)."""
    if oracle.kind != target.kind:
        return "the reply types differ"
    if oracle.kind in "*~%" and oracle.value is not None and target.value is not None:
        return None if sorted(map(repr, oracle.value)) == sorted(map(repr, target.value)) else "the elements differ"
    return exact(oracle, target)


@dataclass(frozen=True)
class Within:
    """Positive integers that tell a time, equal within the tolerance; negative ones are answers and must be equal.

    `per_second` is the unit of the reply. Where one server carried out a command later than the other, `lagging` gives
    the rule that allows for it.
    """

    tolerance: int
    per_second: int = 1

    def __call__(self, oracle: Reply, target: Reply) -> Optional[str]:
        if oracle.kind == ":" and target.kind == ":" and oracle.value >= 0 and target.value >= 0:
            apart = abs(oracle.value - target.value)
            return None if apart <= self.tolerance else "more than %d apart" % self.tolerance
        return exact(oracle, target)

    def lagging(self, seconds: float) -> "Within":
        return Within(self.tolerance + math.ceil(seconds * self.per_second), self.per_second)


def same_shape(oracle: Reply, target: Reply) -> Optional[str]:
    """The same types all the way down; errors and nulls must be equal, other contents are free."""
    if oracle.kind != target.kind:
        return "the reply types differ"
    if oracle.is_error or oracle.is_null or target.is_null:
        return exact(oracle, target)
    if oracle.kind in "*~":
        if len(oracle.value) != len(target.value):
            return "the lengths differ"
        for left, right in zip(oracle.value, target.value):
            why = same_shape(left, right)
            if why:
                return why
    return None


def same_kind(oracle: Reply, target: Reply) -> Optional[str]:
    """The same outer type; a free content (texts for humans, ids, counts of commands)."""
    if oracle.is_error or target.is_error:
        return exact(oracle, target)
    if oracle.is_null != target.is_null:
        return "one is null"
    return None if oracle.kind == target.kind else "the reply types differ"


def help_text(oracle: Reply, target: Reply) -> Optional[str]:
    """HELP: an array of simple strings that opens alike; the sentences are each server's own."""
    why = same_kind(oracle, target)
    if why or oracle.kind != "*":
        return why
    if not target.value or any(line.kind != "+" for line in target.value):
        return "HELP must be an array of simple strings"
    return exact(oracle.value[0], target.value[0])


def pairs_of(reply: Reply) -> Dict[bytes, Reply]:
    """A RESP3 map or a RESP2 flat array, as a dict by field name."""
    if reply.kind == "%":
        return {key.value: value for key, value in reply.value}
    return {reply.value[i].value: reply.value[i + 1] for i in range(0, len(reply.value), 2)}


def hello(oracle: Reply, target: Reply) -> Optional[str]:
    """HELLO but for the server's version and the connection's id."""
    why = same_kind(oracle, target)
    if why or oracle.is_error:
        return why
    left, right = pairs_of(oracle), pairs_of(target)
    if list(left) != list(right):
        return "the fields differ"
    for name in left:
        rule = same_kind if name in (b"version", b"id") else exact
        why = rule(left[name], right[name])
        if why:
            return "%s: %s" % (name.decode(), why)
    return None


def field_names(names_of: Callable[[bytes], Sequence[bytes]]) -> Rule:
    """Texts of fields: the target has at least the oracle's (newer versions add some), in the oracle's order."""

    def rule(oracle: Reply, target: Reply) -> Optional[str]:
        why = same_kind(oracle, target)
        if why or oracle.is_error:
            return why
        left, right = names_of(oracle.value), names_of(target.value)
        missing = [name for name in left if name not in right]
        if missing:
            return "fields missing: %r" % missing
        common = [name for name in right if name in left]
        return None if list(left) == common else "the common fields have another order"

    return rule


client_fields = field_names(lambda text: re.findall(rb"([a-z-]+)=", text.split(b"\n")[0]))


def info_keyspace(oracle: Reply, target: Reply) -> Optional[str]:
    """INFO keyspace: keys and expires exactly; avg_ttl is an estimate (7.0 even overflows it)."""
    why = same_kind(oracle, target)
    if why or oracle.is_error:
        return why

    def counts(text: bytes) -> Sequence[bytes]:
        text = text.split(b"\r\n", 1)[1] if text.startswith(b"txt:") else text
        return re.findall(rb"^(db\d+:keys=\d+,expires=\d+),avg_ttl=-?\d+", text, re.MULTILINE)

    return None if counts(oracle.value) == counts(target.value) else "the key counts differ"


def info_headers(oracle: Reply, target: Reply) -> Optional[str]:
    """INFO <section>: the same section headers."""
    why = same_kind(oracle, target)
    if why or oracle.is_error:
        return why
    left, right = (re.findall(rb"^# (\w+)", reply.value, re.MULTILINE) for reply in (oracle, target))
    return None if left == right else "the section headers differ"


def restricted_to(names: Sequence[bytes]) -> Rule:
    """COMMAND LIST: compares only the given commands, since the servers do not have all others in common."""

    def rule(oracle: Reply, target: Reply) -> Optional[str]:
        why = same_kind(oracle, target)
        if why or oracle.is_error:
            return why
        left, right = ({item.value for item in reply.value} & set(names) for reply in (oracle, target))
        return None if left == right else "only in the oracle %r, only in the target %r" % (left - right, right - left)

    return rule


def command_info(oracle: Reply, target: Reply) -> Optional[str]:
    """COMMAND INFO: every element equal (flags, categories and subcommands as sets); the target may know more
    subcommands, as newer versions do. An unknown command is null for both."""
    if oracle.kind != target.kind or len(oracle.value) != len(target.value):
        return "the arrays differ in length"
    for left, right in zip(oracle.value, target.value):
        why = _one_command(left, right)
        if why:
            return why
    return None


def _one_command(oracle: Reply, target: Reply) -> Optional[str]:
    if oracle.is_null or target.is_null:
        return exact(oracle, target)
    names = ("name", "arity", "flags", "first key", "last key", "step", "ACL categories", "tips", "key specs")
    where = oracle.value[0].value.decode()
    for index, name in enumerate(names):
        rule = unordered if name in ("flags", "ACL categories", "tips") else exact
        if rule(oracle.value[index], target.value[index]):
            return "%s: %s: %r against %r" % (where, name, oracle.value[index], target.value[index])
    theirs = {sub.value[0].value: sub for sub in target.value[9].value}
    for sub in oracle.value[9].value:
        if sub.value[0].value in theirs:
            why = _one_command(sub, theirs[sub.value[0].value])
            if why:
                return why
    return None
