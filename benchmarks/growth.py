"""Draw docs/img/growth.svg, how answers slow down as the record grows, from the figures of benchmarks/peers.py.

    python benchmarks/growth.py [--figures build/peers.json] [--out docs/img/growth.svg]

Both scales are logarithmic. Every line is named at its end and has its own mark, so that no colour need be told apart.
Prints the same as the tables of docs/performance.md.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]

# Colours of Okabe and Ito, which people with any colour vision tell apart.
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE, GREY = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7", "#767676",
)  # fmt: skip
STYLES = {
    "plain scan of the columns": (GREY, "none", "plain scan"),
    "tracker": (BLACK, "circle", "tracker"),
    "DuckDB": (ORANGE, "square", "DuckDB"),
    "SQLite, MAX by track": (SKY, "triangle", "SQLite"),
    "PostgreSQL, columns": (BLUE, "diamond", "PostgreSQL"),
    "MariaDB, bitemporal": (GREEN, "square", "MariaDB"),
    "eventsourcing, replayed": (RED, "triangle", "eventsourcing"),
    "eventsource-py, replayed": (PURPLE, "diamond", "eventsource-py"),
    "event-sourcery, replayed": (RED, "square", "event-sourcery"),
}
WIDTH, HEIGHT, LEFT, TOP, GAP, RIGHT, BOTTOM = 1080, 520, 62, 64, 176, 112, 54
WIDE = (WIDTH - LEFT - GAP - RIGHT) // 2
HIGH = HEIGHT - TOP - BOTTOM
Line = list[tuple[int, float]]


class Panel(NamedTuple):
    """One chart: lines of (size, seconds), at a place from the left."""

    title: str
    left: int
    lines: Mapping[str, Line]
    sizes: tuple[int, int]
    times: tuple[float, float]  # powers of ten around all values

    def x(self, size: float) -> float:
        return self.left + _share(size, *self.sizes) * WIDE

    def y(self, seconds: float) -> float:
        return TOP + (1 - _share(seconds, *self.times)) * HIGH


def _share(value: float, low: float, high: float) -> float:
    return math.log(value / low) / math.log(high / low)


def lines(figures: Mapping[str, Any], value: Callable[[str, Mapping[str, Any]], float | None]) -> dict[str, Line]:
    """Of each engine its points, the smallest size first."""
    found: dict[str, Line] = {}
    for size in sorted(int(key) for key in figures if key.isdigit()):
        row = figures[str(size)]
        for name in STYLES:
            each = row.get("tracker" if name.startswith("plain") else name)
            seconds = value(name, each) if each else None
            if seconds:
                found.setdefault(name, []).append((size, seconds))
    return found


def every(name: str, figures: Mapping[str, Any]) -> float | None:
    """All tracks, without the handing over of rows."""
    if name.startswith("plain"):
        return min(figures["scan"])
    return min(figures.get("inside") or figures["every"])


def one(name: str, figures: Mapping[str, Any]) -> float | None:
    return None if name.startswith("plain") else min(figures["one"])


def panel(title: str, left: int, drawn: Mapping[str, Line]) -> Panel:
    points = [point for line in drawn.values() for point in line]
    sizes, seconds = [size for size, _ in points], [taken for _, taken in points]
    low, high = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))
    return Panel(title, left, drawn, (min(sizes), max(sizes)), (10.0**low, 10.0**high))


def svg(panels: Sequence[Panel], words: str) -> str:
    body = "\n".join(piece for each in panels for piece in _panel(each))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13">\n<title>{escape(words)}</title>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _panel(panel: Panel) -> Iterator[str]:
    middle = panel.left + WIDE / 2
    yield f'<text x="{panel.left}" y="{TOP - 28}" font-size="16" font-weight="600">{escape(panel.title)}</text>'
    yield f'<text x="{middle:.0f}" y="{HEIGHT - 12}" text-anchor="middle" fill="#444">assertions</text>'
    yield from _grid(panel)
    whole = [(name, panel.y(line[-1][1])) for name, line in panel.lines.items() if line[-1][0] == panel.sizes[1]]
    ends = _apart(whole)
    for name, line in panel.lines.items():
        yield from _line(panel, name, line, ends.get(name))


def _grid(panel: Panel) -> Iterator[str]:
    low, high = (round(math.log10(each)) for each in panel.times)
    for power in range(low, high + 1):
        y = panel.y(10.0**power)
        yield f'<path d="M{panel.left} {y:.1f}h{WIDE}" stroke="#ddd"/>'
        yield f'<text x="{panel.left - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#444">{_seconds(power)}</text>'
    for power in range(round(math.log10(panel.sizes[0])), round(math.log10(panel.sizes[1])) + 1):
        x = panel.x(10.0**power)
        yield f'<path d="M{x:.1f} {TOP}v{HIGH}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{HEIGHT - 34}" text-anchor="middle" fill="#444">{_count(power)}</text>'


def _seconds(power: int) -> str:
    unit, name = {-1: (-3, "ms"), -2: (-6, "µs"), -3: (-9, "ns")}.get(power // 3, (0, "s"))
    return f"{10 ** (power - unit):,} {name}"


def _count(power: int) -> str:
    return f"{10 ** (power % 3)} {('', 'k', 'M', 'G')[power // 3]}".strip()


def _apart(ends: Sequence[tuple[str, float]], room: float = 16) -> dict[str, float]:
    """Where labels go so that none covers another."""
    placed: dict[str, float] = {}
    last = -math.inf
    for name, y in sorted(ends, key=lambda end: end[1]):
        last = max(y, last + room)
        placed[name] = last
    return placed


def _line(panel: Panel, name: str, line: Line, label: float | None) -> Iterator[str]:
    """A line with its name: in the margin, or beside its last point where it ends early."""
    colour, mark, shown = STYLES[name]
    points = [(panel.x(size), panel.y(seconds)) for size, seconds in line]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    width, dash = (3, "") if name == "tracker" else (1.6, ' stroke-dasharray="5 4"' if mark == "none" else "")
    yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>'
    yield from (_mark(mark, x, y, colour) for x, y in points if mark != "none")
    x, y = points[-1]
    right = x + 12 if label is None else panel.left + WIDE + 12
    if label is not None and abs(label - y) > 1:
        yield f'<path d="M{x + 5:.1f} {y:.1f}L{right - 3} {label:.1f}" stroke="{colour}" stroke-width="0.6"/>'
    label = y if label is None else label
    weight = ' font-weight="700"' if name == "tracker" else ""
    yield f'<text x="{right:.0f}" y="{label + 4:.1f}" fill="#222"{weight}>{escape(shown)}</text>'


def _mark(mark: str, x: float, y: float, colour: str) -> str:
    if mark == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
    shapes = {"square": "-4 -4h8v8h-8z", "triangle": "0 -5l5 9h-10z", "diamond": "0 -6l6 6l-6 6l-6 -6z"}
    return f'<path transform="translate({x:.1f} {y:.1f})" d="M{shapes[mark]}" fill="{colour}"/>'


def table(drawn: Mapping[str, Line]) -> Iterator[str]:
    """As Markdown."""
    sizes = sorted({size for line in drawn.values() for size, _ in line})
    yield f"| | {' | '.join(_count(round(math.log10(size))) for size in sizes)} |"
    yield f"|---|{'---:|' * len(sizes)}"
    for name, line in drawn.items():
        cells = [_rounded(dict(line).get(size)) for size in sizes]
        yield f"| {name} | {' | '.join(cells)} |"


def _rounded(seconds: float | None) -> str:
    if seconds is None:
        return ""
    unit, factor = next(each for each in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)) if seconds * each[1] >= 1)
    value = seconds * factor
    return f"{value:,.0f} {unit}" if value >= 20 else f"{value:.2g} {unit}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--figures", type=Path, default=ROOT / "build" / "peers.json")
    options.add_argument("--out", type=Path, default=ROOT / "docs" / "img" / "growth.svg")
    asked = options.parse_args()
    figures = json.loads(asked.figures.read_text())
    left, right = lines(figures, every), lines(figures, one)
    if not left:
        sys.exit(f"{asked.figures} has no figures: run benchmarks/peers.py first")
    panels = [
        panel("All tracks as of a date, on any clocks", LEFT, left),
        panel("One track", LEFT + WIDE + GAP, right),
    ]
    for each in panels:
        print(f"\n{each.title}, the best of the rounds ({figures['machine']}):\n")
        print("\n".join(table(each.lines)))
    words = "Time to answer against the number of assertions, both logarithmic, for the tracker and its peers"
    asked.out.write_text(svg(panels, words), encoding="utf-8")
    print(f"\nwritten: {asked.out}")


if __name__ == "__main__":
    main()
