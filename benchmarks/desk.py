"""A desk's announcements in bulk, for benchmarks: the same for the same numbers, as plain as a coder's files are.

Each says something of one of count/10 measures: in 45 of 100 a restriction enters into force, in 20 it goes on to an
end, in 15 it is eased for a while, in 20 it ends. Every one has a speaker and a source, half of them with an address.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from tracker.model.announcement import Announcement
from tracker.model.dataset import Dataset
from tracker.model.registry import Border, Measure, Party, Registry, Subject, Territory

FIRST = date(2020, 1, 1)
DAYS = 2_000


def registry(measures: int) -> Registry:
    """Two states, a border, and so many restrictions on it."""
    sides = ("AA", "BB")
    subjects: list[Subject] = [Dataset(name="Benchmark", timezone="+04:00")]
    subjects += [Party.model_validate({"id": side, "name": f"State {side}", "kind": "state"}) for side in sides]
    subjects += [Territory(id=side, name=f"State {side}", authority=side) for side in sides]
    subjects.append(Border.model_validate({"id": "AA-BB", "between": sides, "modes": ["road"]}))
    subjects += [
        Measure.model_validate(
            {"id": f"m-{number}", "title": f"Restriction {number}", "authority": sides[number % 2],
             "kind": "restriction", "level": "prohibited", "scope": {"at": ["AA-BB"]}}
        )
        for number in range(measures)
    ]  # fmt: skip
    return Registry.of(subjects)


def announcements(start: int, end: int, measures: int) -> Iterator[Announcement]:
    """Those with the numbers from start up to, without, end."""
    for number in range(start, end):
        day, side = FIRST + timedelta(number * 7919 % DAYS), "AB"[number % 2] * 2
        plain = {
            "id": f"a-{number:07}",
            "announced": day.isoformat(),
            "summary": f"State {side} said what becomes of restriction {number % measures} on the border.",
            "by": [{"party": side, "name": "N. N.", "office": "Minister of Transport"}],
            "source": [_source(number, day)],
            "effect": [_effect(number, day, f"m-{number * 31 % measures}")],
        }
        yield Announcement.model_validate(plain)


def _source(number: int, day: date) -> dict[str, Any]:
    cited = {"publisher": "The Gazette", "title": f"Notice {number}", "published": (day + timedelta(1)).isoformat()}
    return {**cited, "url": f"https://gazette.example/{day.year}/notice-{number}"} if number % 2 else cited


def _effect(number: int, day: date, measure: str) -> dict[str, Any]:
    share, later = number * 37 % 100, day + timedelta(number % 31)
    if share < 45:
        return {"type": "impose", "measure": measure, "from": later.isoformat()}
    if share < 65:
        return {"type": "extend", "measure": measure, "last_day": (later + timedelta(30 + number % 370)).isoformat()}
    if share < 80:
        end = (later + timedelta(30)).isoformat()
        narrowed = {"only": ["goods that spoil"], "from": later.isoformat(), "last_day": end}
        return {"type": "exempt", "measure": measure, **narrowed}
    return {"type": "lift", "measure": measure}
