"""Answers for programs: JSON on standard output. The shapes are those of `tracker.queries`; see docs/json.md."""

import sys
from collections.abc import Iterable
from typing import Protocol


class Dumpable(Protocol):
    """An answer that writes itself as JSON."""

    def model_dump_json(self, *, indent: int | None = None, by_alias: bool | None = None) -> str: ...


def show(answers: Iterable[Dumpable], *, one: bool) -> None:
    """Write answers, one at a time as they come.

    Args: one: write the first as an object; else all of them as a list.
    """
    write = sys.stdout.write
    texts = (answer.model_dump_json(indent=2, by_alias=True) for answer in answers)
    if one:
        write(next(iter(texts)) + "\n")
        return
    write("[")
    for number, text in enumerate(texts):
        write(f",\n{text}" if number else text)
    write("]\n")


def show_values(values: object) -> None:
    """Write plain values: counts, problems."""
    import json

    sys.stdout.write(json.dumps(values, indent=2, ensure_ascii=False) + "\n")
