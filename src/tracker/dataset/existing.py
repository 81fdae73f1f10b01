"""What was said until now, of which new statements are checked against the little that they concern."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import Any, Protocol

from tracker.model.announcement import Announcement, Correction, Statement
from tracker.model.events import canonical


class OnRecord(Protocol):
    """All statements on the record, which may be too many to read them."""

    def said(self, names: Collection[str]) -> Iterable[Statement]:
        """All that was said of some announcements, each named by its id or by that of any statement about it."""
        ...

    def speaking_of(self, pledge: str) -> Collection[str]:
        """The announcements that say something of a pledge, or said so before they were corrected."""
        ...

    def names(self) -> Iterable[str]:
        """The ids of all statements."""
        ...

    def pledges(self) -> Iterable[str]:
        """The ids of all pledges."""
        ...


class Listed:
    """Statements in memory."""

    def __init__(self, statements: Iterable[Statement] = ()) -> None:
        self._target: dict[str, str] = {}
        self._about: defaultdict[str, list[Statement]] = defaultdict(list)
        for each in statements:
            self._target[each.id] = _target(each)
            self._about[_target(each)].append(each)

    def said(self, names: Collection[str]) -> Iterable[Statement]:
        targets = {self._target.get(name, name) for name in names}  # also what is spoken of and was never announced
        return [each for target in targets for each in self._about.get(target, ())]

    def speaking_of(self, pledge: str) -> Collection[str]:
        return self._speaking.get(pledge, ())

    def names(self) -> Iterable[str]:
        return self._target

    def pledges(self) -> Iterable[str]:
        return self._speaking

    @cached_property
    def _speaking(self) -> Mapping[str, Collection[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for target, said in self._about.items():
            for pledge in _under("pledge", [*map(canonical, said)]):
                found[pledge].add(target)
        return dict(found)


NOTHING = Listed()


def concerning(new: Collection[Statement], record: OnRecord) -> list[Statement]:
    """All on the record that the rules look at when they check these.

    That is what is said under their ids, what they correct or retract, and what either relates to; and of the pledges
    that either names, who else speaks of them.
    """
    same = list(record.said({*(each.id for each in new), *map(_target, new)}))
    plain = [canonical(each) for each in (*new, *same)]
    speaking = map(record.speaking_of, set(_under("pledge", plain)))
    named = {*_under("announcement", plain), *chain.from_iterable(speaking)}
    return list({each.id: each for each in (*same, *record.said(named))}.values())


def _target(statement: Statement) -> str:
    """The announcement that a statement is or speaks of."""
    if isinstance(statement, Announcement):
        return statement.id
    return statement.corrects if isinstance(statement, Correction) else statement.retracts


def _under(key: str, plain: Any) -> Iterator[str]:
    """Every text that stands under a key, be it in what a correction puts in place of something."""
    if isinstance(plain, dict):
        if isinstance(found := plain.get(key), str):
            yield found
        plain = plain.values()
    elif not isinstance(plain, list):
        return
    for each in plain:
        yield from _under(key, each)
