"""The causes of a lane's status: the order of its path, those in its way, and the doubts about them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracker.model.vocabulary import Basis, Status
from tracker.presentation.text import plain
from tracker.queries.answers import CauseAnswer, LaneAnswer, ManyCauseAnswers, ThroughAnswer, Uncertain
from tracker.state.status import PASSABLE

if TYPE_CHECKING:  # `state` needs no path
    from tracker.queries.why import Station, WhyLanes

BARRED = (Status.CLOSED, Status.RESTRICTED)
NOT_BARRED_BY_CAUSES = (PASSABLE | {Status.UNREADY}).difference(BARRED)


def path_of(answer: "WhyLanes", lane: LaneAnswer) -> "tuple[Station, ...]":
    """The places of a subject, in the order in which a lane passes them."""
    return answer.path if lane.direction.startswith(f"{answer.path[0].place}>") else answer.path[::-1]


def in_the_way(lane: LaneAnswer, cause: CauseAnswer) -> bool:
    """Whether a cause is one of the worst, which keep the lane from being open."""
    return lane.status not in NOT_BARRED_BY_CAUSES and cause.level is lane.because[0].level


def ways_through(through: Sequence[ThroughAnswer]) -> list[str]:
    """The best crossings of each border that leaves a choice, in words; of several borders with their ids."""
    return [f"{way.border}: {way.text}" if len(through) > 1 else way.text for way in through if way.text]


def doubts(lane: LaneAnswer) -> list[str]:
    """The doubts about a lane's status, in short words."""
    causes = _decisive(lane)
    declared = {(cause.place, cause.authority) for cause in causes if cause.basis is Basis.DECLARED}
    causes = [
        cause for cause in causes if cause.basis is Basis.DECLARED or (cause.place, cause.authority) not in declared
    ]
    marks = []
    for words, doubtful in (
        ("as reported", [cause for cause in causes if cause.basis is Basis.REPORTED]),
        ("source unverified", [cause for cause in causes if cause.unverified]),
    ):
        all_needed = lane.status not in BARRED
        if doubtful and len(doubtful) == len(causes):
            marks.append(words)
        elif doubtful and all_needed:
            marks.append(f"{words} ({', '.join(dict.fromkeys(cause.authority for cause in doubtful))})")
    return marks + doubts_about(lane.uncertain, lane.disputed)


def _decisive(lane: LaneAnswer) -> list[CauseAnswer]:
    """The statements on which the status rests: the worst, or where the lane is passable those of every authority.

    Of many, one of each kind.
    """
    causes = lane.because.kinds if isinstance(lane.because, ManyCauseAnswers) else lane.because
    stated = [cause for cause in causes if cause.announcement is not None and not cause.lapsed]
    if lane.status in NOT_BARRED_BY_CAUSES or lane.status is Status.ONE_SIDED:
        return stated
    return [cause for cause in stated if cause.level is lane.because[0].level]


def doubts_about(uncertain: Uncertain | None, denials: Sequence[str] = ()) -> list[str]:
    """Doubts in short words: another state that an uncertain date leaves open, and denials by announcements."""
    marks = [f"uncertain: {uncertain_text(uncertain)}"] if uncertain else []
    return [*marks, f"disputed by {', '.join(denials)}"] if denials else marks


def uncertain_text(uncertain: Uncertain) -> str:
    """An uncertain state in words: the alternative, with the days between which the change took place."""
    span = f" ({plain(f'[{uncertain.starts}..{uncertain.ends}]')})" if uncertain.starts and uncertain.ends else ""
    return f"may be {uncertain.alternative or 'nothing'}{span}"
