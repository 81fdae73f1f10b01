"""Rules of web addresses: whose they seem to be is whose they are."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from tracker.dataset.validation import EntryFinding
from tracker.model.announcement import Source
from tracker.model.errors import Severity

_WRITTEN_TOGETHER = {"cjk", "hiragana", "katakana", "latin"}


def address_findings(sources: Iterable[Source]) -> Iterator[EntryFinding]:
    """Findings about the addresses of sources."""
    for number, source in enumerate(sources):
        for key in ("url", "archived_url"):
            address = getattr(source, key)
            if address is not None:
                for message, severity in _mistakes(address):
                    yield EntryFinding(("source", number, key), message, severity)


def _mistakes(address: str) -> Iterator[tuple[str, Severity]]:
    try:
        parts = urlsplit(address)
    except ValueError:
        yield "is not a web address: its host cannot be read", Severity.ERROR
        return
    if "@" in parts.netloc:
        message = f"has a user name before its host, {parts.netloc.rpartition('@')[2]}: leave out all up to the @"
        yield message, Severity.ERROR
    for label in (parts.hostname or "").split("."):
        scripts = _scripts(label)
        if len(scripts) > 1 and not scripts <= _WRITTEN_TOGETHER:
            names = " and ".join(sorted(scripts))
            yield f"mixes {names} letters in {label!r}: it may not be the host that it looks like", Severity.WARNING


def _scripts(label: str) -> set[str]:
    """The scripts of the letters of a part of a host's name, written out where it is encoded."""
    if label.startswith("xn--"):
        try:
            label = label[4:].encode("ascii").decode("punycode")
        except UnicodeError:
            return set()
    return {re.split("[ -]", unicodedata.name(letter, "UNKNOWN"))[0].lower() for letter in label if letter.isalpha()}
