"""The answer for one lane."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from tracker.model.dates import DAY, FOREVER, Instant
from tracker.model.effects import Readiness
from tracker.model.vocabulary import Mode, Verification
from tracker.queries.answers import (
    CauseAnswer,
    LaneAnswer,
    PassagesAnswer,
    PledgeAnswer,
    ReadinessAnswer,
    Uncertain,
    UpcomingAnswer,
)
from tracker.queries.reasons import cause_reason, change_of, day, lane_reason, moment_text
from tracker.state.consents import Cause
from tracker.state.evidence import basis_of
from tracker.state.instruments import PledgeStanding, pledges
from tracker.state.lane_history import LaneHistory, Move, Uncertainty
from tracker.state.lanes import gates
from tracker.state.observations import Seen
from tracker.state.record import View
from tracker.state.tracks import maker, since
from tracker.timeline.track_history import NOTHING


@dataclass(frozen=True, eq=False)
class OpenPledges:
    """The pledges that are open at an instant: each is answered once, and found by what it is about."""

    view: View
    standings: Sequence[PledgeStanding]

    @classmethod
    def at(cls, view: View, at: Instant) -> "OpenPledges":
        return cls(view, [standing for standing in pledges(view, at) if standing.ended < 0])

    @cached_property
    def _answers(self) -> list[PledgeAnswer]:
        return [pledge_answer(self.view, standing) for standing in self.standings]

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, standing in enumerate(self.standings):
            for name in standing.pledge.at:
                found.setdefault(name, []).append(number)
        return found

    def about(self, names: Iterable[str], mode: Mode | None = None) -> tuple[PledgeAnswer, ...]:
        """Those about one of the subjects, and, if they are about some modes only, about this one; oldest first."""
        numbers = sorted({number for name in names for number in self._by_name.get(name, ())})
        return tuple(self._answers[number] for number in numbers if self._concerns(number, mode))

    def _concerns(self, number: int, mode: Mode | None) -> bool:
        modes = self.standings[number].pledge.modes
        return mode is None or modes is None or mode in modes


def lane_answer(history: LaneHistory, at: Instant, promised: OpenPledges | None = None) -> LaneAnswer:
    """A lane at an instant, and all that bears on it."""
    view, number = history.view, history.number(at)
    verdict, status = history.verdict(at), history.status(number)
    passed = history.passed(at)
    last = day(view, passed[-1].on) if passed else None
    causes = tuple(cause_answer(view, cause) for cause in verdict.causes)
    edge = history.edge(history.since(number))
    return LaneAnswer(
        mode=history.lane.mode,
        traffic=history.lane.traffic,
        direction=history.lane.direction,
        status=status,
        since=day(view, edge),
        uncertain=uncertain_answer(view, history.uncertainty(at)),
        disputed=_disputed(view, causes),
        because=causes,
        readiness=tuple(_readiness(view, row) for row in verdict.readiness),
        passages=_passages(history, passed, at),
        upcoming=tuple(_upcoming(view, coming, at) for coming in history.coming(at)),
        pledges=promised.about(gates(history.lane), history.lane.mode) if promised else (),
        stale_days=_stale(history, at),
        reason=lane_reason(view, verdict, status, [seen.effect for seen in passed], last),
    )


def cause_answer(view: View, cause: Cause) -> CauseAnswer:
    """One authority's word, with the announcement that it rests on; kept with the view, as many lanes share it."""
    found = view.memo.get(cause)
    if found is None:
        found = view.memo[cause] = _cause_answer(view, cause)
    assert isinstance(found, CauseAnswer)
    return found


def _cause_answer(view: View, cause: Cause) -> CauseAnswer:
    if cause.row == NOTHING:
        return CauseAnswer(
            place=cause.place,
            authority=cause.authority,
            level=cause.level,
            basis=None,
            measure=None,
            announcement=None,
            since=None,
            reason=cause_reason(view, cause),
        )
    assertion = view.row(cause.row)
    return CauseAnswer(
        place=cause.place,
        authority=cause.authority,
        level=cause.level,
        basis=None if cause.lapsed else basis_of(view, cause.row),
        measure=cause.measure,
        announcement=assertion.announcement,
        since=day(view, assertion.ends if cause.lapsed else since(view, cause.row)),
        until=None if cause.lapsed or assertion.ends.latest >= FOREVER else day(view, assertion.ends),
        limits=getattr(assertion.effect, "limits", ()),
        lapsed=cause.lapsed,
        required=cause.required,
        unverified=assertion.attribution.verification is Verification.UNVERIFIED,
        reason=cause_reason(view, cause),
    )


def uncertain_answer(view: View, found: Uncertainty | None) -> Uncertain | None:
    """The alternative, and the span in which it is open which is right."""
    if found is None:
        return None
    return Uncertain(
        alternative=found.alternative,
        starts=moment_text(view, found.edge.earliest),
        ends=moment_text(view, found.edge.latest),
    )


def pledge_answer(view: View, standing: PledgeStanding) -> PledgeAnswer:
    """A pledge, and what became of it."""
    made, pledge = view.row(standing.row), standing.pledge
    ended = view.row(standing.ended) if standing.ended >= 0 else None
    return PledgeAnswer(
        pledge=pledge.pledge,
        kind=pledge.kind,
        parties=pledge.parties,
        at=pledge.at,
        text=pledge.text,
        status=standing.status,
        announced=day(view, made.begins),
        announcement=made.announcement,
        due=None if pledge.due is None else pledge.due.text,
        ended=day(view, ended.begins) if ended else None,
        ended_by=ended.announcement if ended else None,
        lag_days=standing.lag_days if ended else None,
        overdue_days=standing.overdue_days,
    )


def _disputed(view: View, causes: Sequence[CauseAnswer]) -> tuple[str, ...]:
    found = [key for cause in causes if cause.announcement for key in view.denials(cause.announcement)]
    return tuple(dict.fromkeys(found))


def _readiness(view: View, row: int) -> ReadinessAnswer:
    assertion = view.row(row)
    effect = assertion.effect
    assert isinstance(effect, Readiness)
    return ReadinessAnswer(
        place=effect.at,
        party=effect.party,
        mode=Mode(assertion.track.rsplit(":", 1)[1]),
        state=effect.state,
        basis=basis_of(view, row),
        announcement=assertion.announcement,
        since=day(view, assertion.begins),
    )


def _passages(history: LaneHistory, passed: Sequence[Seen], at: Instant) -> PassagesAnswer:
    view = history.view
    weighed = [seen.effect.quantity for seen in passed if seen.effect.quantity is not None]
    none = [seen for seen in history.seen if seen.effect.none and seen.on.latest <= at]
    return PassagesAnswer(
        count=len(passed),
        first=day(view, passed[0].on) if passed else None,
        last=day(view, passed[-1].on) if passed else None,
        quantity=round(sum(weighed), 3) if weighed else None,
        announcements=tuple(dict.fromkeys(view.row(seen.row).announcement for seen in passed)),
        none_reported=day(view, none[-1].on) if none else None,
    )


def _upcoming(view: View, coming: Move, at: Instant) -> UpcomingAnswer:
    kind, _, rest = view.assertions.tracks[coming.track].partition(":")
    assertion = view.row(maker(view, coming.before, coming.after, coming.at))
    return UpcomingAnswer(
        at=moment_text(view, coming.at) or "",
        status=coming.status,
        measure=rest if kind == "measure" else None,
        change=change_of(view, coming.before, coming.after),
        announcement=assertion.announcement,
        announced=moment_text(view, assertion.order),
        foreseen=assertion.order <= at,
    )


def _stale(history: LaneHistory, at: Instant) -> int | None:
    """Days since the newest evidence by then: an announcement about the lane, or traffic seen or missed."""
    newest = history.track_set.newest(at)
    past = [seen.on.latest for seen in history.seen if seen.on.latest <= at]
    past += [] if newest is None else [newest]
    return (at - max(past)) // DAY if past else None
