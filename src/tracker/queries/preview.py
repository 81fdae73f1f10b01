"""Preview: the changes that statements would make, found by comparing the record with and without them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from pydantic import Field

from tracker.model.announcement import Statement
from tracker.model.dates import BEGINNING, FOREVER, Instant, is_midnight, moment
from tracker.model.effects import AnyEffect, Cancel, Impose, Reschedule, names_of
from tracker.model.errors import Severity
from tracker.model.registry import Corridor, Crossing, Instrument, Measure
from tracker.queries.answers import DATE, Answer, UntilField
from tracker.queries.change_answers import ChangeAnswer, SubjectOrLane
from tracker.queries.clocks import Clocks
from tracker.queries.history import StatusChange, status_changes
from tracker.queries.lint import Locate, remarks_on
from tracker.queries.promises import promises
from tracker.queries.reasons import lane_words, moment_text
from tracker.queries.selection import Selection, Stateful, identity
from tracker.queries.supposed import supposing
from tracker.state.lanes import Lane, gates, lanes
from tracker.state.measures import exemptions, limits_of
from tracker.state.record import Record, View
from tracker.timeline.assertions import measure_track

NOTHING_YET = "none"  # status of a measure or text before its first announcement


class PreviewChange(SubjectOrLane):
    """A span of time in which the status of a lane, measure or text would be another."""

    begins: str | None = Field(alias="from", description=f"Start; null: before the record begins. {DATE}")
    until: UntilField
    before: str = Field(description="Status without the statements.")
    after: str = Field(description="Status with the statements.")
    otherwise_before: str | None = Field(description="Status of the rest of the flow without the statements.")
    otherwise_after: str | None = Field(description="Status of the rest of the flow with the statements.")
    reason: str = Field(description="Reason for the status with the statements, in words.")
    words: str = Field(description="The change in words, with its last day.")


class PreviewPledge(Answer):
    """A pledge whose outcome would be another at the date asked about."""

    pledge: str = Field(description="Id of the pledge.")
    before: str = Field(description="Outcome without the statements.")
    after: str = Field(description="Outcome with the statements.")
    words: str = Field(description="The change in words.")


class PreviewExemption(Answer):
    """An exemption that stays in force when statements impose its measure again."""

    exemption: str = Field(description="Id of the exemption.")
    measure: str = Field(description="Id of the measure from which it exempts.")
    words: str = Field(description="What stays, in words.")


class PreviewAnswer(Answer):
    """The changes that statements would make."""

    statements: tuple[str, ...] = Field(description="Ids of the statements.")
    changes: tuple[PreviewChange, ...] = Field(description="Every span of time in which a status would be another.")
    pledges: tuple[PreviewPledge, ...] = Field(description="Every pledge whose outcome would be another.")
    exemptions: tuple[PreviewExemption, ...] = Field(
        (), description="Exemptions that stay in force although their measure is imposed again."
    )
    warnings: tuple[str, ...] = Field((), description="Remarks that the coder should check.")


def preview(record: Record, statements: Sequence[Statement], clocks: Clocks, locate: Locate) -> PreviewAnswer:
    """Compare the record with and without statements, which must pass `tracker.dataset.rules`.

    Args: clocks: for the comparison of pledges; statuses are compared at all times; locate: for the warnings.
    """
    supposed = supposing(record, statements)
    before, after = record.view, supposed.view
    touched = frozenset(_touched(statements, before, after))
    measures = [after.registry.measures[name] for name in sorted(touched) if name in after.registry.measures]
    names = [name_of(statement) for statement in statements]
    changes = [
        change
        for subject in after.registry.with_state.values()
        if _may_change(after, subject, touched)
        for change in _changes(before, after, subject)
    ]
    pledges = tuple(_pledges(record, supposed, clocks))
    remarks = remarks_on(after, measures, names, moment(clocks.as_of, record.tz))
    return PreviewAnswer(
        statements=tuple(statement.id for statement in statements),
        changes=tuple(changes),
        pledges=pledges,
        exemptions=tuple(kept for measure in measures for kept in _exemptions_kept(after, measure, names)),
        warnings=tuple(
            f"{locate(one.announcement, one.number)}: {one.message}"
            for one in remarks
            if one.announcement in names and one.severity is Severity.WARNING
        ),
    )


def _exemptions_kept(view: View, measure: Measure, names: Collection[str]) -> Iterator[PreviewExemption]:
    """The exemptions from a measure that some announcements impose, where these leave them in force."""
    kept = {}
    track = view.track(measure_track(measure.id))
    for row in view.rows_of(track) if track >= 0 else ():
        assertion = view.row(row)
        if assertion.announcement in names and isinstance(assertion.effect, Impose):
            for exempting in exemptions(view, measure, assertion.begins.latest):
                exemption = view.row(exempting)
                if exemption.announcement not in names:
                    kept[exemption.track.split(":")[1]] = exemption
    for name, exemption in kept.items():
        who = f" ({'; '.join(limits)})" if (limits := limits_of(exemption.effect)) else ""
        end = moment_text(view, exemption.ends.latest)
        until = f" until {end}" if end else ""
        words = f"exemption {name}{who} from {measure.id} stays in force{until}: `lift` it if it is to end"
        yield PreviewExemption(exemption=name, measure=measure.id, words=words)


def name_of(statement: Statement) -> str:
    """The announcement that a statement makes, corrects or retracts."""
    return getattr(statement, "corrects", None) or getattr(statement, "retracts", None) or statement.id


def _touched(statements: Iterable[Statement], *views: View) -> Iterator[str]:
    """Ids of the subjects and places on which statements bear in any of the views, with the scopes of measures."""
    for view in views:
        names = {name_of(statement) for statement in statements}
        contents = [content[1] for name in sorted(names) if (content := view.contents.get(name))]
        for effect in (effect for content in contents for effect in content.effect):
            yield from _touched_by(view, effect)


def _touched_by(view: View, effect: AnyEffect) -> Iterator[str]:
    at = getattr(effect, "at", None) or ()
    for place in (at,) if isinstance(at, str) else at:
        yield place
        yield from _gates(view, place)
    if instrument := getattr(effect, "instrument", None):
        yield instrument
    named = {*names_of(getattr(effect, "measure", None)), *_exempted(view, getattr(effect, "exemption", None))}
    for name in sorted(named & view.registry.measures.keys()):
        yield name
        yield from view.registry.measures[name].scope.at
    if isinstance(effect, Reschedule | Cancel):
        announcement, _, number = effect.of.partition("#")
        for name in sorted(_exempted(view, effect.of)):
            yield name
            yield from view.registry.measures[name].scope.at
        target = view.contents.get(announcement)
        if target is not None and number and int(number) <= len(target[1].effect):
            yield from _touched_by(view, target[1].effect[int(number) - 1])


def _exempted(view: View, exemption: str | None) -> set[str]:
    """The measures from which an exemption exempts."""
    tracks = view.assertions.tracks
    return {
        measure
        for measure, numbers in view.exemptions_from.items()
        if exemption is not None and any(tracks[number].split(":")[1] == exemption for number in numbers)
    }


def _gates(view: View, place: str) -> Iterator[str]:
    """The gates of a corridor or crossing, as its traffic passes them."""
    subject = view.registry.with_state.get(place)
    if isinstance(subject, Corridor | Crossing):
        yield from (gate for lane in lanes(view.registry, subject) for gate in gates(lane))


def _may_change(view: View, subject: Stateful, touched: frozenset[str]) -> bool:
    """Whether effects on some subjects and places can change the status of a subject."""
    if isinstance(subject, Measure | Instrument):
        return subject.id in touched
    return any(not touched.isdisjoint(lane.places) for lane in lanes(view.registry, subject))


def _changes(before: View, after: View, subject: Stateful) -> Iterator[PreviewChange]:
    everything = Selection()
    old = dict(status_changes(before, subject, everything)) if subject.id in before.registry.with_state else {}
    new = dict(status_changes(after, subject, everything))
    for lane in dict.fromkeys((*old, *new)):
        for span in _differing(old.get(lane, []), new.get(lane, [])):
            yield _change(after, subject, lane, span)


class Statuses(NamedTuple):
    """A status, and that of the rest of the flow where only a part has it."""

    status: str
    otherwise: str | None

    def __str__(self) -> str:
        return self.status if self.otherwise is None else f"{self.status} (the rest {self.otherwise})"


class StatusSpan(NamedTuple):
    """A span of time with one status before and another after."""

    begin: Instant
    end: Instant  # exclusive
    before: Statuses
    after: Statuses
    reason: str  # for the status after


def _differing(old: Sequence[StatusChange], new: Sequence[StatusChange]) -> Iterator[StatusSpan]:
    """The longest spans in which both statuses stay the same and differ."""
    cuts = sorted({BEGINNING, *(change.at for change in (*old, *new))})
    spans: list[StatusSpan] = []
    for begin, end in zip(cuts, [*cuts[1:], FOREVER], strict=True):
        before, after = _at(old, begin), _at(new, begin)
        span = StatusSpan(begin, end, _status(before), _status(after), after.reason if after else "")
        if span.before == span.after:
            continue
        last = spans[-1] if spans else None
        if last and last.end == begin and (last.before, last.after) == (span.before, span.after):
            spans[-1] = last._replace(end=end)
        else:
            spans.append(span)
    yield from spans


def _at(changes: Sequence[StatusChange], at: Instant) -> ChangeAnswer | None:
    return next((change.change for change in reversed(changes) if change.at <= at), None)


def _status(change: ChangeAnswer | None) -> Statuses:
    return Statuses(change.status, change.otherwise) if change else Statuses(NOTHING_YET, None)


def _change(view: View, subject: Stateful, lane: Lane | None, span: StatusSpan) -> PreviewChange:
    words = f"{lane_words(subject.id, lane)}: {span.before} → {span.after}{_when(view, span.begin, span.end)}"
    return PreviewChange(
        **identity(subject, lane),
        name=subject.name or subject.id,
        begins=None if span.begin <= BEGINNING else moment_text(view, span.begin),
        until=None if span.end >= FOREVER else moment_text(view, span.end),
        before=span.before.status,
        after=span.after.status,
        otherwise_before=span.before.otherwise,
        otherwise_after=span.after.otherwise,
        reason=span.reason,
        words=words,
    )


def _when(view: View, begin: Instant, end: Instant) -> str:
    """A span in words, with its last day."""
    if begin <= BEGINNING:
        return "" if end >= FOREVER else f", until {_day(view, end, last=True)}"
    if end >= FOREVER:
        return f", from {_day(view, begin)}"
    first, last = moment(begin, view.tz), moment(end - 1, view.tz)
    whole = is_midnight(first) and is_midnight(moment(end, view.tz))
    if whole and first.date() == last.date():
        return f", {_day(view, begin)}"
    if whole and (first.year, first.month) == (last.year, last.month):
        return f", {first.day}–{_day(view, end, last=True)}"
    return f", {_day(view, begin)} – {_day(view, end, last=True)}"


def _day(view: View, at: Instant, *, last: bool = False) -> str:
    local = moment(at, view.tz)
    if not is_midnight(local):
        return f"{local.day} {local:%b %Y %H:%M}"
    shown = local - timedelta(days=1) if last else local
    return f"{shown.day} {shown:%b %Y}"


def _pledges(record: Record, supposed: Record, clocks: Clocks) -> Iterator[PreviewPledge]:
    old, new = _outcomes(record, clocks), _outcomes(supposed, clocks)
    for pledge in dict.fromkeys((*old, *new)):
        before, after = old.get(pledge, NOTHING_YET), new.get(pledge, NOTHING_YET)
        if before != after:
            words = f"pledge {pledge}: {before} → {after}"
            yield PreviewPledge(pledge=pledge, before=before, after=after, words=words)


def _outcomes(record: Record, clocks: Clocks) -> Mapping[str, str]:
    return {pledge.pledge: pledge.status.value for pledge in promises(record, clocks)}
