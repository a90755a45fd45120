"""What the generator produces: steps (one command each, and the rule its replies are compared by), special steps."""

from dataclasses import dataclass, field
from typing import Callable, List, Sequence, Tuple

from support.resp import Argument, Connection, encode_argument

from differential import rules


@dataclass(frozen=True)
class Step:
    """One command of a pipeline.

    `answered` is false for a command whose reply is switched off by CLIENT REPLY. Before a `glued` step nothing may be
    inserted, since the step belongs to the one before it.
    """

    arguments: Tuple[bytes, ...]
    rule: rules.Rule = rules.exact
    answered: bool = True
    glued: bool = False

    @property
    def name(self) -> str:
        return self.arguments[0].decode("utf-8", "replace").upper()


@dataclass(frozen=True)
class SpecialStep:
    """Something that takes several round trips (a whole SCAN); `run` gives a comparable outcome for one side."""

    description: Tuple[bytes, ...]
    run: Callable[[Connection], object]
    reconnects: bool = False
    name: str = field(default="")


def step(*arguments: Argument, rule: rules.Rule = rules.exact, answered: bool = True, glued: bool = False) -> Step:
    return Step(tuple(map(encode_argument, arguments)), rule, answered, glued)


def steps_of(commands: Sequence[Sequence[Argument]]) -> List[Step]:
    return [step(*command) for command in commands]
