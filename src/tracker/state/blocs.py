"""Blocs in scopes, and the regime of a bloc's measures, whose members are one territory. Source: design §3, "Blocs"."""

from collections.abc import Sequence
from typing import TypeVar

from tracker.model.effects import Exempt
from tracker.model.fields import ALL_BUT
from tracker.model.registry import Measure
from tracker.model.scope import Scope
from tracker.model.vocabulary import Regime, Traffic
from tracker.state.lanes import Lane, Site
from tracker.state.phases import Inside, Phase
from tracker.state.record import View
from tracker.state.scope import Coverage, Question, coverage, half

F = TypeVar("F", Scope, Exempt)


def resolved(flow: F, phase: Phase | None) -> F:
    """A scope or an exemption with the territories of a phase in place of the blocs in `origin` and `destination`.

    The id of a bloc that has other territories, too, stays among them: it stands for those.
    """
    if phase is None or (flow.origin is None and flow.destination is None):
        return flow
    inside = {one.bloc: one for one in phase.inside}
    ends = {"origin": flow.origin, "destination": flow.destination}
    changed = {key: _resolved(words, inside) for key, words in ends.items() if words is not None}
    return flow if all(ends[key] == words for key, words in changed.items()) else flow.model_copy(update=changed)


def _resolved(words: Sequence[str], inside: dict[str, Inside]) -> tuple[str, ...]:
    named: dict[str, None] = {}
    for word in words:
        sign, name = (ALL_BUT, word[len(ALL_BUT) :]) if word.startswith(ALL_BUT) else ("", word)
        one = inside.get(name)
        if one is not None:
            named |= dict.fromkeys(sign + territory for territory in one.territories)
        if one is None or not one.whole:
            named[word] = None
    return tuple(named)


def covered(
    measure: Measure, lane: Lane, site: Site | None, question: Question, phase: Phase | None
) -> tuple[Coverage, Regime | None]:
    """How much of the lane's flow a measure covers at a site; and the regime, where that alone narrows it."""
    scope = resolved(measure.scope, phase)
    members = None if site is None or phase is None else _as_one_territory(measure, site, phase)
    if site is None or members is None or scope.regime is None:
        part = coverage(scope, lane, site, question)
        return part, half(scope, lane, site, question) if part is Coverage.PART else None
    whole = coverage(scope.model_copy(update={"regime": None}), lane, site, question)
    part = min(whole, _Flow(lane, members, question).under(scope.regime, site))
    return part, scope.regime if part is Coverage.PART and whole is Coverage.FULL else None


def _as_one_territory(measure: Measure, site: Site, phase: Phase) -> Sequence[str] | None:
    """The members that are one territory for a bloc's measure; None where each counts by itself."""
    if measure.inside or site.regime is None or site.place in measure.scope.at:
        return None
    return next((one.territories for one in phase.inside if one.bloc == measure.authority), None)


class _Flow:
    """The flow of a lane over the outer edge of a bloc."""

    def __init__(self, lane: Lane, members: Sequence[str], question: Question) -> None:
        self._lands = [step.place for step in lane.steps if step.direction is None]
        self._in = [land in members for land in self._lands]
        self._people, self._open = lane.traffic is Traffic.PEOPLE, lane.over_one_gate
        beyond = lane.over_one_gate  # what passes one gate may come from further, and go on
        self._first, self._last = (
            (asked if beyond and asked is not None else own)
            for asked, own in ((question.origin, self._lands[0]), (question.destination, self._lands[-1]))
        )
        self._starts = self._is_inside(self._first, question.origin, members)
        self._stops = self._is_inside(self._last, question.destination, members)
        self._elsewhere = self._first != self._last

    def _is_inside(self, end: str, asked: str | None, members: Sequence[str]) -> bool | None:
        """Whether an end of the flow is in the bloc; None: it may be, or lie beyond."""
        if end not in members:
            return False
        return True if not self._open or self._people or asked is not None else None

    def under(self, regime: Regime, site: Site) -> Coverage:
        """How much of the flow is under a regime of the bloc at a territory of a member."""
        if self._starts is True and self._elsewhere:
            if self._stops is True:
                return Coverage.NONE  # from one member to another
            if regime is not Regime.EXPORT and not self._people:
                return Coverage.NONE  # it has left the bloc, and comes to another member at most
        last = len(self._lands) - 1
        number = self._lands.index(site.place)
        begin = end = number  # of the territories of members that follow each other here
        while begin and self._in[begin - 1]:
            begin -= 1
        while end < last and self._in[end + 1]:
            end += 1
        match regime:
            case Regime.IMPORT:
                return self._entering(number, begin, end == last)
            case Regime.EXPORT:
                return self._leaving(number, end)
            case Regime.TRANSIT:
                return self._passing(begin, end, last)

    def _entering(self, number: int, begin: int, stays: bool) -> Coverage:
        if not number or number != begin:
            return Coverage.NONE
        if self._people:
            return Coverage.FULL
        return _share(self._stops) if stays else Coverage.NONE

    def _leaving(self, number: int, end: int) -> Coverage:
        if number != end or number == len(self._lands) - 1:
            return Coverage.NONE
        if self._people:
            return Coverage.FULL
        comes_back = any(self._in[end + 1 :]) or (self._stops is True and self._elsewhere)
        return Coverage.NONE if comes_back else _share(self._starts)

    def _passing(self, begin: int, end: int, last: int) -> Coverage:
        """Transit: of what comes from outside, and leaves again."""
        if self._people:
            internal = self._open and begin == 0 and end == last
            interior = begin > 0 and end < last
            return Coverage.PART if (self._open or interior) and not internal else Coverage.NONE
        if not self._open:
            return Coverage.FULL if begin > 0 and end < last and not self._starts else Coverage.NONE
        ends = [self._starts] * (begin == 0) + [self._stops] * (end == last)
        if True in ends or ends == [None, None]:
            return Coverage.NONE
        return Coverage.PART if None in ends else Coverage.FULL


def _share(inside: bool | None) -> Coverage:
    """How much of a flow has an end in the bloc."""
    return Coverage.PART if inside is None else Coverage.FULL if inside else Coverage.NONE


def exempts_at(view: View, row: int, measure: Measure, site: Site, phase: Phase) -> bool:
    """Whether an exemption from a measure counts at a site: a member's from a bloc's only at its own places."""
    if measure.authority not in phase.related:
        return True
    speakers = set(view.assertions.attributed(row).parties)
    tellers = speakers & view.registry.members_of(measure.authority)
    return measure.authority in speakers or not tellers or not tellers.isdisjoint(site.authorities)
