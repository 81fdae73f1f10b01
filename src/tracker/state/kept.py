"""Objects kept for later questions: a bounded number of them, whatever the questions are."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, Protocol, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class HasMemo(Protocol):
    """An object with a memo of what was worked out from it."""

    memo: dict[Hashable, Any]


def release(value: HasMemo) -> None:
    """Let go of a memo, whose parts refer to its owner: else both stay until the garbage collector's next run."""
    value.memo = {}


class Kept(Generic[Key, Value]):
    """Objects by key. Lasting ones stay; of the others the oldest are forgotten. Safe for threads."""

    def __init__(self, most: int, release: Callable[[Value], None] = lambda _: None) -> None:
        """Set the bound.

        Args: most: how many are kept beside the lasting ones and the newest; release: called with each forgotten one.
        """
        self._most, self._release = most, release
        self._lasting: dict[Key, Value] = {}
        self._passing: dict[Key, Value] = {}

    def get(self, key: Key, make: Callable[[], Value], lasts: Callable[[], bool]) -> Value:
        """The object of a key. Args: make: makes it where it is not kept; lasts: whether it is a lasting one."""
        value = self._lasting.get(key) or self._passing.get(key)
        if value is not None:
            return value
        value = make()
        if lasts():
            self._lasting[key] = value
            return value
        self._passing[key] = value
        self._forget(self._passing, list(self._passing)[: -self._most - 1])
        return value

    def forget(self, *, lasting: bool) -> None:
        """Forget the passing objects, and perhaps the lasting ones."""
        self._forget(self._passing, list(self._passing))
        if lasting:
            self._forget(self._lasting, list(self._lasting))

    def _forget(self, values: dict[Key, Value], keys: Sequence[Key]) -> None:
        for key in keys:
            value = values.pop(key, None)
            if value is not None:
                self._release(value)
