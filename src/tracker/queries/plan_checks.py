"""Changes of plans that cannot be: refused with the effect to write instead. Source: design §5."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from tracker.model.announcement import Announcement
from tracker.model.dates import DAY, FOREVER, Edge, Instant, ends, starts
from tracker.model.effects import AnyEffect, Cancel, Extend, Reschedule
from tracker.model.errors import Problem
from tracker.model.registry import Measure
from tracker.model.vocabulary import MeasureState
from tracker.queries.lint import Locate
from tracker.queries.reasons import day
from tracker.queries.touched import effects_of, tracks_touched
from tracker.state.force import is_over
from tracker.state.record import Record, View
from tracker.timeline.assertions import Assertion, exemption_track, measure_track, period_of, pledge_track, tracks_of
from tracker.timeline.knowledge import Known
from tracker.timeline.plans import prolonged


def refusals(record: Record, new: Collection[Announcement], locate: Locate) -> list[Problem]:
    """The problems of statements whose changes of plans cannot be, given what is on the record."""
    planning = [one for one in new if any(isinstance(effect, Extend | Reschedule | Cancel) for effect in one.effect)]
    if not planning:
        return []
    record = record.about(tracks_touched(record, effects_of(record.announcements, planning)))
    problems = []
    for announcement in planning:
        at = starts(announcement.announced, record.tz).latest
        for number, effect in enumerate(announcement.effect):
            if isinstance(effect, Extend | Reschedule | Cancel):
                check = _Check(record.at(Known(announced_by=at + DAY - 1)), announcement, number, at)
                problems += [Problem(locate(announcement.id, number), text) for text in check.texts(effect)]
    return problems


class Plan(NamedTuple):
    """An announced change: its type of effect, its start and its end."""

    kind: str
    begins: Edge
    ends: Edge


class _Check:
    """One effect, seen with what had been announced by its day."""

    def __init__(self, view: View, announcement: Announcement, number: int, at: Instant) -> None:
        self._view, self._announcement, self._number, self._at = view, announcement, number, at

    def texts(self, effect: AnyEffect) -> Iterator[str]:
        """The reasons for which the effect is refused."""
        match effect:
            case Extend():
                for track in tracks_of(effect, self._announcement.id, self._number):
                    yield from self._extension(effect, track)
            case Reschedule() | Cancel():
                if (row := self._target(effect.of)) is None:
                    yield f"{effect.of} says nothing that could be moved: it was cancelled, retracted or never dated"
                elif isinstance(effect, Cancel):
                    if self._has_begun(row):
                        yield f"{effect.of} began {self._day(row.begins)}, so it cannot be cancelled: write `lift`"
                else:
                    yield from self._rescheduling(effect, row)

    def _rows(self, track: str, view: View | None = None) -> list[Assertion]:
        """The rows of a track that stand before the effect. Args: view: None: with what was announced on its day."""
        view = view or self._view
        number = view.track(track)
        rows = [view.row(row) for row in view.rows_of(number)] if number >= 0 else []
        return [row for row in rows if row.announcement != self._announcement.id or row.index < self._number]

    def _extension(self, effect: Extend, track: str) -> Iterator[str]:
        name = track.partition(":")[2]
        if track.startswith(exemption_track("")) and self._view.track(track) < 0:
            return  # from several measures at once, or unknown: a rule of files says so
        rows = [row for row in self._rows(track) if row.order <= self._at]
        covering = [row for row in rows if row.begins.latest <= self._at < row.ends.latest]
        if covering and covering[-1].kind in ("lift", "revoke"):
            yield (
                f"{name} is {MeasureState.LIFTED} since {self._day(covering[-1].begins)}, and what is lifted cannot be "
                f"extended: write `{covering[-1].kind}` with the new end to prolong that, or `impose`"
            )
            return
        target = prolonged(rows, self._at)
        if target is None:
            yield f"nothing of {name} is on the record that could be extended: write `impose`"
        elif self._over(track, target):
            yield f"{name} was over {self._day(target.ends)} by its own terms: write `impose` for a new period"
        elif target.ends.latest == FOREVER:
            yield f"{name} is in force without an end, so there is none to extend: write `lift` with `from` to end it"
        elif ends(effect.last_day, effect.until, self._view.tz).latest <= target.ends.latest:
            yield (
                f"{name} goes on until {self._day(target.ends)} already: "
                "write `reschedule` for an earlier end, or `lift`"
            )

    def _over(self, track: str, target: Assertion) -> bool:
        measure = self._view.registry.measures.get(track.removeprefix(measure_track("")))
        row = next(iter(self._view.rows_of(self._view.track(track))))
        return (
            isinstance(measure, Measure)
            and target.ends.latest <= self._at
            and is_over(self._view, measure, self._number_of(target, row))
        )

    def _number_of(self, target: Assertion, first: int) -> int:
        track = int(self._view.assertions.track[first])
        return next(row for row in self._view.rows_of(track) if self._view.row(row) is target)

    def _target(self, of: str) -> Plan | None:
        """The plan that is named, as it stood before the day of the effect; None where there is none."""
        name, _, number = of.partition("#")
        before = self._view.record.at(self._view.known._replace(announced_by=self._at - 1))
        if not number:
            tracks = (exemption_track(name), pledge_track(name))
            rows = [row for view in (self._view, before) for track in tracks for row in self._rows(track, view)]
            made = next((row for row in reversed(rows) if row.kind in ("exempt", "pledge")), None)
            return None if made is None else Plan(made.kind, made.begins, made.ends)
        version = self._view.version(name)
        if version is None or version.content is None or int(number) > len(version.content.effect):
            return None
        effect, index = version.content.effect[int(number) - 1], int(number) - 1
        if isinstance(effect, Reschedule):
            return self._target(effect.of)
        if before.version(name) is None:  # announced on the same day
            start, last_day, until = period_of(effect)
            tz = self._view.tz
            return Plan(effect.type, starts(start or version.content.announced, tz), ends(last_day, until, tz))
        for track in tracks_of(effect, name, index):
            number_of_track = before.track(track)
            for row in before.rows_of(number_of_track) if number_of_track >= 0 else ():
                assertion = before.row(row)
                moved = assertion.order == version.order and _is_change(before, assertion)
                if (assertion.announcement, assertion.index) == (name, index) or moved:
                    return Plan(assertion.kind, assertion.begins, assertion.ends)
        return None

    def _has_begun(self, row: Plan) -> bool:
        """Whether the latest day of a start is past."""
        return row.kind != "pledge" and row.begins.latest + DAY <= self._at

    def _rescheduling(self, effect: Reschedule, row: Plan) -> Iterator[str]:
        if effect.starts is not None and self._has_begun(row):
            yield f"{effect.of} began {self._day(row.begins)}, so its start cannot be moved: write `lift`, or `impose`"
        if effect.last_day is None and effect.until is None:
            return
        end = ends(effect.last_day, effect.until, self._view.tz)
        if end.latest <= self._at:
            yield f"the new end of {effect.of} is before the day of this statement: write `lift`"
        elif effect.starts is None and end.latest > row.ends.latest:
            yield f"{effect.of} ends {self._day(row.ends)}, and a later end is an extension: write `extend`"

    def _day(self, edge: Edge) -> str:
        return day(self._view, edge) or "never"


def _is_change(view: View, assertion: Assertion) -> bool:
    content = view.announcement(assertion.announcement)
    return assertion.index < len(content.effect) and isinstance(content.effect[assertion.index], Reschedule)
