"""Who said it and where it stands, as numbered notes."""

from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tracker.cli.console import title
from tracker.model.vocabulary import Verification
from tracker.presentation.text import plain
from tracker.queries.statement_answers import AnnouncementAnswer, SourceAnswer, SpeakerAnswer


class Notes:
    """The announcements that a page refers to, numbered in the order in which it does."""

    def __init__(self, citations: Mapping[str, AnnouncementAnswer]) -> None:
        self._citations = citations
        self._numbers: dict[str, int] = {}

    def mark(self, *announcements: str | None) -> str:
        """The numbers of announcements: "[1][2]"."""
        known = [key for key in announcements if key is not None and key in self._citations]
        return "".join(f"[{self._numbers.setdefault(key, len(self._numbers) + 1)}]" for key in known)

    def speakers(self, announcement: str) -> str:
        cited = self._citations.get(announcement)
        return speakers(cited.by) if cited else "another party"

    def print(self, console: Console) -> None:
        """The notes that were referred to."""
        if not self._numbers:
            return
        title(console, "Sources")
        for key in self._numbers:
            self._note(console, key)

    def _note(self, console: Console, key: str) -> None:
        cited = self._citations[key]
        head = Text(f"[{self._numbers[key]}] {plain(cited.announced)} · {speakers(cited.by)} · ")
        head.append(key, style="bold")
        if cited.status != Verification.VERIFIED:
            head.append(f" · {cited.status}", style="magenta")
        for other in cited.denied_by:
            head.append(f" · denied by {other}", style="magenta")
        console.print(head)
        console.print(Padding(cited.summary, (0, 0, 0, 4)))
        print_sources(console, cited.sources, 4)


def print_sources(console: Console, sources: tuple[SourceAnswer, ...], indent: int) -> None:
    """Citations; addresses on lines of their own, never broken."""
    for each in sources:
        parts = [each.publisher, f"“{each.title}”" if each.title else "", plain(each.published)]
        line = Text(", ".join(part for part in parts if part), style="dim")
        console.print(Padding(line, (0, 0, 0, indent)))
        if each.url:
            address = Text(" " * indent + each.url, style="dim")
            console.print(address, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)
    if not sources:
        console.print(Padding(Text("no source given", style="magenta"), (0, 0, 0, indent)))


def speakers(by: tuple[SpeakerAnswer, ...]) -> str:
    """Who said it: "AZ, Ilham Aliyev (President)"."""
    return "; ".join(_speaker(each) for each in by)


def _speaker(each: SpeakerAnswer) -> str:
    if each.name and each.office:
        return f"{each.party}, {each.name} ({each.office})"
    return f"{each.party}, {each.name or each.office}" if each.name or each.office else each.party
