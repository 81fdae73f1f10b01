"""The log, a line for each event."""

from collections.abc import Iterable

from rich.text import Text

from tracker.cli.console import screen
from tracker.queries.log import LogEntry

DIGEST = 12  # characters that tell digests apart for people


def show_log(entries: Iterable[LogEntry]) -> None:
    """Line by line as they are read: a log may be long."""
    console = screen()
    for each in entries:
        at = f"{each.recorded_at:%Y-%m-%d %H:%M:%S}Z"
        line = Text(f"{each.position:>7}  {at}  {each.type:<21}  ")
        line.append(each.id, style="bold").append(f"  {each.digest[:DIGEST]}", style="not bold dim")
        line.append(f"  {each.recorded_by}" if each.recorded_by else "", style="not bold")
        line.append(f", approved by {each.approved_by}" if each.approved_by else "", style="not bold")
        console.print(line, soft_wrap=True)
