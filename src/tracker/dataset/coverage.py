"""Coverage page: which announcements settle which item of the coders' work list."""

import re
from collections.abc import Iterable

from tracker.model.announcement import Announcement, Correction, Retraction, Statement

_HEAD = """# Coverage

Which announcements settle each item of the coders' work list: the `covers` of every file. Made from the files; do not
edit. A dash marks a gap in a numbered series.
"""
_NUMBERED = re.compile(r"([A-Za-z]+)([0-9]+)")


def coverage(statements: Iterable[Statement], expected: Iterable[str] = ()) -> str:
    """A Markdown page: item by item, the announcements that cover it, both in natural order.

    Args: expected: items that must be covered, in case none of the files names them.
    """
    covered = {item: set[str]() for item in expected}
    covers = _covers(statements)
    for announcement, items in covers.items():
        for item in items:
            covered.setdefault(item, set()).add(announcement)
    for item in _between(covered):
        covered.setdefault(item, set())
    rows = [f"| {item} | {_named(covered[item])} |" for item in sorted(covered, key=_natural)]
    gaps = sum(not announcements for announcements in covered.values())
    counted = f"{_count(len(covered), 'item')}, {_count(gaps, 'gap')}, {_count(len(covers), 'announcement')}."
    parts = [_HEAD, counted, "", "| item | announcements |", "|---|---|", *rows]
    if idle := {announcement for announcement, items in covers.items() if not items}:
        parts += ["", f"Announcements that cover no item: {_named(idle)}."]
    return "\n".join(parts) + "\n"


def _covers(statements: Iterable[Statement]) -> dict[str, tuple[str, ...]]:
    """The items that each announcement covers, as corrected; one that was retracted covers none."""
    covers: dict[str, tuple[str, ...]] = {}
    statements = tuple(statements)
    for statement in statements:
        if isinstance(statement, Announcement):
            covers[statement.id] = statement.covers
    for statement in statements:
        match statement:
            case Correction() if "covers" in statement.patch:
                covers[statement.corrects] = tuple(statement.patch["covers"] or ())
            case Retraction():
                covers.pop(statement.retracts, None)
            case _:
                pass
    return covers


def _between(items: Iterable[str]) -> Iterable[str]:
    """Every item of a numbered series, from its first to its last: for C001 and C003 also C002."""
    series: dict[tuple[str, int], list[int]] = {}
    for item in items:
        if match := _NUMBERED.fullmatch(item):
            series.setdefault((match[1], len(match[2])), []).append(int(match[2]))
    for (name, width), numbers in series.items():
        for number in range(min(numbers), max(numbers) + 1):
            yield f"{name}{number:0{width}}"


def _named(announcements: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(announcements, key=_natural)) or "–"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _natural(text: str) -> tuple[tuple[str, int], ...]:
    """A sort key in natural order: item2 before item10."""
    return tuple((words, int(digits or 0)) for words, digits in re.findall(r"(\D*)(\d*)", text))
