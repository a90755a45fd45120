"""Draws groups of steps from the command families, by weight, from one seed."""

from itertools import accumulate
from typing import Callable, Iterator, List, Tuple, Union

from differential.families import (
    ballast,
    bitmaps,
    connection,
    dump,
    geo,
    hashes,
    hyperloglogs,
    keys,
    lists,
    server,
    sets,
    sort,
    sorted_sets,
    streams,
    strings,
)
from differential.inputs import Inputs, Profile
from differential.steps import SpecialStep, Step

Group = List[Union[Step, SpecialStep]]
FAMILIES: List[Tuple[float, Callable[[Inputs], Group]]] = (
    strings.FAMILY
    + keys.FAMILY
    + connection.FAMILY
    + server.FAMILY
    + bitmaps.FAMILY
    + dump.FAMILY
    + geo.FAMILY
    + hashes.FAMILY
    + hyperloglogs.FAMILY
    + lists.FAMILY
    + sets.FAMILY
    + sort.FAMILY
    + sorted_sets.FAMILY
    + streams.FAMILY
    + ballast.FAMILY
)


class Generator:
    def __init__(self, seed: int, profile: Profile):
        self.inputs = Inputs(seed, profile)
        self._functions = [function for _, function in FAMILIES]
        self._weights = list(accumulate(weight for weight, _ in FAMILIES))

    def groups(self) -> Iterator[Group]:
        """Without end; the first group loads the ballast."""
        yield ballast.load_ballast(self.inputs)
        while True:
            (function,) = self.inputs.random.choices(self._functions, cum_weights=self._weights)
            yield function(self.inputs)
