"""Traffic that was seen to pass, or reported as none."""

from collections.abc import Iterator
from dataclasses import dataclass

from tracker.model.dates import BEGINNING, Instant
from tracker.model.effects import Passage
from tracker.model.vocabulary import Basis, Mode, Traffic
from tracker.queries.answer import Answer
from tracker.queries.clocks import Clocks
from tracker.queries.reasons import day
from tracker.queries.selection import find
from tracker.state.evidence import basis_of
from tracker.state.record import Record, View


class PassageAnswer(Answer):
    """One report of traffic."""

    at: str
    mode: Mode
    traffic: Traffic
    direction: str | None
    on: str | None
    none: bool
    cargo: str | None
    hs: str | None
    quantity: float | None
    origin: str | None
    destination: str | None
    basis: Basis
    announcement: str
    effect: int


@dataclass(frozen=True)
class Sought:
    """Which passages are asked for; nothing given means all."""

    at: str | None = None  # a border, crossing or corridor: those reported right there
    mode: Mode | None = None
    traffic: Traffic | None = None
    begin: Instant = BEGINNING


def passages(record: Record, clocks: Clocks, sought: Sought = Sought()) -> list[PassageAnswer]:
    """The passages reported to have taken place by the date asked about, oldest first.

    Raises: UnknownSubject.
    """
    view = record.at(clocks.known)
    at = find(view.registry, sought.at).id if sought.at else None
    return [_answer(view, row, effect) for row, effect in _by_day(view, clocks.as_of, sought, at)]


def _by_day(view: View, until: Instant, sought: Sought, at: str | None) -> Iterator[tuple[int, Passage]]:
    found = [(view.row(row), row, effect) for row, effect in view.passages]
    for assertion, row, effect in sorted(found, key=lambda each: (each[0].begins.latest, each[0].place_in_order)):
        moment = assertion.begins.latest
        if (
            sought.begin <= moment <= until
            and at in (None, effect.at)
            and sought.mode in (None, effect.mode)
            and sought.traffic in (None, effect.traffic)
        ):
            yield row, effect


def _answer(view: View, row: int, effect: Passage) -> PassageAnswer:
    assertion = view.row(row)
    return PassageAnswer(
        at=effect.at,
        mode=effect.mode,
        traffic=effect.traffic,
        direction=effect.direction,
        on=day(view, assertion.begins),
        none=effect.none,
        cargo=effect.cargo,
        hs=effect.hs,
        quantity=effect.quantity,
        origin=effect.origin,
        destination=effect.destination,
        basis=basis_of(view, row),
        announcement=assertion.announcement,
        effect=assertion.index + 1,
    )
