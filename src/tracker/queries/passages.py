"""Reports of traffic that passed, or that none did."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field

from tracker.model.dates import BEGINNING, Instant
from tracker.model.deadline import in_time
from tracker.model.effects import Passage
from tracker.model.vocabulary import Mode, Traffic
from tracker.queries.answer_base import DATE, AnnouncementField, Answer, BasisField, ModeField, TrafficField
from tracker.queries.clocks import Clocks
from tracker.queries.reasons import day
from tracker.queries.selection import find
from tracker.state.evidence import basis_of
from tracker.state.record import Record, View


class PassageAnswer(Answer):
    """A report of traffic."""

    at: str = Field(description="Id of the border, crossing point or corridor where it was seen.")
    mode: ModeField
    traffic: TrafficField
    direction: str | None = Field(description="Direction, as FROM>TO; null: not known.")
    on: str | None = Field(description=f"Date of the passage. {DATE}")
    none: bool = Field(description="Whether it is a report that nothing passed.")
    cargo: str | None = Field(description="Cargo, in words.")
    hs: str | None = Field(description="HS 2022 prefix of the cargo.")
    quantity: float | None = Field(description="Tonnes of goods, or persons.")
    origin: str | None = Field(description="Id of the territory where the flow starts.")
    destination: str | None = Field(description="Id of the territory where the flow ends.")
    basis: BasisField
    announcement: AnnouncementField
    effect: int = Field(description="Number of the effect in its announcement, from 1.")


@dataclass(frozen=True)
class PassageFilter:
    """Filters of a list of passages; without any, it has all of them."""

    at: str | None = None  # the border, crossing or corridor that the report names
    mode: Mode | None = None
    traffic: Traffic | None = None
    begin: Instant = BEGINNING


def passages(record: Record, clocks: Clocks, filters: PassageFilter = PassageFilter()) -> list[PassageAnswer]:
    """List the passages reported to have taken place by the date asked about, oldest first.

    Raises: UnknownSubject.
    """
    view = record.at(clocks.known, clocks.asked)
    at = find(view.registry, filters.at).id if filters.at else None
    return [_answer(view, row, effect) for row, effect in _in_order(view, clocks.as_of, filters, at)]


def _in_order(view: View, until: Instant, filters: PassageFilter, at: str | None) -> Iterator[tuple[int, Passage]]:
    reports = [(view.row(row), row, effect) for row, effect in view.passages]
    for assertion, row, effect in in_time(
        sorted(reports, key=lambda item: (item[0].begins.latest, item[0].place_in_order))
    ):
        if (
            filters.begin <= assertion.begins.latest <= until
            and at in (None, effect.at)
            and filters.mode in (None, effect.mode)
            and filters.traffic in (None, effect.traffic)
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
