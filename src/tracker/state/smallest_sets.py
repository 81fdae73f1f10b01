"""The smallest sets that are enough for something, where more never harms: exact, without trying every set."""

from collections.abc import Callable, Iterator
from itertools import islice

Numbers = frozenset[int]


def smallest_sets(count: int, enough: Callable[[Numbers], bool], most: int) -> list[Numbers]:
    """The smallest sets of numbers below `count` that are enough; at most so many of them, the lowest numbers first.

    A set that is not enough, grown until one more number would make it so, shows that at least one of all the other
    numbers is needed. Only sets with a number of each such group are tried, small ones first.

    Args: enough: whether a set is; a set that holds one that is must be, too.
    Returns: sets of one size; none where all the numbers together are not enough.
    Source: implicit hitting sets, as in Reiter, A theory of diagnosis from first principles (1987).
    """
    search = _Search(count, enough)
    if not enough(search.everything):
        return []
    sizes = (list(islice(search.of_size(size), most)) for size in range(count + 1))
    return next(sets for sets in sizes if sets)


class _Search:
    def __init__(self, count: int, enough: Callable[[Numbers], bool]) -> None:
        self.everything = frozenset(range(count))
        self._enough = enough
        self._groups: list[Numbers] = []  # at least one number of each is in every set that is enough

    def of_size(self, size: int) -> Iterator[Numbers]:
        """The sets of a size that are enough, if no smaller one is."""
        yield from self._beyond(frozenset(), size, set())

    def _beyond(self, numbers: Numbers, size: int, seen: set[Numbers]) -> Iterator[Numbers]:
        """The sets of a size that are enough and hold some numbers."""
        if numbers in seen:
            return
        seen.add(numbers)
        group = min((group for group in self._groups if group.isdisjoint(numbers)), key=len, default=None)
        if group is None:
            if self._enough(numbers):
                yield numbers
                return
            group = self.everything - self._grown(numbers)
            self._groups.append(group)
        if len(numbers) < size:
            for number in sorted(group):
                yield from self._beyond(numbers | {number}, size, seen)

    def _grown(self, numbers: Numbers) -> Numbers:
        """A largest set that holds some numbers and is not enough."""
        for number in sorted(self.everything - numbers):
            larger = numbers | {number}
            if not self._enough(larger):
                numbers = larger
        return numbers
