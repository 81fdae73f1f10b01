"""Short forms of `of`, for writing files: the id of a measure, text, exemption or pledge with one change to be moved.

Only `"<announcement>#<n>"`, or the id of an exemption or pledge, is stored. Source: design §4, §9.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tracker.dataset.plan_rules import Plan, missing_keys, short_forms
from tracker.model.announcement import Announcement, Correction, Retraction, Statement, announced_at
from tracker.model.dates import DAY, FOREVER, Edge
from tracker.model.effects import AnyEffect, Cancel, Exempt, Pledge, Reschedule, StageReached, names_of
from tracker.model.errors import Problem
from tracker.queries.lint import Locate
from tracker.queries.reasons import day
from tracker.queries.supposed import supposing
from tracker.state.record import Record, View
from tracker.timeline.assertions import Assertion, exemption_track, measure_track, pledge_track, stage_track
from tracker.timeline.knowledge import Known

MAX_LISTED = 6  # changes in a message


def resolved(
    record: Record, statements: Sequence[Statement], locate: Locate
) -> tuple[tuple[Statement, ...], list[Problem]]:
    """Statements with every `of` as it is stored, and the problems where a short form does not name one change.

    Args: record: what is on record before them; statements: in the order in which they are recorded.
    """
    short = [statement for statement in statements if short_forms(statement)]
    if not short:
        return tuple(statements), []
    names = {statement.id for statement in short}
    before = supposing(record, [statement for statement in statements if statement.id not in names])
    written: dict[str, Statement] = {}
    problems: list[Problem] = []
    said: Statement | None = None  # the one before, which the next may move
    for statement in short:
        before = before if said is None else supposing(before, [said])
        targets: dict[int, str] = {}
        for number, plan in short_forms(statement).items():
            target = _target(_view(before, statement), plan)
            if isinstance(target, Unresolved):
                problems.append(Problem(locate(statement.id, number), target.message))
            else:
                targets[number] = target
        said = written[statement.id] = _written(statement, targets)
    return tuple(written.get(statement.id, statement) for statement in statements), problems


def _written(statement: Statement, targets: Mapping[int, str]) -> Statement:
    """A statement with the targets of its plans, by the number of the effect."""
    if isinstance(statement, Announcement):
        effects = [
            effect.model_copy(update={"of": targets[number]}) if number in targets else effect
            for number, effect in enumerate(statement.effect)
        ]
        return statement.model_copy(update={"effect": tuple(effects)})
    assert isinstance(statement, Correction)
    patched = [
        {**effect, "of": targets[number]} if number in targets else effect
        for number, effect in enumerate(statement.replace["effect"])
    ]
    return statement.model_copy(update={"replace": {**statement.replace, "effect": patched}})


def _view(record: Record, statement: Statement) -> View:
    """The view of all that others had announced by the day on which a statement stands in the order."""
    at = announced_at(statement, record.tz)
    if isinstance(statement, Correction) and (history := record.announcements.get(statement.corrects)):
        at, original = history[0].order, history[0].statement
        unsaid = {"id": statement.id, "retracts": statement.corrects, "reason": statement.reason}
        record = supposing(record, [Retraction(announced=original.announced, **unsaid)])
    return record.at(Known(announced_by=at + DAY - 1))


class Unresolved(NamedTuple):
    """Why a short form names no change, and what to write."""

    message: str


class _Change(NamedTuple):
    """An announced change that has not ended."""

    target: str  # the effect that announced it, as `of` names it
    effect: AnyEffect
    begins: Edge
    ends: Edge
    pending: bool  # its start has not come


def _target(view: View, plan: Plan) -> str | Unresolved:
    """The change that a plan moves, as it is stored."""
    name = str(plan["of"])
    changes = list({change.target: change for change in _changes(view, name)}.values())
    fitting = [change for change in changes if _can_move(plan, change)]
    if len(fitting or changes) == 1:
        [change] = fitting or changes
        several = names_of(getattr(change.effect, "measure", None))
        if len(several) > 1 and name in several:
            others = " and ".join(other for other in several if other != name)
            return Unresolved(f'{change.target} is about {others}, too: write of = "{change.target}" to move all of it')
        for key in missing_keys(plan, change.effect):
            return Unresolved(f"{change.target} is of type {change.effect.type}, which has no `{key}`: leave it out")
        return name if isinstance(change.effect, Exempt | Pledge) else change.target
    if not changes and name not in view.registry.measures and name not in view.registry.instruments:
        return name  # an exemption or pledge: what cannot be done with it is said where plans are checked
    if not changes:
        return Unresolved(
            f"nothing that was announced of {name} is to come or running on that day: name the effect that is meant "
            'as "<announcement>#<n>"'
        )
    listed = "; ".join(_in_words(view, change) for change in (fitting or changes)[:MAX_LISTED])
    return Unresolved(f"{name} has {len(fitting or changes)} changes that may be meant: write one of them, {listed}")


def _can_move(plan: Plan, change: _Change) -> bool:
    """Whether a plan may be about a change: a start that has come is neither put off nor cancelled."""
    movable = isinstance(change.effect, Pledge) or change.pending
    return movable or (plan["type"] == "reschedule" and "from" not in plan)


def _changes(view: View, name: str) -> Iterator[_Change]:
    """The changes of a measure, text, exemption or pledge that are to come or running on the last day that is known."""
    at = view.known.announced_by - DAY + 1
    for track in _tracks(view, name):
        winner = view.course(track).winner(at)
        for row in view.rows_of(track):
            assertion = view.row(row)
            pending = assertion.begins.latest + DAY > at
            if not pending and row != winner:
                continue
            target, effect = _origin(view, assertion)
            if effect is not None and _is_about(effect, target, name) and (pending or _has_an_end(assertion)):
                yield _Change(target, effect, assertion.begins, assertion.ends, pending)


def _tracks(view: View, name: str) -> Iterator[int]:
    for whole in (measure_track(name), stage_track(name), exemption_track(name), pledge_track(name)):
        for track, found in view.assertions.beginning(whole):
            if found == whole or found.startswith(whole + ":"):
                yield track


def _origin(view: View, assertion: Assertion) -> tuple[str, AnyEffect | None]:
    """The effect that announced what an assertion says, whatever moved it since; with its name in `of`."""
    target, seen = f"{assertion.announcement}#{assertion.index + 1}", set[str]()
    while target not in seen:
        seen.add(target)
        announcement, _, number = target.partition("#")
        version = view.version(announcement)
        if version is None or version.content is None or int(number) > len(version.content.effect):
            break
        effect = version.content.effect[int(number) - 1]
        if not isinstance(effect, Reschedule | Cancel):
            return target, effect
        if "#" not in effect.of:
            made = [row for track in _tracks(view, effect.of) for row in view.rows_of(track)]
            effects = (view.effect(row) for row in made)
            return effect.of, next((one for one in effects if isinstance(one, Exempt | Pledge)), None)
        target = effect.of
    return target, None


def _is_about(effect: AnyEffect, target: str, name: str) -> bool:
    """Whether an effect is itself about a thing, and not about what has ended it."""
    announcement, _, number = target.partition("#")
    if isinstance(effect, Exempt):
        return name in (effect.exemption or f"{announcement}-{number}", target)
    named = (getattr(effect, key, None) for key in ("exemption", "pledge", "instrument"))
    return name in (*named, *names_of(getattr(effect, "measure", None)))


def _has_an_end(assertion: Assertion) -> bool:
    """Whether what is running may still end: an ending for good, or a stage that is reached, is not running."""
    return not isinstance(assertion.effect, StageReached) and (
        assertion.kind not in ("lift", "revoke", "fulfil", "withdraw") or assertion.ends.latest < FOREVER
    )


def _in_words(view: View, change: _Change) -> str:
    start = f", from {day(view, change.begins)}" if change.begins.latest < FOREVER else ", without a date yet"
    end = f" until {day(view, change.ends)}" if change.ends.latest < FOREVER else ""
    return f'"{change.target}" ({change.effect.type}{start}{end})'
