"""What was promised, what was done, how long did it take."""

from tracker.model.vocabulary import PledgeStatus
from tracker.queries.answers import PledgeAnswer
from tracker.queries.clocks import Clocks
from tracker.queries.lanes import pledge_answer
from tracker.state.instruments import pledges
from tracker.state.record import Record


def promises(
    record: Record, clocks: Clocks, party: str | None = None, status: PledgeStatus | None = None
) -> list[PledgeAnswer]:
    """The pledges made by a date, oldest first, with what became of them by then."""
    view = record.at(clocks.known)
    return [
        pledge_answer(view, standing)
        for standing in pledges(view, clocks.as_of)
        if status in (None, standing.status)
        and (party is None or party.casefold() in {each.casefold() for each in standing.pledge.parties})
    ]
