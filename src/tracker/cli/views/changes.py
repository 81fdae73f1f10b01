"""Changes: histories and differences as tables, and replays step by step."""

import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import nullcontext

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tracker.cli.console import (
    add_marks,
    explain_uncertain_dates,
    open_console,
    print_supposed,
    print_title,
    status_text,
)
from tracker.cli.table_layout import PrintedRow, print_table
from tracker.cli.views.states import KIND_TITLES
from tracker.presentation.beside import terms_of
from tracker.presentation.causes import ways_through
from tracker.presentation.lane_groups import group_by, group_differences, label, label_parts
from tracker.presentation.statuses import sides
from tracker.presentation.text import knowledge_text, period, plain
from tracker.queries.answers import ClocksAnswer
from tracker.queries.change_answers import (
    ChangeAnswer,
    DiffAnswer,
    Difference,
    HistoryAnswer,
    PeriodChange,
    ReplayFrame,
)
from tracker.queries.selection import Selection


def show_history(answers: Sequence[HistoryAnswer], selection: Selection, as_of: str | None) -> None:
    """A table for each group of lanes with one history, or for a measure or text."""
    console = open_console()
    known = (answers[0].announced_by, answers[0].recorded_by) if answers else (None, None)
    print_title(console, "History", knowledge_text(*known))
    periods: list[str] = []
    printed = False
    for answer in answers:
        for name, changes in _histories(answer, selection):
            printed = True
            console.print()
            alias = f" ({answer.name})" if answer.name != answer.subject else ""
            print_title(console, f"{answer.subject}{alias}", name)
            if not changes:
                console.print("  nothing announced")
                continue
            rows = change_rows(changes, as_of, _on_lines)
            print_table(console, ("period", "status", "announcement", "why"), rows)
            periods += [row.heading for row in rows]
    if not printed:
        console.print("\nNothing matches.")
    explain_uncertain_dates(console, periods)


def _histories(answer: HistoryAnswer, selection: Selection) -> list[tuple[str, tuple[ChangeAnswer, ...]]]:
    """The histories of a subject, each with the label of its lanes."""
    if answer.lanes or selection.narrows_lanes:
        every = () if selection.narrows_lanes else answer.lanes
        groups = group_by(answer.lanes, lambda lane: lane.changes)
        return [(label(group, every), group[0].changes) for group in groups]
    return [("", answer.changes)] if answer.changes or selection.subjects else []


def change_rows(changes: Sequence[ChangeAnswer], as_of: str | None, cite: Callable[..., str]) -> list[PrintedRow]:
    """A row for each change, with a mark on the one that held at a date.

    Args: cite: the citation of announcements, given their ids.
    """
    held = _held(changes, as_of)
    return [_change_row(change, " ◀ then" if change is held else "", cite) for change in changes]


def _change_row(change: ChangeAnswer, mark: str, cite: Callable[..., str]) -> PrintedRow:
    status = status_text(change.status, change.otherwise, change.but_for, ":\n").append(mark, style="bold")
    reason = add_marks(Text(plain(change.reason)), [*terms_of(change), *ways_through(change.through)])
    return PrintedRow(period(change.at, change.until), (status, cite(*change.announcements)), reason)


def _on_lines(*ids: str) -> str:
    return "\n".join(ids)


def _held(changes: Sequence[ChangeAnswer], as_of: str | None) -> ChangeAnswer | None:
    """The last change of a history that had begun by a date."""
    if as_of is None:
        return None
    return next((change for change in reversed(changes) if change.at is None or _latest(change.at) <= as_of), None)


def _latest(at: str) -> str:
    return at[1:-1].split("..")[1] if at.startswith("[") else at


def show_diff(answer: DiffAnswer) -> None:
    """A table for each kind of subject; lanes that changed alike are one row."""
    console = open_console()
    print_title(console, "Changes", _between(answer.before, answer.after))
    print_supposed(console, answer.after.supposed)
    console.print()
    reasons: list[str] = []
    for kind, title in KIND_TITLES.items():
        differences = [difference for difference in answer.differences if difference.kind is kind]
        if differences:
            print_title(console, title)
            rows = [_difference(group) for group in group_differences(differences)]
            lanes = ("lanes",) if differences[0].mode else ()
            print_table(console, (kind.value, *lanes, "change", "by", "why now"), rows)
            reasons += [str(row.prose) for row in rows]
    if not answer.differences:
        console.print("Nothing changed.")
    explain_uncertain_dates(console, reasons)


def _between(before: ClocksAnswer, after: ClocksAnswer) -> str:
    if before.as_of != after.as_of:
        known = knowledge_text(before.announced_by, before.recorded_by)
        return f"from {plain(before.as_of)} to {plain(after.as_of)} · {known}"
    announced = f"between what was announced by {plain(before.announced_by)} and by {plain(after.announced_by)}"
    recorded = f" · recorded by {plain(before.recorded_by)}" if before.recorded_by else ""
    return f"{announced} · as of {plain(before.as_of)}{recorded}"


def _difference(group: Sequence[Difference]) -> PrintedRow:
    first = group[0]
    change = _turn(first)
    made = "\n".join(dict.fromkeys(title for difference in group for title in difference.titles))
    if first.mode is None:
        return PrintedRow(first.subject, (change, made), plain(first.reason_after))
    name = first.name if first.name != first.subject else ""
    return PrintedRow(first.subject, ("\n".join(label_parts(group)), change, made), plain(first.reason_after), name)


def show_changes(answers: Sequence[PeriodChange]) -> None:
    """A row for each change; lanes that changed alike are one row."""
    console = open_console()
    groups = group_by(answers, _as_shown)
    rows = [
        PrintedRow(plain(group[0].at), (group[0].subject, label(group), _turn(group[0])), _why(group[0]))
        for group in groups
    ]
    if rows:
        print_table(console, ("date", "subject", "lanes", "change", "why"), rows)
    else:
        console.print("Nothing changed.")
    explain_uncertain_dates(console, [row.heading for row in rows])


def _turn(change: PeriodChange | Difference) -> Text:
    before, after = sides(change)
    text = Text(after, style=status_text(change.after, change.otherwise_after).style)
    if before is None:
        return text
    was = Text(before, style=status_text(change.before or "", change.otherwise_before).style)
    return was.append(" → ", style="default").append_text(text)


def _why(change: PeriodChange) -> Text:
    made = f" ({'; '.join(change.titles)})" if change.titles else ""
    return Text(plain(change.reason)).append(made, style="dim")


def show_replay(frames: Iterable[ReplayFrame], pause: float) -> None:
    """A paragraph for each step; on a terminal a line below counts them, and each is followed by a pause in seconds."""
    console = open_console()
    steps = 0
    with console.status("…") if console.is_terminal else nullcontext() as status:
        for frame in frames:
            steps += 1
            _print_frame(console, frame)
            if status is not None:
                status.update(f"{plain(frame.at)} · step {steps} · Ctrl-C ends")
                time.sleep(pause)
    if not steps:
        console.print("Nothing changed.")


def _print_frame(console: Console, frame: ReplayFrame) -> None:
    console.print(Text(plain(frame.at), style="bold"))
    for group in group_by(frame.events, _as_shown):
        console.print(Padding(_event(group), (0, 0, 0, 2)))


def _as_shown(event: PeriodChange) -> Hashable:
    return event.subject, *sides(event), event.reason, event.announcements, event.at


def _event(group: Sequence[PeriodChange]) -> Text:
    event, lanes = group[0], label(group)
    line = Text(event.subject, style="bold")
    line.append(f" {lanes}: " if lanes else ": ", style="not bold")
    line.append_text(_turn(event))
    line.append(f"  {plain(event.reason)}", style="not bold")
    return line.append(f" ({'; '.join(event.titles)})" if event.titles else "", style="not bold dim")
