"""Upcasters: how an event stored in an older shape is read as if it had been stored today.

An upcaster is a function on the plain JSON of one type of event, from one schema version to the next. Stored events
never change; when a class of `model.events` changes shape, register here what the change means for the old shape.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from tracker.model.errors import NewerStore

Plain = dict[str, Any]
Upcaster = Callable[[Plain], Plain]

FIRST = 1  # the schema version in which every type of event began


class Upcasters:
    """The steps from each schema version of each type to the next."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, int], Upcaster] = {}
        self._count: Counter[str] = Counter()

    def register(self, name: str, version: int) -> Callable[[Upcaster], Upcaster]:
        """Decorate the step of one type from a version to the next; steps are registered in order."""
        if version != self.current(name):
            raise ValueError(f"the next step of {name} is from version {self.current(name)}, not {version}")

        def put(step: Upcaster) -> Upcaster:
            self._steps[name, version] = step
            self._count[name] += 1
            return step

        return put

    def current(self, name: str) -> int:
        """The schema version in which events of this type are stored today."""
        return FIRST + self._count[name]

    def lifted(self, plain: Plain) -> Plain:
        """A stored event in today's shape, without its schema version.

        Raises: NewerStore, if it was stored in a version that is not known here.
        """
        name, version = plain["type"], plain.pop("schema")
        if version > self.current(name):
            raise NewerStore(
                f"the store holds {name} in schema {version}, this tracker knows up to {self.current(name)}: "
                "upgrade the tracker"
            )
        for step in range(version, self.current(name)):
            plain = self._steps[name, step](plain)
        return plain


UPCASTERS = Upcasters()
