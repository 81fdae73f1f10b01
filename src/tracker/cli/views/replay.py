"""A replay: what changed, step by step; with pauses for somebody who watches."""

import time
from collections.abc import Iterable
from contextlib import nullcontext

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tracker.cli.console import screen, word
from tracker.presentation.lane_groups import Laned, folded, label
from tracker.presentation.text import plain
from tracker.queries.change_answers import ReplayChange, ReplayFrame


def show_replay(frames: Iterable[ReplayFrame], pause: float) -> None:
    """A paragraph for each step; on a terminal with the date and the count below while it runs."""
    console = screen()
    steps = 0
    with console.status("…") if console.is_terminal else nullcontext() as status:
        for frame in frames:
            steps += 1
            _frame(console, frame)
            if status is not None:
                status.update(f"{plain(frame.at)} · step {steps} · Ctrl-C ends")
                time.sleep(pause)
    if not steps:
        console.print("Nothing changed.")


def _frame(console: Console, frame: ReplayFrame) -> None:
    console.print(Text(plain(frame.at), style="bold"))
    for group in folded(frame.events, _alike):
        console.print(Padding(_line(group), (0, 0, 0, 2)))


def _alike(event: ReplayChange) -> tuple[object, ...]:
    return event.subject, event.before, event.after, event.reason, event.announcements, event.at


def _line(group: list[ReplayChange]) -> Text:
    event = group[0]
    lanes: list[Laned] = [each for each in group if each.mode is not None]  # type: ignore[misc]
    line = Text(event.subject, style="bold")
    line.append(f" {label(lanes)}".replace("\n", "; ") if lanes else "", style="not bold")
    line.append(": ", style="not bold")
    if event.before is not None:
        line.append_text(word(event.before)).append(" → ", style="not bold")
    line.append_text(word(event.after))
    line.append(f"  {plain(event.reason)}", style="not bold")
    return line.append(f" ({', '.join(event.announcements)})" if event.announcements else "", style="not bold dim")
