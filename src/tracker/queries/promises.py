"""Pledges and their outcome."""

from collections.abc import Collection, Iterable
from functools import cached_property

from tracker.model.dates import Instant
from tracker.model.vocabulary import Mode, PledgeStatus, Traffic
from tracker.queries.answers import PledgeAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.reasons import day
from tracker.queries.selection import find_party
from tracker.state.instruments import PledgeStanding, pledges
from tracker.state.record import Record, View


def promises(
    record: Record, clocks: Clocks, party: str | None = None, status: PledgeStatus | None = None
) -> list[PledgeAnswer]:
    """List the pledges made by a date, oldest first, with their outcome by then.

    Raises: UnknownSubject.
    """
    view = record.at(clocks.known, clocks.asked)
    maker = find_party(view.registry, party) if party is not None else None
    return [
        pledge_answer(view, standing)
        for standing in pledges(view, clocks.as_of)
        if status in (None, standing.status) and (maker is None or maker in standing.pledge.parties)
    ]


def pledge_answer(view: View, standing: PledgeStanding) -> PledgeAnswer:
    """Answer for one pledge."""
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
        moved=view.record.stated.times_moved(pledge.pledge, view.known),
    )


class OpenPledges:
    """The pledges that are open at an instant, indexed by the subjects that they are about."""

    def __init__(self, view: View, at: Instant) -> None:
        self._view = view
        self._standings = [standing for standing in pledges(view, at) if standing.ended < 0]

    @cached_property
    def _answers(self) -> list[PledgeAnswer]:
        return [pledge_answer(self._view, standing) for standing in self._standings]

    @cached_property
    def _numbers(self) -> dict[str, list[int]]:
        """The numbers of the standings about each subject."""
        numbers: dict[str, list[int]] = {}
        for number, standing in enumerate(self._standings):
            for name in standing.pledge.at:
                numbers.setdefault(name, []).append(number)
        return numbers

    def about(
        self, names: Iterable[str], mode: Mode | None = None, traffic: Traffic | None = None
    ) -> tuple[PledgeAnswer, ...]:
        """Pledges about any of some subjects, oldest first; those limited to other modes or traffic are left out.

        Args: mode, traffic: None: any.
        """
        numbers = sorted({number for name in names for number in self._numbers.get(name, ())})
        return tuple(self._answers[number] for number in numbers if self._concerns(number, mode, traffic))

    def _concerns(self, number: int, mode: Mode | None, traffic: Traffic | None) -> bool:
        pledge = self._standings[number].pledge
        limits: tuple[tuple[str | None, Collection[str] | None], ...] = (mode, pledge.modes), (traffic, pledge.traffic)
        return all(asked is None or limit is None or asked in limit for asked, limit in limits)
