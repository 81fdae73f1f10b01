"""What differs, as a table for each kind."""

from typing import cast

from rich.text import Text

from tracker.cli.console import screen, title, word
from tracker.cli.table_layout import Row, show
from tracker.cli.views.states import TITLES
from tracker.presentation.lane_groups import Laned, folded, label
from tracker.presentation.text import DOUBT, clocks, has_doubt, plain
from tracker.queries.answers import ClocksAnswer
from tracker.queries.change_answers import DiffAnswer, Difference


def show_diff(answer: DiffAnswer) -> None:
    """Lanes that changed in the same way are one row."""
    console = screen()
    title(console, "Changes", _between(answer.before, answer.after))
    console.print()
    doubt = False
    for kind, heading in TITLES.items():
        differences = [each for each in answer.differences if each.kind is kind]
        if differences:
            title(console, heading)
            rows = [_row(group) for group in folded(differences, _alike)]
            lanes = ("lanes",) if differences[0].mode else ()
            show(console, (kind.value, *lanes, "change", "why now"), rows)
            doubt = doubt or any(has_doubt(str(row.prose)) for row in rows)
    if not answer.differences:
        console.print("Nothing changed.")
    if doubt:
        console.print(Text(DOUBT, style="dim"))


def _between(before: ClocksAnswer, after: ClocksAnswer) -> str:
    if before.as_of == after.as_of:
        known = f"between what was announced by {plain(before.announced_by)} and by {plain(after.announced_by)}"
        recorded = clocks("", None, before.recorded_by).rsplit(" · ", 1)[1]
        return f"{known} · as of {plain(before.as_of)} · {recorded}"
    rest = clocks("", before.announced_by, before.recorded_by).removeprefix("as of  · ")
    return f"from {plain(before.as_of)} to {plain(after.as_of)} · {rest}"


def _alike(each: Difference) -> tuple[str, ...]:
    return each.subject, each.before, each.after, each.reason_before, each.reason_after


def _row(group: list[Difference]) -> Row:
    first = group[0]
    change = word(first.before).append(" → ", style="default").append_text(word(first.after))
    if first.mode is None:
        return Row(first.subject, (change,), plain(first.reason_after))
    name = first.name if first.name != first.subject else ""
    return Row(first.subject, (_lanes(group), change), plain(first.reason_after), name)


def _lanes(group: list[Difference]) -> str:
    return label(cast(list[Laned], group))  # they have a mode, so they are lanes
