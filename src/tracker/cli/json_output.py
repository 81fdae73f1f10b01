"""Answers for machines: JSON. The shapes are those of `tracker.queries`; see docs/json.md."""

import sys
from collections.abc import Iterable
from typing import Protocol


class Model(Protocol):
    """What can say itself in JSON."""

    def model_dump_json(self, *, indent: int | None = None, by_alias: bool | None = None) -> str: ...


def show(answers: Iterable[Model], *, one: bool) -> None:
    """Write answers to standard output, a little at a time.

    Args: one: an object; otherwise a list of them.
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
