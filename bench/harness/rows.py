"""Figures with their goals, as bench/tier and bench/persistence show and save them."""

import dataclasses
import json
import os
import sys
from typing import Optional

from harness.report import print_table, verdict

RESULTS_DIR = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "results")


@dataclasses.dataclass(frozen=True)
class Row:
    """One figure of `engine`, or of whatever else is measured beside another. `goal` says what it should be, `met` whether it
    is; None: no goal."""

    what: str
    engine: str
    figure: float
    unit: str
    goal: str = ""
    met: Optional[bool] = None


def at_most(what, engine, figure, unit, most):
    """A row whose figure is to be at most so much."""
    return Row(what, engine, figure, unit, f"<= {most:g}", figure <= most)


def show(title, rows, column):
    """A table with one line a figure; `column` heads what the figures are of."""
    lines = [
        [row.what, row.engine, f"{row.figure:.{0 if abs(row.figure) >= 1000 else 2}f} {row.unit}".strip(), row.goal,
         "" if row.met is None else verdict(row.met)]
        for row in rows
    ]
    print_table(title, ["figure", column, "measured", "goal", ""], lines)


def save(name, title, rows, column):
    """Writes results/NAME.json and results/NAME.txt."""
    os.makedirs(RESULTS_DIR, exist_ok=True)
    with open(os.path.join(RESULTS_DIR, name + ".json"), "w") as out:
        json.dump({"title": title, "rows": [dataclasses.asdict(row) for row in rows]}, out, indent=1)
        out.write("\n")
    with open(os.path.join(RESULTS_DIR, name + ".txt"), "w") as out:
        sys.stdout, screen = out, sys.stdout
        try:
            show(title, rows, column)
        finally:
            sys.stdout = screen


def with_saved(name, rows):
    """`rows`, in the places of the same figures in results/NAME.json, whose other figures stay as they are."""
    path = os.path.join(RESULTS_DIR, name + ".json")
    if not os.path.exists(path):
        return rows
    with open(path) as saved:
        old = [Row(**fields) for fields in json.load(saved)["rows"]]
    fresh = {(row.what, row.engine): row for row in rows}
    return [fresh.pop((row.what, row.engine), row) for row in old] + list(fresh.values())


def conclude(name, rows, check):
    """Says how many goals are met; with `check` a missed one ends the program with status 1."""
    missed = [row for row in rows if row.met is False]
    print(f"\n{sum(row.met is True for row in rows)} goals met, {len(missed)} missed")
    if check and missed:
        sys.exit(f"{name}: a goal is missed")
