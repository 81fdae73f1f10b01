"""Preview: the changes that statements would make, found by comparing the record with and without them."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from pydantic import Field

from tracker.model.announcement import Statement
from tracker.model.dates import BEGINNING, FOREVER, moment
from tracker.model.effects import Impose
from tracker.model.errors import Severity
from tracker.model.registry import Measure
from tracker.queries.answer_base import DATE, Answer, UntilField
from tracker.queries.change_answers import SubjectOrLane
from tracker.queries.changes import NOTHING_YET, StatusSpan, differing
from tracker.queries.clocks import Clocks
from tracker.queries.history import status_changes
from tracker.queries.lint import Locate, remarks_on
from tracker.queries.promises import promises
from tracker.queries.reasons import lane_words, moment_text
from tracker.queries.selection import Selection, Stateful, identity
from tracker.queries.supposed import SupposedAnnouncements, supposing
from tracker.queries.touched import Touched, name_of
from tracker.state.lanes import Lane
from tracker.state.measures import exemptions, limits_of
from tracker.state.record import Record, View
from tracker.timeline.assertions import measure_track


class PreviewChange(SubjectOrLane):
    """A span of time in which the status of a lane, measure or text would be another."""

    begins: str | None = Field(alias="from", description=f"Start; null: before the record begins. {DATE}")
    until: UntilField
    before: str = Field(description="Status without the statements.")
    after: str = Field(description="Status with the statements.")
    otherwise_before: str | None = Field(description="Status of the rest of the flow without the statements.")
    otherwise_after: str | None = Field(description="Status of the rest of the flow with the statements.")
    reason: str = Field(description="Reason for the status with the statements, in words.")
    words: str = Field(description="The change in words, without its dates.")


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
    names = [name_of(statement) for statement in statements]
    touched = Touched(record, SupposedAnnouncements(record, statements), names)
    part = touched.part()
    supposed = supposing(part, statements)
    before, after = part.view, supposed.view
    measures = [after.registry.measures[name] for name in touched.measures]
    remarks = remarks_on(after, measures, names, moment(clocks.as_of, record.tz))
    return PreviewAnswer(
        statements=tuple(statement.id for statement in statements),
        changes=tuple(change for subject in touched.subjects for change in _changes(before, after, subject)),
        pledges=tuple(_pledges(part, supposed, clocks)),
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


def _changes(before: View, after: View, name: str) -> Iterator[PreviewChange]:
    subject, everything = after.registry.with_state[name], Selection()
    old = dict(status_changes(before, subject, everything)) if name in before.registry.with_state else {}
    new = dict(status_changes(after, subject, everything))
    for lane in dict.fromkeys((*old, *new)):
        for span in differing(old.get(lane, []), new.get(lane, [])):
            yield _change(after, subject, lane, span)


def _change(view: View, subject: Stateful, lane: Lane | None, span: StatusSpan) -> PreviewChange:
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
        words=f"{lane_words(subject.id, lane)}: {span.before} → {span.after}",
    )


def _pledges(record: Record, supposed: Record, clocks: Clocks) -> Iterator[PreviewPledge]:
    old, new = _outcomes(record, clocks), _outcomes(supposed, clocks)
    for pledge in dict.fromkeys((*old, *new)):
        before, after = old.get(pledge, NOTHING_YET), new.get(pledge, NOTHING_YET)
        if before != after:
            words = f"pledge {pledge}: {before} → {after}"
            yield PreviewPledge(pledge=pledge, before=before, after=after, words=words)


def _outcomes(record: Record, clocks: Clocks) -> Mapping[str, str]:
    return {pledge.pledge: pledge.status.value for pledge in promises(record, clocks)}
