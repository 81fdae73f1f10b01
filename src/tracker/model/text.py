"""Texts that people write, limited to characters that can be seen."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

_CONTROL = (  # every code point of the categories Cc, Cs and Co but the line feed
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
    "\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]"  # breaks a line, shows text in another order, is no character
)


def visible(text: str) -> str:
    """Check that a text has no characters that control, reorder or hide what a terminal, page or feed shows.

    Raises: ValueError where it has some.
    """
    if match := re.search(_CONTROL, text):
        raise ValueError(f"has control characters (U+{ord(match[0]):04X}): write plain text")
    return text


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", visible(text))


def _line(text: str) -> str:
    if "\n" in text:
        raise ValueError("has several lines: write one")
    return _nfc(text)


Line = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True), AfterValidator(_line)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True), AfterValidator(_nfc)]
NoteField = Annotated[Prose | None, Field(description="Remark of the coder.")]
