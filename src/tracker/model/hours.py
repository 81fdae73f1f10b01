"""Hours and seasons at which an effect applies, in the grammar of OpenStreetMap's `opening_hours`.

The parser is imported when an expression is first checked: most questions name no hours.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_REFUSED = {  # what is never written here: how to write it instead
    r"\b(PH|SH)\b": "public and school holidays differ from place to place: list the days",
    r"\b(sunrise|sunset|dawn|dusk)\b": "the sun's times are not computed: write hours",
    r"\bunknown\b": "write only the times at which it applies",
    r"\b(off|closed)\b": "write only the times at which it applies",
    r"\+": "an open end is not a time: write when it ends",
    r"\|\|": "alternatives are not evaluated: keep one",
    r"\b(Feb 3[01]|(Apr|Jun|Sep|Nov) 31)\b": "there is no such day",
    r'"': "comments are not read: use `note` or `conditions`",
}


def checked_hours(text: str) -> str:
    """An expression of hours, if it is one that can be evaluated.

    Raises: ValueError where it is not, with what to write instead.
    """
    for pattern, remedy in _REFUSED.items():
        if match := re.search(pattern, text):
            raise ValueError(f"cannot have {match[0]}: {remedy}")
    from datetime import datetime

    from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]

    try:
        hours = OpeningHours(text)
    except ParserError:
        raise ValueError(
            f'{text!r} is no expression of hours: write e.g. "Mo-Fr 08:00-18:00", "May-Oct" or "23:00-07:00"'
        ) from None
    start = datetime(1900, 1, 1)  # evaluated in naive local time
    if not hours.is_open(start) and hours.next_change(start) is None:
        raise ValueError(f"{text!r} never applies: mend it, or leave `when` out")
    return text


Hours = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(checked_hours)]
