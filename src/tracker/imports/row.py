"""A row of somebody else's table, and what is said where it does not fit."""

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

Cells = Mapping[str, str]  # by column; "" where the cell is blank

ANNOUNCED, DAY = "@announced", "@day"  # pseudo-columns: when the version that is imported was published
NUMBER = "@number"  # pseudo-column: the row's number in its chain, from 1


def of_the_version(column: str) -> bool:
    """Whether a column is about the version that is imported, and so differs each time."""
    return column.startswith("@") and column != NUMBER


class Row(NamedTuple):
    """One record of the file."""

    line: int  # on which it begins, from 1
    cells: Cells


class Unfit(Exception):
    """A row that does not fit the mapping; caught where rows are counted."""


def slug(text: str) -> str:
    """Text as part of an id: plain small letters and digits, with hyphens between.

    Raises: Unfit where nothing is left.
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not made:
        raise Unfit(f"{text[:80]!r} has no letter or digit that an id can have")
    return made
