"""The ledger of pledges."""

from collections.abc import Sequence

from tracker.cli.console import screen, title, word
from tracker.cli.table_layout import Row, show
from tracker.model.vocabulary import PledgeStatus
from tracker.presentation.text import clocks, days, plain, some
from tracker.queries.answers import PledgeAnswer
from tracker.queries.clocks import Clocks

COLUMNS = ("announced", "by", "kind", "status", "due", "what, and what became of it")


def show_promises(answers: Sequence[PledgeAnswer], asked: Clocks) -> None:
    """Oldest first, with a line of totals."""
    console = screen()
    title(console, "Promises", clocks(asked.as_of_text, asked.announced_by_text, asked.recorded_by_text))
    if not answers:
        console.print("\nNone.")
        return
    show(console, COLUMNS, [_row(each) for each in answers])
    counts = {status: sum(each.status is status for each in answers) for status in PledgeStatus}
    totals = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    console.print(f"{some(len(answers), 'pledge')}: {totals}")


def _row(each: PledgeAnswer) -> Row:
    cells = (", ".join(each.parties), each.kind.value, word(each.status), plain(each.due))
    return Row(plain(each.announced), cells, f"{each.text}{_outcome(each)} ({each.pledge})")


def _outcome(each: PledgeAnswer) -> str:
    late = f", {days(each.overdue_days)} late" if each.overdue_days else ""
    if each.ended is None:
        return f" – overdue by {days(each.overdue_days)}" if each.overdue_days else ""
    return f" – {each.status} {plain(each.ended)} after {days(each.lag_days)}{late}"
