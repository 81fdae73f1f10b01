"""Warnings about a measure: effects that change nothing, and answers that hang on what is not said.

Source: design §5.
"""

from collections.abc import Hashable, Iterator
from itertools import combinations, groupby
from typing import NamedTuple

from tracker.model.dates import DAY, FOREVER, Edge, Instant
from tracker.model.effects import AnyEffect, Exempt, Extend, Impose, Lift, Permit, Revoke
from tracker.model.registry import Measure
from tracker.model.scope import Scope
from tracker.model.vocabulary import MeasureKind, MeasureLevel, MeasureState
from tracker.queries.reasons import moment_text
from tracker.state.measures import measure_standing, state_of
from tracker.state.record import View
from tracker.state.scope import beside_status
from tracker.state.tracks import prolongs
from tracker.timeline.assertions import Assertion, measure_track
from tracker.timeline.track_history import NOTHING, run_out

VERBS = {"lift": "lifts", "revoke": "revokes"}
SAYS_HOW = (
    "level", "only", "conditions", "when", "amount",
    "at", "direction", "modes", "traffic", "origin", "destination", "goods",
)  # fmt: skip


class Warned(NamedTuple):
    """A warning about an effect."""

    row: int  # of the assertion that the effect makes
    text: str


def warned_of(view: View, measure: Measure) -> Iterator[Warned]:
    """Warnings about the effects on a measure, and on the exemptions from it."""
    own = view.track(measure_track(measure.id))
    for track in (*([own] if own >= 0 else ()), *view.exemptions_from.get(measure.id, ())):
        said = _Said(view, measure, track)
        yield from said.out_of_order()
        for row in said.rows:
            if track == own:
                yield from said.idle(row)
                yield from said.hidden(row)
                yield from _outweighed(view, measure, row)
            else:
                yield from _exempt_from_nothing(view, measure, row)
            yield from said.covered(row)
            yield from said.burying(row)


class _Said:
    """The effects on one track, each beside those that stand before it in the order."""

    def __init__(self, view: View, measure: Measure, track: int) -> None:
        self._view, self._measure = view, measure
        self._course = view.course(track)
        self._every = self._course.rows
        self.rows = [row for row in self._every if self._is_about(track, row)]
        exemption = view.assertions.tracks[track].partition(":")[2]
        self._name = measure.id if track == view.track(measure_track(measure.id)) else f"exemption {exemption}"

    def _is_about(self, track: int, row: int) -> bool:
        """Whether an effect is about the track itself; the end of a measure is on the tracks of its exemptions, too."""
        on_exemption = track != self._view.track(measure_track(self._measure.id))
        effect = written(self._view, self._view.row(row))
        return not on_exemption or isinstance(effect, Exempt) or getattr(effect, "exemption", None) is not None

    def _meaning(self, row: int) -> Hashable:
        """The state in which a row leaves its track, and for whom and how: equal where rows say the same."""
        effect = self._view.said(row)
        if isinstance(effect, Lift | Revoke):
            return effect.type
        how = {key: getattr(effect, key, None) for key in SAYS_HOW}
        return (isinstance(effect, Exempt), *({**how, "level": how["level"] or self._measure.level}.values()))

    def _standing_before(self, row: int, at: Instant) -> int:
        """The row that would decide at an instant if only those before a row in the order were there; -1: none."""
        view = self._view
        earlier = (other for other in reversed(self._every) if other < row)
        return next((other for other in earlier if view.begins(other).latest <= at < view.ends(other)), NOTHING)

    def covered(self, row: int) -> Iterator[Warned]:
        """A new start or end that changes nothing, because an older statement covers it and says the same."""
        view, assertion = self._view, self._view.row(row)
        effect = written(view, assertion)
        if not isinstance(effect, Impose | Permit | Exempt):
            return
        begins, end = assertion.begins, assertion.ends.latest
        older = self._standing_before(row, begins.latest)
        if older == NOTHING or view.ends(older) < end or self._meaning(older) != self._meaning(row):
            return
        other = view.row(older)
        new_start = begins.earliest >= assertion.order + DAY and begins != other.begins
        if new_start or end < other.ends.latest:
            what, key = ("start", "from") if new_start else ("end", "last_day")
            text = (
                f"the new {what} of {self._name} changes nothing, as {other.announcement} says that it is in force "
                f"from {_date(view, other.begins)} {_until(view, other.ends)}: write `reschedule` with "
                f'of = "{_target(other)}" '
                f"and the new `{key}`{'' if new_start else ', or `lift` with `from`'}"
            )
            yield Warned(row, text)

    def burying(self, row: int) -> Iterator[Warned]:
        """An open end that is announced late, and covers changes that are on record since it began."""
        view, assertion = self._view, self._view.row(row)
        begins, announced = assertion.begins.latest, assertion.order
        if assertion.ends.latest < FOREVER or begins >= announced or self._course.winner(announced) != row:
            return
        standing = self._standing_before(row, announced)
        if (
            standing == NOTHING
            or view.begins(standing).latest <= begins
            or self._meaning(standing) == self._meaning(row)
        ):
            return
        later = [view.begins(other).latest for other in self._every if other < row]
        first = min(at for at in later if at > begins)
        text = (
            f"has no end and began {_date(view, assertion.begins)}, so it covers what "
            f"{view.row(standing).announcement} changed of {self._name} since: give it an end, such as "
            f"last_day = {moment_text(view, first - DAY)}; if it still applies, add an effect of its own that begins "
            "when this was announced"
        )
        yield Warned(row, text)

    def out_of_order(self) -> Iterator[Warned]:
        """Statements of one day whose order decides, where nothing says which comes last."""
        view = self._view
        for _, same in groupby(self._every, key=lambda row: view.assertions.order[row]):
            for one, other in combinations(same, 2):
                if self._depends_on_order(one, other):
                    names = view.row(one).announcement, view.row(other).announcement
                    text = (
                        f"says of {self._name} something else than {names[0]} on the same day, and only their names "
                        'say which comes last: write `after = ["…"]` in the later, or the hour of each'
                    )
                    yield Warned(other, text)

    def _depends_on_order(self, one: int, other: int) -> bool:
        view, course = self._view, self._course
        rows = view.row(one), view.row(other)
        names = rows[0].announcement, rows[1].announcement
        if names[0] == names[1] or self._meaning(one) == self._meaning(other):
            return False
        begins = max(row.begins.latest for row in rows)
        end = min(row.ends.latest for row in rows)
        points = [point for point in course.points if begins <= point < end]
        decide = any(course.winner(point) == other for point in points)
        own_places = all(_order(view, name) == row.order for name, row in zip(names, rows, strict=True))
        return decide and own_places and not (_names(view, *names) or _names(view, *reversed(names)))

    def idle(self, row: int) -> Iterator[Warned]:
        """An effect that lifts or revokes a measure which is not in force."""
        view, assertion, course = self._view, self._view.row(row), self._course
        just_before = assertion.begins.latest - 1
        before = course.winner(just_before)
        if before >= 0 and prolongs(view, before, row) and assertion.ends.latest > view.ends(before):
            return  # a suspension goes on
        state = state_of(view, before) if before >= 0 else None
        at_once = self._standing_before(row, assertion.begins.latest)  # imposed and suspended from one instant on
        if at_once >= 0 and state_of(view, at_once) is MeasureState.IN_FORCE:
            return
        settles_lapse = run_out(course.at(just_before)) >= 0
        idle = state in (MeasureState.LIFTED, MeasureState.REVOKED) or (state is None and not settles_lapse)
        if isinstance(assertion.effect, Lift | Revoke) and idle:
            verb, begins = VERBS[assertion.kind], _date(view, assertion.begins)
            text = f"{verb} {self._name}, which is not in force just before {begins}"
            if before >= 0 and view.row(before).order < assertion.order <= view.begins(before).latest:
                yield Warned(row, f'{text}: write `reschedule` with of = "{_target(view.row(before))}" to put that off')
            else:
                yield Warned(row, f"{text}: add what imposed it, mend the date, or leave this effect out")

    def hidden(self, row: int) -> Iterator[Warned]:
        """A scheduled change that a later announcement covers."""
        view, assertion = self._view, self._view.row(row)
        for later in self._every:
            other = view.row(later)
            covers = other.begins.latest <= assertion.begins.latest < other.ends.latest
            announced_between = assertion.begins.earliest > other.order > assertion.order
            if later > row and announced_between and covers and self._meaning(later) != self._meaning(row):
                text = (
                    f"the change of {self._name} scheduled for {_date(view, assertion.begins)} is covered by "
                    f"{other.announcement}, announced later: write `cancel` or `reschedule` there, with "
                    f'of = "{_target(assertion)}"'
                )
                yield Warned(row, text)


def _outweighed(view: View, measure: Measure, row: int) -> Iterator[Warned]:
    """A permission beside a restriction of the same authority, which holds all of it and outweighs it."""
    assertion = view.row(row)
    if measure.kind is not MeasureKind.PERMISSION or not isinstance(assertion.effect, Permit):
        return
    borders = (view.registry.crossings[place].border for place in measure.scope.at if place in view.registry.crossings)
    places = {*measure.scope.at, *borders}
    beside = {other.id: other for place in sorted(places) for other in view.measures_at(place)}
    for other in beside.values():
        restricts = other.kind is MeasureKind.RESTRICTION and other.authority == measure.authority
        holds = restricts and not beside_status(other) and _holds(view, other.scope, measure.scope)
        if holds and _bars_throughout(view, other, assertion):
            text = (
                f"permits {measure.id}, but {other.id} of {other.authority} bars all of it, and a bar outweighs a "
                f"permission: write `exempt` from {other.id}, or `lift` it"
            )
            yield Warned(row, text)


def _holds(view: View, outer: Scope, inner: Scope) -> bool:
    """Whether a scope holds all of another."""
    crossings = view.registry.crossings
    if any(
        place not in outer.at and (place not in crossings or crossings[place].border not in outer.at)
        for place in inner.at
    ):
        return False
    for key in Scope.model_fields.keys() - {"at", "goods"}:
        wider, narrower = getattr(outer, key), getattr(inner, key)
        if wider is None or wider == () or wider == narrower:
            continue
        if isinstance(wider, str) or not narrower or not {*narrower} <= {*wider}:
            return False
    return outer.goods is None or (
        inner.goods is not None
        and not any(code.startswith("!") for code in (*outer.goods, *inner.goods))
        and all(code.startswith(tuple(outer.goods)) for code in inner.goods)
    )


def _bars_throughout(view: View, measure: Measure, permission: Assertion) -> bool:
    """Whether a measure bars everybody as long as a permission is to last."""
    track = view.track(measure_track(measure.id))
    if track < 0:
        return False
    course, begins = view.course(track), permission.begins.latest
    points = [begins, *(at for at in course.points if begins < at < permission.ends.latest)]
    return all(_bars(view, measure, course.winner(at)) for at in points)


def _bars(view: View, measure: Measure, row: int) -> bool:
    effect: AnyEffect | None = view.said(row) if row >= 0 else None
    if not isinstance(effect, Impose | Extend) or effect.only or effect.when:
        return False
    return (effect.level or measure.level) is MeasureLevel.PROHIBITED


def _exempt_from_nothing(view: View, measure: Measure, row: int) -> Iterator[Warned]:
    """An exemption from a measure that is not in force when it begins, and was not going to be."""
    assertion = view.row(row)
    if not isinstance(assertion.effect, Exempt):
        return
    track, begins = view.track(measure_track(measure.id)), assertion.begins.latest
    if track >= 0:
        course = view.course(track)
        to_come = [at for at in course.points if begins < at < assertion.ends.latest]
        deciding = [course.winner(begins), *(course.winner(at) for at in to_come)]
        known = [row for row in deciding[1:] if row >= 0 and view.assertions.order[row] <= assertion.order]
        if any(row >= 0 and state_of(view, row) is MeasureState.IN_FORCE for row in (deciding[0], *known)):
            return
    state = measure_standing(view, measure, begins).state
    said = {MeasureState.LAPSED: "had run out", MeasureState.OVER: "was over", MeasureState.LIFTED: "was lifted"}
    text = (
        f"exempts from {measure.id}, which {said.get(state, 'was not in force')} on {_date(view, assertion.begins)}: "
        'where its words say that the measure stands, add an `extend` (or `impose`) with basis = "reported" before it'
    )
    yield Warned(row, text)


def written(view: View, assertion: Assertion) -> AnyEffect:
    """The effect as its file has it: the assertion leaves out dates and remarks."""
    return view.announcement(assertion.announcement).effect[assertion.index]


def _names(view: View, name: str, other: str) -> bool:
    """Whether a statement says, itself or through others, that another stands before it: by `after` or a relation."""
    waiting, seen = [name], {name}
    while waiting:
        version = view.version(waiting.pop())
        if version is not None and version.content is not None:
            related = (relation.announcement for relation in version.content.relation)
            new = {*version.content.after, *related} - seen
            seen |= new
            waiting += new
    return other in seen


def _order(view: View, name: str) -> Instant | None:
    """The place of an announcement in the order."""
    version = view.version(name)
    return None if version is None else version.order


def _target(assertion: Assertion) -> str:
    """The name of an effect, as `of` has it."""
    return f"{assertion.announcement}#{assertion.index + 1}"


def _date(view: View, edge: Edge) -> str:
    return moment_text(view, edge.latest) or "the beginning"


def _until(view: View, edge: Edge) -> str:
    return "without an end" if edge.latest >= FOREVER else f"until {moment_text(view, edge.latest)}"
