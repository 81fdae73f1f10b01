"""From announcements to assertions: "track T has value V over [valid_from, valid_to)". Source: design §5."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from tracker.model.announcement import Announcement
from tracker.model.dates import FOREVER, Edge, Instant, When, ends, starts
from tracker.model.effects import (
    AnyEffect,
    Control,
    Ease,
    Extend,
    Fulfil,
    Impose,
    Lift,
    Passage,
    Permit,
    Pledge,
    Readiness,
    Revoke,
    StageReached,
    Withdraw,
)
from tracker.timeline.versions import Known, Span, Version

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NEVER_ENDS = Edge(FOREVER, FOREVER)


def measure_track(measure: str) -> str:
    return f"measure:{measure}"


def readiness_track(party: str, place: str, mode: str) -> str:
    return f"readiness:{party}:{place}:{mode}".lower()


def stage_track(instrument: str, party: str | None = None) -> str:
    return f"stage:{instrument}:{party}".lower() if party else f"stage:{instrument}"


def control_track(place: str) -> str:
    return f"control:{place}"


def pledge_track(pledge: str) -> str:
    return f"pledge:{pledge}"


@dataclass(frozen=True, slots=True)
class Assertion:
    """One effect's word on one track."""

    track: str
    order: Instant  # with announcement and index: the place in the order
    announcement: str
    index: int  # of the effect in its file
    version: int
    begins: Edge
    ends: Edge
    span: Span
    effect: AnyEffect

    @property
    def place_in_order(self) -> tuple[Instant, str, int, str]:
        return (self.order, self.announcement, self.index, self.track)


def tracks_of(effect: AnyEffect, announcement: str, index: int) -> Sequence[str]:
    """The tracks that an effect speaks of; each passage is a track of its own, since none replaces another."""
    match effect:
        case Impose() | Extend() | Ease() | Lift() | Permit() | Revoke():
            return (measure_track(effect.measure),)
        case Readiness():
            return [readiness_track(effect.party, effect.at, mode) for mode in effect.modes]
        case StageReached():
            return (stage_track(effect.instrument, effect.party),)
        case Control():
            return (control_track(effect.at),)
        case Pledge() | Fulfil() | Withdraw():
            return (pledge_track(effect.pledge),)
        case Passage():
            return (f"passage:{announcement}:{index}",)
        case _:
            assert_never(effect)


def period_of(effect: AnyEffect, announced: When, tz: tzinfo) -> tuple[Edge, Edge]:
    """Where an effect begins and ends in the world."""
    match effect:
        case Impose() | Extend() | Ease() | Lift() | Permit() | Revoke():
            begins = starts(effect.starts or announced, tz)
            return begins, ends(effect.last_day, effect.until, tz)
        case Readiness() | Control():
            return starts(effect.starts or announced, tz), NEVER_ENDS
        case StageReached() | Passage() | Fulfil() | Withdraw():
            return starts(effect.on or announced, tz), NEVER_ENDS
        case Pledge():
            return starts(announced, tz), NEVER_ENDS
        case _:
            assert_never(effect)


def assertions_of(version: Version, tz: tzinfo) -> Iterator[Assertion]:
    """All that a version of an announcement asserts, once for each span in which it is known."""
    content: Announcement | None = version.content
    if content is None:
        return
    for index, effect in enumerate(content.effect):
        begins, ending = period_of(effect, content.announced, tz)
        for track in tracks_of(effect, version.id, index):
            for span in version.spans:
                yield Assertion(track, version.order, version.id, index, version.number, begins, ending, span, effect)


@dataclass(frozen=True, eq=False)
class Assertions:
    """Assertions as columns, sorted by the order of §5; row i of every column is one assertion.

    Instants are microseconds UTC, positions those of the log; every `_to` and `ends` is exclusive.
    """

    tracks: tuple[str, ...]
    track: NDArray[np.int32]
    begins_earliest: IntArray
    begins_latest: IntArray
    ends_earliest: IntArray
    ends_latest: IntArray
    announced_from: IntArray
    announced_to: IntArray
    recorded_from: IntArray
    recorded_to: IntArray
    rows: tuple[Assertion, ...]

    @classmethod
    def of(cls, assertions: Iterable[Assertion]) -> "Assertions":
        rows = tuple(sorted(assertions, key=lambda row: row.place_in_order))
        names = tuple(dict.fromkeys(row.track for row in rows))
        number = {name: index for index, name in enumerate(names)}
        table = np.array(
            [(number[row.track], *row.begins, *row.ends, *row.span) for row in rows], dtype=np.int64
        ).reshape(len(rows), 9)
        columns = [np.ascontiguousarray(column) for column in table.T]
        return cls(names, columns[0].astype(np.int32), *columns[1:], rows=rows)  # type: ignore[misc, arg-type]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def track_count(self) -> int:
        return len(self.tracks)

    @cached_property
    def index(self) -> dict[str, int]:
        """The number of each track."""
        return {name: number for number, name in enumerate(self.tracks)}

    def known(self, known: Known) -> BoolArray:
        """Which rows had been announced and recorded by then, and not yet superseded."""
        said: BoolArray = (self.announced_from <= known.announced_by) & (known.announced_by < self.announced_to)
        stored: BoolArray = (self.recorded_from <= known.recorded_by) & (known.recorded_by < self.recorded_to)
        return said & stored

    def take(self, rows: IntArray) -> "Assertions":
        """The same tracks with some of the rows, given in ascending order."""
        return Assertions(
            self.tracks,
            self.track[rows],
            self.begins_earliest[rows],
            self.begins_latest[rows],
            self.ends_earliest[rows],
            self.ends_latest[rows],
            self.announced_from[rows],
            self.announced_to[rows],
            self.recorded_from[rows],
            self.recorded_to[rows],
            tuple(self.rows[row] for row in rows),
        )
