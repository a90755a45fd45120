"""The figures of bench/tier as a picture, drawn by gnuplot."""

import shutil
import subprocess

# Those that are shares of something, so that they fit on one axis.
PLOTTED_UNIT = "x"
COLOURS = {"valuelog": "#1f77b4", "rocksdb": "#ff7f0e"}


def draw(rows, title, path):
    """Writes an SVG with one group of bars a figure, one bar an engine; nothing without gnuplot. Answers whether it did."""
    if shutil.which("gnuplot") is None:
        return False
    names = list(dict.fromkeys(row.what for row in rows if row.unit == PLOTTED_UNIT))
    engines = [engine for engine in COLOURS if any(row.engine == engine for row in rows)]
    figures = {(row.what, row.engine): row.figure for row in rows}
    goals = {row.what: row.goal for row in rows if row.goal}

    def label(name):
        return name + (f"  ({goals[name]})" if name in goals else "")

    lines = [
        f'set terminal svg size 1100,{120 + 46 * len(names)} font "sans-serif,12" background "white" noenhanced',
        f'set output "{path}"',
        f'set title "{title}"',
        "set key top right",
        "set style fill solid 0.9 noborder",
        "set yrange [%g:-0.7]" % (len(names) - 0.3),
        "set xrange [0:*]",
        "set grid x",
        "set lmargin 62",
        "set ytics (%s)" % ", ".join(f'"{label(name)}" {i}' for i, name in enumerate(names)),
    ]
    height = 0.8 / max(1, len(engines))
    plots, data = [], []
    for number, engine in enumerate(engines):
        plots.append(f"'-' using 1:2:(0):1:($2-{height / 2:g}):($2+{height / 2:g}) with boxxyerror lc rgb \"{COLOURS[engine]}\" title \"{engine}\"")
        for i, name in enumerate(names):
            if (name, engine) in figures:
                data.append(f"{figures[name, engine]:g} {i - 0.4 + height * (number + 0.5):g}")
        data.append("e")
    script = "\n".join([*lines, "plot " + ", ".join(plots), *data]) + "\n"
    subprocess.run(["gnuplot"], input=script, text=True, check=True)
    return True
