"""The order of statements of one day: those that a statement comes after, or is related to, stand before it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import NamedTuple

from tracker.model.dates import Instant, moment


class Precedents(NamedTuple):
    """The statements that may have to stand before one."""

    after: tuple[str, ...]  # as it says
    related: tuple[str, ...]  # as a relation makes likely: they give way to `after`


def precedent_rows(precedents: Mapping[str, Precedents]) -> Iterator[tuple[str, str, bool]]:
    """Rows of announcements, each with one that stands before it, and whether it says so itself."""
    for name, one in precedents.items():
        yield from ((name, earlier, True) for earlier in one.after)
        yield from ((name, earlier, False) for earlier in one.related)


def precedents_of(rows: Iterable[tuple[str, str, bool]]) -> dict[str, Precedents]:
    """The reverse of `precedent_rows`."""
    precedents: dict[str, Precedents] = {}
    for name, earlier, said in rows:
        after, related = precedents.get(name, ((), ()))
        precedents[name] = Precedents((*after, earlier), related) if said else Precedents(after, (*related, earlier))
    return precedents


Place = tuple[Instant, int]  # in the order: an instant, and a rank among the statements of that instant


def places(precedents: Mapping[str, Precedents], orders: Mapping[str, Instant], tz: tzinfo) -> dict[str, Place]:
    """The places of the announcements that do not stand in the order by instant and id alone.

    Args: orders: when each of them, and of those that they name, was announced; those without are passed over.
    """
    edges = _Edges(precedents, orders, tz)
    found: dict[str, Place] = {}
    for name in precedents.keys() & orders.keys():
        _place(name, edges, found)
    return {name: place for name, place in found.items() if place != (orders[name], 0)}


class _Edges:
    """From each announcement to those of its day that stand before it; none of them closes a circle."""

    def __init__(self, precedents: Mapping[str, Precedents], orders: Mapping[str, Instant], tz: tzinfo) -> None:
        self._orders = orders
        self._days = {name: moment(order, tz).date() for name, order in orders.items()}
        self._said = {name: self._of_its_day(name, one.after) for name, one in precedents.items() if name in orders}
        related = {name: self._of_its_day(name, one.related) for name, one in precedents.items() if name in orders}
        every = {name: (*said, *related[name]) for name, said in self._said.items()}
        self._before = {
            name: (
                *(other for other in said if not _reaches(other, name, self._said)),
                *(other for other in related[name] if not _reaches(other, name, every)),
            )
            for name, said in self._said.items()
        }

    def _of_its_day(self, name: str, others: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(other for other in others if other != name and self._days.get(other) == self._days[name])

    def order(self, name: str) -> Instant:
        return self._orders[name]

    def before(self, name: str) -> tuple[str, ...]:
        return self._before.get(name, ())


def _reaches(start: str, end: str, edges: Mapping[str, tuple[str, ...]]) -> bool:
    return end in _reached(start, edges)


def _reached(start: str, edges: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    waiting, seen = [start], {start}
    while waiting:
        name = waiting.pop()
        yield name
        new = {*edges.get(name, ())} - seen
        seen |= new
        waiting += new


def _place(name: str, edges: _Edges, found: dict[str, Place]) -> Place:
    """The place of an announcement; those of all that stand before it are found first."""
    waiting = [name]
    while waiting:
        last = waiting[-1]
        missing = [other for other in edges.before(last) if other not in found]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        behind = ((instant, rank + 1) for instant, rank in (found[other] for other in edges.before(last)))
        found[last] = max([(edges.order(last), 0), *behind])
    return found[name]
