"""What each required authority's word amounts to at each place of a lane. Source: design §6, steps 1 to 6."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tracker.model.dates import FOREVER, Instant
from tracker.model.effects import Ease, Extend, Impose, Permit
from tracker.model.registry import Measure
from tracker.model.vocabulary import Level, MeasureKind, MeasureLevel
from tracker.state.paths import Lane, Step
from tracker.state.record import Decided, View
from tracker.state.scope import ANYTHING, Coverage, Question, coverage, eased, named
from tracker.timeline.assertions import measure_track

WORST_FIRST = {level: rank for rank, level in enumerate(Level)}
NOTHING = -1  # no row: no assertion decides


@dataclass(frozen=True, slots=True)
class Cause:
    """One authority's word, or silence, at one place."""

    place: str
    authority: str
    level: Level
    measure: str | None = None
    row: int = NOTHING  # the assertion that decides; of a lapsed measure the one that ended last
    lapsed: bool = False
    required: bool = True  # False: somebody whose leave is not needed stands in the way


@dataclass(frozen=True, slots=True)
class Rule:
    """A measure as it bears on one place of a lane."""

    measure: Measure
    track: int
    place: str
    coverage: Coverage
    step: Step | None  # None: it is about the corridor as a whole


@dataclass(frozen=True, slots=True)
class Requirement:
    """Somebody's leave that is needed at a place, and every measure of theirs that bears on it."""

    place: str
    authority: str
    assumed: bool
    restrictions: tuple[Rule, ...]
    permissions: tuple[Rule, ...]

    @property
    def silent(self) -> bool:
        """Whether nothing was ever announced that bears on it."""
        return all(rule.track < 0 for rule in (*self.restrictions, *self.permissions))

    @property
    def silence(self) -> Cause:
        """What it amounts to where no measure says anything."""
        return Cause(self.place, self.authority, Level.ASSUMED if self.assumed else Level.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Leave:
    """All the leave that a lane needs, and whose restrictions bear on it without being asked for leave."""

    requirements: tuple[Requirement, ...]  # those on which something was announced
    silences: tuple[Cause, ...]  # the others: always the same
    others: tuple[Rule, ...]

    @property
    def tracks(self) -> set[int]:
        """The tracks that can change what it amounts to."""
        rules = [rule for each in self.requirements for rule in (*each.restrictions, *each.permissions)]
        return {rule.track for rule in (*rules, *self.others) if rule.track >= 0}


def leave(view: View, lane: Lane, question: Question = ANYTHING) -> Leave:
    """Find who must give leave along a lane, and by which measures they speak."""
    by_place = view.measures_at
    whole = by_place.get(lane.subject, ()) if lane.subject in view.registry.corridors else ()
    of_the_whole = list(_rules(view, whole, lane, None, question))
    requirements: list[Requirement] = []
    others: list[Rule] = []
    asked = {authority for step in lane.steps for authority in step.authorities}
    for step in lane.steps:
        named_here = {measure.id: measure for name in step.matches for measure in by_place.get(name, ())}
        here = list(_rules(view, named_here.values(), lane, step, question))
        for authority in step.authorities:
            own = [rule for rule in (*here, *of_the_whole) if rule.measure.authority == authority]
            requirements.append(
                Requirement(
                    step.place,
                    authority,
                    step.assumed,
                    tuple(rule for rule in own if rule.measure.kind is MeasureKind.RESTRICTION),
                    tuple(rule for rule in own if rule.measure.kind is MeasureKind.PERMISSION),
                )
            )
        others.extend(rule for rule in here if _bars(rule) and rule.measure.authority not in step.authorities)
    others.extend(rule for rule in of_the_whole if _bars(rule) and rule.measure.authority not in asked)
    spoken = tuple(each for each in requirements if not each.silent)
    silences = tuple(each.silence for each in requirements if each.silent)
    return Leave(spoken, silences, tuple(others))


def _bars(rule: Rule) -> bool:
    return rule.measure.kind is MeasureKind.RESTRICTION


def _rules(
    view: View, measures: Iterable[Measure], lane: Lane, step: Step | None, question: Question
) -> Iterator[Rule]:
    for measure in measures:
        covered = coverage(measure.scope, lane, step, question)
        if covered is not Coverage.NONE:
            place = lane.subject if step is None else step.place
            yield Rule(measure, view.track(measure_track(measure.id)), place, covered, step)


def causes(view: View, lane: Lane, needed: Leave, decided: Decided, question: Question = ANYTHING) -> list[Cause]:
    """Everybody's word along a lane, worst first, with what decides every track at some instant."""
    found: dict[Cause, None] = dict.fromkeys(needed.silences)
    for requirement in needed.requirements:
        found.update(dict.fromkeys(_word(view, lane, requirement, decided, question)))
    for rule in needed.others:
        for cause in _in_force(view, lane, rule, decided, question, required=False):
            if cause.level in (Level.PROHIBITED, Level.RESTRICTED):
                found[cause] = None
    position = {step.place: number for number, step in enumerate(lane.steps)}
    return sorted(found, key=lambda cause: _urgency(view, cause, position))


def _urgency(view: View, cause: Cause, position: Mapping[str, int]) -> tuple[int, int, Instant]:
    """Worst first, then along the path, then the longest standing."""
    begun = view.row(cause.row).begins.latest if cause.row != NOTHING else FOREVER
    return WORST_FIRST[cause.level], position.get(cause.place, -1), begun


def _word(view: View, lane: Lane, asked: Requirement, decided: Decided, question: Question) -> list[Cause]:
    """Steps 1 to 6 of design §6 for one authority at one place.

    A permission of a part of the flow says nothing against the rest, so it counts only where the rest is not free
    already: were it to come before steps 3 and 5, allowing something more would close a lane.
    """
    barred = [cause for rule in asked.restrictions for cause in _in_force(view, lane, rule, decided, question)]
    if barred:
        return barred
    allowed = [cause for rule in asked.permissions for cause in _in_force(view, lane, rule, decided, question)]
    freed = [cause for cause in allowed if cause.level is Level.PERMITTED] + _lifted(asked, decided)
    if freed:
        return freed
    lapsed = _lapsed(asked, decided)
    if allowed and not (asked.assumed and not lapsed):
        return allowed
    return lapsed or [asked.silence]


def _lifted(asked: Requirement, decided: Decided) -> list[Cause]:
    """Restrictions that covered all of the flow and are in force no more, by a decision."""
    return [
        Cause(rule.place, asked.authority, Level.PERMITTED, rule.measure.id, decided.winners[rule.track])
        for rule in asked.restrictions
        if rule.coverage is Coverage.FULL and rule.track >= 0 and decided.winners[rule.track] >= 0
    ]


def _lapsed(asked: Requirement, decided: Decided) -> list[Cause]:
    """Measures on all of the flow that ran out with no decision."""
    return [
        Cause(rule.place, asked.authority, Level.UNKNOWN, rule.measure.id, decided.ended[rule.track], lapsed=True)
        for rule in (*asked.restrictions, *asked.permissions)
        if rule.coverage is Coverage.FULL
        and rule.track >= 0
        and decided.winners[rule.track] < 0 <= decided.ended[rule.track]
    ]


def _in_force(
    view: View, lane: Lane, rule: Rule, decided: Decided, question: Question, *, required: bool = True
) -> Iterator[Cause]:
    """What a measure amounts to where it is in force; nothing where it is not."""
    row = decided.winners[rule.track] if rule.track >= 0 else NOTHING
    if row == NOTHING:
        return
    level = _level(view, lane, rule, row, question)
    if level is not None:
        yield Cause(rule.place, rule.measure.authority, level, rule.measure.id, row, required=required)


def _level(view: View, lane: Lane, rule: Rule, row: int, question: Question) -> Level | None:
    effect = view.effect(row)
    partly = rule.coverage is Coverage.PART
    match effect:
        case Permit():
            partly = partly or bool(effect.limits and not named(effect.limits, question))
            return Level.RESTRICTED if partly else Level.PERMITTED
        case Ease() if eased(effect, lane, rule.step):
            return Level.PERMITTED if named(effect.limits, question) else Level.RESTRICTED
        case Impose() | Extend() | Ease():
            level = (effect.level if isinstance(effect, Impose) else None) or rule.measure.level
            return Level.RESTRICTED if partly or level is MeasureLevel.RESTRICTED else Level.PROHIBITED
        case _:
            return None
