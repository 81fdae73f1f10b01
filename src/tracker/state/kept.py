"""Objects kept for later questions: a bounded number of them, whatever the questions are."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """Objects by key. Lasting ones stay; of the others the oldest are forgotten. Safe for threads."""

    def __init__(self, most: int) -> None:
        """Args: most: how many are kept beside the lasting ones."""
        self._most = most
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
        for oldest in list(self._passing)[: -self._most]:
            self._passing.pop(oldest, None)
        return value

    def forget(self, *, lasting: bool) -> None:
        """Forget the passing objects, and perhaps the lasting ones."""
        self._passing.clear()
        if lasting:
            self._lasting.clear()
