"""Plain English for what is wrong: what was written, what is allowed, and the nearest known word."""

import unicodedata
from collections.abc import Collection, Iterable
from datetime import date, time
from difflib import get_close_matches
from typing import Any

LONGEST = 400  # of a message's part that repeats what a file says
_WORTH_COMPARING = 100  # difflib is quadratic
_WORDS = 20_000  # more take seconds: of those, only what begins alike is compared


def printable(text: str) -> str:
    """Text without characters that hide, reverse or break a line; those are shown as \\u escapes."""
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
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
    """The known word that was probably meant; capitals do not count."""
    if len(word) > _WORTH_COMPARING:
        return None
    folded = {other.casefold(): other for other in sorted(known, reverse=True)}
    if len(folded) > _WORDS:
        begin = word.casefold()[: len(word) // 2]
        folded = {key: other for key, other in folded.items() if key.startswith(begin)}
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def one_of(words: Collection[str], most: int = 14) -> str:
    """A closed list in words; a long one is cut."""
    listed = sorted(words)[:most]
    return ", ".join(listed) + (", …" if len(words) > most else "")


def meant(word: str, known: Collection[str], otherwise: str = "") -> str:
    """The mending of a word that is not known: the nearest one, or else all of them."""
    guess = nearest(word, known)
    if guess:
        return f'did you mean "{guess}"?'
    return otherwise or (f"known are {one_of(known)}" if known else "none is known yet")


def strange_letter(text: str) -> str | None:
    """The name of the first letter that is not plain ASCII, since such letters look alike."""
    for char in text[:LONGEST]:
        if not char.isascii():
            return f"{_escape(char)} ({unicodedata.name(char, 'unnamed')})"
    return None
