"""Parts of messages about mistakes: the text that was written, the allowed words, and the nearest known one."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date, time
from difflib import get_close_matches
from typing import Any

MAX_SHOWN_CHARS = 400  # of a text that a message quotes from a file
MAX_COMPARED_CHARS = 100  # difflib is quadratic
MAX_COMPARED_WORDS = 20_000  # of more, which would take seconds, only those that begin alike are compared


SYNONYMS = {  # what coders write for the types of effects
    **dict.fromkeys(("ban", "close", "prohibit", "restrict"), "impose"),
    **dict.fromkeys(("end", "open", "remove", "reopen", "suspend"), "lift"),
    **dict.fromkeys(("prolong", "renew"), "extend"),
    **dict.fromkeys(("delay", "postpone"), "reschedule"),
    **dict.fromkeys(("abandon", "drop"), "cancel"),
    **dict.fromkeys(("allow", "authorise", "authorize"), "permit"),
    "waive": "exempt",
    **dict.fromkeys(("offer", "promise"), "pledge"),
    **dict.fromkeys(("initial", "ratify", "sign"), "stage"),
}
NEGATIONS = ("un", "in", "im", "non", "dis", "de")


def printable(text: str) -> str:
    """Text without characters that hide, reverse or break a line; those are shown as \\u escapes."""
    if len(text) > MAX_SHOWN_CHARS:
        text = text[: MAX_SHOWN_CHARS - 1] + "…"
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def show(value: Any) -> str:
    """A value of a file as TOML writes it, kept short."""
    match value:
        case str():
            return f'"{printable(value[:80])}{"…" if len(value) > 80 else ""}"'
        case bool():
            return "true" if value else "false"
        case int() if abs(value) >= 2**63:
            return "a number of that size"
        case date() | time():
            return value.isoformat()
        case dict():
            return "a table"
        case [] | ():
            return "an empty list"
        case list() | tuple():
            return "a list"
        case _:
            return str(value)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, by its meaning or its letters; capitals do not count.

    A word and its opposite are never near: "ready" is not meant by "unready".
    """
    if len(word) > MAX_COMPARED_CHARS:
        return None
    folded = {other.casefold(): other for other in sorted(known, reverse=True)}
    if (synonym := SYNONYMS.get(word.casefold())) in folded:
        return synonym
    if len(folded) > MAX_COMPARED_WORDS:
        begin = word.casefold()[: len(word) // 2]
        folded = {key: other for key, other in folded.items() if key.startswith(begin)}
    matches = get_close_matches(word.casefold(), folded, n=3, cutoff=0.6)
    return next((folded[match] for match in matches if not _are_opposites(match, word.casefold())), None)


def _are_opposites(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return longer.removesuffix(shorter) in NEGATIONS


def one_of(words: Collection[str], limit: int = 14) -> str:
    """A closed list in words; a long one is cut."""
    listed = sorted(words)[:limit]
    return ", ".join(listed) + (", …" if len(words) > limit else "")


def meant(word: str, known: Collection[str], otherwise: str = "") -> str:
    """Advice about an unknown word: the nearest known one, or else all of them."""
    guess = nearest(word, known)
    if guess:
        return f'did you mean "{guess}"?'
    return otherwise or (f"known are {one_of(known)}" if known else "none is known yet")


_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]", re.IGNORECASE)


def reserved_name(name: str) -> str | None:
    """A message, if no file on Windows can have this name, whatever its ending."""
    return f"no file on Windows can be called {name}: choose another id" if _RESERVED.fullmatch(name) else None


def differs_in_case(name: str, other: str) -> str:
    """A message about an id that another one equals but for its case."""
    return f"{name} differs from {other} in case only, which is one name to people and to some file systems: rename it"


def strange_letter(text: str) -> str | None:
    """The name of the first letter that is not plain ASCII, since such letters look alike."""
    for char in text[:MAX_SHOWN_CHARS]:
        if not char.isascii():
            return f"{_escape(char)} ({unicodedata.name(char, 'unnamed')})"
    return None
