"""What each required authority's word amounts to at each place of a lane. Source: design §6, steps 1 to 6."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from itertools import count
from typing import NamedTuple

from tracker.model.dates import FOREVER, Instant
from tracker.model.effects import Ease, Extend, Impose, Permit
from tracker.model.registry import Measure
from tracker.model.vocabulary import Level, MeasureKind, MeasureLevel
from tracker.state.lanes import Lane, Step
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Coverage, Question, coverage, covers_all, eased, named, reaches
from tracker.timeline.assertions import measure_track
from tracker.timeline.track_history import NOTHING, run_out

WORST_FIRST = {level: rank for rank, level in enumerate(Level)}
Standings = Mapping[int, int]  # what stands on each track that matters


class Cause(NamedTuple):
    """One authority's word, or silence, at one place."""

    place: str
    authority: str
    level: Level
    measure: str | None = None
    row: int = NOTHING  # the assertion that decides; of a lapsed measure the one that ended last
    lapsed: bool = False
    required: bool = True  # False: somebody whose leave is not needed stands in the way


class Rule(NamedTuple):
    """A measure as it bears on one place of a lane."""

    measure: Measure
    track: int
    place: str
    coverage: Coverage
    step: Step | None  # None: it is about the corridor as a whole


class Requirement(NamedTuple):
    """Somebody's leave that is needed at a place, and every measure of theirs that bears on it."""

    silence: Cause  # what it amounts to where no measure says anything
    restrictions: tuple[Rule, ...]
    permissions: tuple[Rule, ...]
    number: int  # among all whose leave is needed, along the lane


class Leave(NamedTuple):
    """All the leave that a lane needs, and whose restrictions bear on it without being asked for leave.

    Measures of which nothing was ever announced are left out: they say nothing.
    """

    requirements: tuple[Requirement, ...]  # those on which something was announced
    silences: tuple[Cause, ...]  # the others: always the same
    silent: frozenset[Level]  # what those amount to
    others: tuple[Rule, ...]

    @property
    def tracks(self) -> set[int]:
        """The tracks that can change what it amounts to."""
        rules = [rule for each in self.requirements for rule in (*each.restrictions, *each.permissions)]
        return {rule.track for rule in (*rules, *self.others)}


class Place(NamedTuple):
    """A step of a path for a mode and a traffic: its authorities' silence, and the measures that speak of it."""

    silences: tuple[Cause, ...]
    measures: tuple["Speaking", ...]


class Speaking(NamedTuple):
    """A measure of which something was announced."""

    measure: Measure
    track: int
    rule: Rule | None = None  # where it bears on every flow alike


def leave(view: View, lane: Lane, question: Question = ANYTHING) -> Leave:
    """Find who must give leave along a lane, and by which measures they speak."""
    corridor = lane.subject if lane.subject in view.registry.corridors else None
    of_the_whole = list(_rules(_at(view, corridor), lane, None, question)) if corridor else []
    requirements: list[Requirement] = []
    silences: list[Cause] = []
    others: list[Rule] = []
    numbers = count()
    for step in lane.steps:
        place = _place(view, step, lane)
        here = list(_rules(place.measures, lane, step, question)) if place.measures else []
        for silence, number in zip(place.silences, numbers, strict=False):
            own = [rule for rule in (*here, *of_the_whole) if rule.measure.authority == silence.authority]
            if own:
                requirements.append(
                    Requirement(silence, tuple(filter(_bars, own)), tuple(filter(_allows, own)), number)
                )
            else:
                silences.append(silence)
        others.extend(rule for rule in here if _bars(rule) and rule.measure.authority not in step.authorities)
    if of_the_whole:
        asked = {authority for step in lane.steps for authority in step.authorities}
        others.extend(rule for rule in of_the_whole if _bars(rule) and rule.measure.authority not in asked)
    silent = frozenset(silence.level for silence in silences)
    return Leave(tuple(requirements), tuple(silences), silent, tuple(others))


def _bars(rule: Rule) -> bool:
    return rule.measure.kind is MeasureKind.RESTRICTION


def _allows(rule: Rule) -> bool:
    return rule.measure.kind is MeasureKind.PERMISSION


def _place(view: View, step: Step, lane: Lane) -> Place:
    """The step as every lane of a mode and a traffic finds it; kept with the view."""
    key = step, lane.mode, lane.traffic
    found = view.memo.get(key)
    if found is None:
        level = Level.ASSUMED if step.assumed else Level.UNKNOWN
        silences = tuple(Cause(step.place, authority, level) for authority in step.authorities)
        reaching = tuple(_here(each, step) for each in _spoken(view, step) if reaches(each.measure.scope, step, lane))
        found = view.memo[key] = Place(silences, reaching)
    assert isinstance(found, Place)
    return found


def _here(each: Speaking, step: Step) -> Speaking:
    if covers_all(each.measure.scope):
        return each._replace(rule=Rule(each.measure, each.track, step.place, Coverage.FULL, step))
    return each


def _spoken(view: View, step: Step) -> tuple[Speaking, ...]:
    """The measures at a place by any of its names, each once; kept with the view."""
    found = view.memo.get(step.matches)
    if found is None:
        by_id = {each.measure.id: each for name in sorted(step.matches) for each in _at(view, name)}
        found = view.memo[step.matches] = tuple(by_id.values())
    assert isinstance(found, tuple)
    return found


def _at(view: View, name: str) -> tuple[Speaking, ...]:
    """The measures whose scope names a place and of which something was announced; kept with the view."""
    found = view.memo.get((Speaking, name))
    if found is None:
        named_here = ((measure, view.track(measure_track(measure.id))) for measure in view.measures_at.get(name, ()))
        found = tuple(Speaking(measure, track) for measure, track in named_here if track >= 0)
        view.memo[Speaking, name] = found
    assert isinstance(found, tuple)
    return found


def _rules(measures: Iterable[Speaking], lane: Lane, step: Step | None, question: Question) -> Iterator[Rule]:
    for measure, track, rule in measures:
        if rule is not None:
            yield rule
            continue
        covered = coverage(measure.scope, lane, step, question)
        if covered is not Coverage.NONE:
            yield Rule(measure, track, lane.subject if step is None else step.place, covered, step)


def causes(view: View, lane: Lane, needed: Leave, standings: Standings, question: Question = ANYTHING) -> list[Cause]:
    """Everybody's word along a lane, but for silences, with what stands on every track that matters at an instant."""
    found: list[Cause] = []
    for requirement in needed.requirements:
        found += _word(view, lane, requirement, standings, question)
    for rule in needed.others:
        level = level_of(view, lane, rule, standings[rule.track], question)
        if level in (Level.PROHIBITED, Level.RESTRICTED):
            found.append(_cause(rule, level, standings[rule.track], required=False))
    return found


def worst_first(view: View, lane: Lane, word: Iterable[Cause]) -> list[Cause]:
    """Causes, each once, by how bad they are, then along the path, then the longest standing first."""
    position = {step.place: number for number, step in enumerate(lane.steps)}

    def urgency(cause: Cause) -> tuple[int, int, Instant]:
        begun = view.row(cause.row).begins.latest if cause.row != NOTHING else FOREVER
        return WORST_FIRST[cause.level], position.get(cause.place, -1), begun

    return sorted(dict.fromkeys(word), key=urgency)


class Word(IntEnum):
    """Which of an authority's words at a place counts."""

    BARRED = 0  # its restrictions in force
    FREED = 1  # its permissions of all of the flow, and its restrictions that were lifted
    ALLOWED_IN_PART = 2
    RUN_OUT = 3
    SILENT = 4


def weigh(*, barred: bool, freed: bool, allowed: bool, run_out: bool, assumed: bool) -> Word:
    """Steps 1 to 6 of design §6 for one authority at one place.

    A permission of a part of the flow says nothing against the rest, so it counts only where the rest is not free
    already: were it to come before steps 3 and 5, allowing something more would close a lane.
    """
    if barred:
        return Word.BARRED
    if freed:
        return Word.FREED
    if allowed and (run_out or not assumed):
        return Word.ALLOWED_IN_PART
    return Word.RUN_OUT if run_out else Word.SILENT


def _word(view: View, lane: Lane, asked: Requirement, standings: Standings, question: Question) -> Sequence[Cause]:
    barred = _in_force(view, lane, asked.restrictions, standings, question)
    if barred:
        return barred  # whatever else was said
    allowed = _in_force(view, lane, asked.permissions, standings, question)
    freed = [*(cause for cause in allowed if cause.level is Level.PERMITTED), *_lifted(asked, standings)]
    gone = list(_lapsed(asked, standings))
    counts = weigh(
        barred=False,
        freed=bool(freed),
        allowed=bool(allowed),
        run_out=bool(gone),
        assumed=asked.silence.level is Level.ASSUMED,
    )
    return (barred, freed, allowed, gone, [asked.silence])[counts]


def _in_force(view: View, lane: Lane, rules: Iterable[Rule], standings: Standings, question: Question) -> list[Cause]:
    """What measures amount to where they are in force; nothing where they are not."""
    found = []
    for rule in rules:
        standing = standings[rule.track]
        level = level_of(view, lane, rule, standing, question) if standing >= 0 else None
        if level is not None:
            found.append(_cause(rule, level, standing))
    return found


def _lifted(asked: Requirement, standings: Standings) -> Iterator[Cause]:
    """Restrictions that covered all of the flow and are in force no more, by a decision."""
    for rule in asked.restrictions:
        if rule.coverage is Coverage.FULL and standings[rule.track] >= 0:
            yield _cause(rule, Level.PERMITTED, standings[rule.track])


def _lapsed(asked: Requirement, standings: Standings) -> Iterator[Cause]:
    """Measures on all of the flow that ran out with no decision."""
    for rule in (*asked.restrictions, *asked.permissions):
        row = run_out(standings[rule.track])
        if rule.coverage is Coverage.FULL and row != NOTHING:
            yield Cause(rule.place, rule.measure.authority, Level.UNKNOWN, rule.measure.id, row, lapsed=True)


def _cause(rule: Rule, level: Level, row: int, *, required: bool = True) -> Cause:
    return Cause(rule.place, rule.measure.authority, level, rule.measure.id, row, required=required)


def level_of(view: View, lane: Lane, rule: Rule, standing: int, question: Question) -> Level | None:
    """What a measure amounts to while it is in force; None while it is not."""
    if standing < 0:
        return None
    effect = view.effect(standing)
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
