"""Medians over runs, ratios run by run, and the tables."""

from statistics import median


def spread(values, digits=2):
    """`median (min..max)`; the median alone if there is one value."""
    text = f"{median(values):.{digits}f}"
    return text if len(values) == 1 else f"{text} ({min(values):.{digits}f}..{max(values):.{digits}f})"


def ratios(ours, theirs):
    """Run by run, so that a drift of the machine between runs cancels. Runs with a zero below are left out."""
    return [a / b for a, b in zip(ours, theirs) if b]


def print_table(title, header, rows):
    widths = [max(len(str(row[column])) for row in [header, *rows]) for column in range(len(header))]
    print(f"\n{title}")
    for row in [header, *rows]:
        cells = [str(cell).ljust(width) if i == 0 else str(cell).rjust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        print("  " + "   ".join(cells).rstrip())


def megabytes(count):
    return f"{count / 1048576:.1f} MB"


def verdict(met):
    return "met" if met else "MISSED"
