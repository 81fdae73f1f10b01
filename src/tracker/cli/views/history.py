"""Histories as tables: from when to when, what, and by which announcement."""

from collections.abc import Callable, Sequence

from rich.text import Text

from tracker.cli.console import screen, title, word
from tracker.cli.table_layout import Row, show
from tracker.presentation.lane_groups import folded, label
from tracker.presentation.text import DOUBT, clocks, has_doubt, period, plain
from tracker.queries.change_answers import ChangeAnswer, HistoryAnswer
from tracker.queries.selection import Selection


def show_history(answers: Sequence[HistoryAnswer], selection: Selection, as_of: str | None) -> None:
    """A table for each group of lanes with one history, or for a measure or text."""
    console = screen()
    title(console, "History", _known(answers))
    doubt = shown = False
    for answer in answers:
        every = () if selection.narrows_lanes else answer.lanes
        groups = [
            (label(group, every).replace("\n", "; "), group[0].changes)
            for group in folded(answer.lanes, lambda lane: lane.changes)
        ]
        if not answer.lanes and (answer.changes or selection.subjects) and not selection.narrows_lanes:
            groups = [("", answer.changes)]
        for name, changes in groups:
            shown = True
            console.print()
            named = f" ({answer.name})" if answer.name != answer.subject else ""
            title(console, f"{answer.subject}{named}", name)
            if not changes:
                console.print("  nothing announced")
                continue
            rows = change_rows(changes, as_of, _joined)
            show(console, ("period", "status", "announcement", "why"), rows)
            doubt = doubt or any(has_doubt(row.heading) for row in rows)
    if not shown:
        console.print("\nNothing matches.")
    if doubt:
        console.print(Text(DOUBT, style="dim"))


def _known(answers: Sequence[HistoryAnswer]) -> str:
    first = answers[0] if answers else None
    words = clocks("", first.announced_by if first else None, first.recorded_by if first else None)
    return words.removeprefix("as of  · ")


def change_rows(changes: Sequence[ChangeAnswer], as_of: str | None, cite: Callable[..., str]) -> list[Row]:
    """A row for each change; with a mark on the one that held at a date.

    Args: cite: what to say of the ids of announcements.
    """
    held = _held(changes, as_of)
    rows = []
    for number, change in enumerate(changes):
        status = word(change.status).append(" ◀ then" if number == held else "", style="bold")
        ids = change.announcements
        said = cite(*ids)
        rows.append(Row(period(change.at, change.until), (status, said), plain(change.reason)))
    return rows


def _joined(*ids: str) -> str:
    return "\n".join(ids)


def _held(changes: Sequence[ChangeAnswer], as_of: str | None) -> int | None:
    """The last change that had begun by a date."""
    if as_of is None:
        return None
    begun = [n for n, change in enumerate(changes) if change.at is None or _latest(change.at) <= as_of]
    return max(begun, default=None)


def _latest(at: str) -> str:
    return at[1:-1].split("..")[1] if at.startswith("[") else at
