"""Existing statements: new ones are checked against the few of them that they concern."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import Any, Protocol

from tracker.model.announcement import Announcement, Correction, Statement, exemptions_made
from tracker.model.events import canonical


class OnRecord(Protocol):
    """Access to the statements on the record, which may be too many to read them all."""

    def about(self, names: Collection[str]) -> Iterable[Statement]:
        """All statements about some announcements, each named by its id or by that of any statement about it."""
        ...

    def naming_pledge(self, pledge: str) -> Collection[str]:
        """The announcements that name a pledge, or named it before they were corrected."""
        ...

    def names(self) -> Iterable[str]:
        """The ids of all statements."""
        ...

    def pledges(self) -> Iterable[str]:
        """The ids of all pledges."""
        ...

    def exemptions(self) -> Iterable[str]:
        """The ids of all exemptions."""
        ...


class StatementList:
    """Statements in memory."""

    def __init__(self, statements: Iterable[Statement] = ()) -> None:
        self._target: dict[str, str] = {}
        self._about: defaultdict[str, list[Statement]] = defaultdict(list)
        for statement in statements:
            self._target[statement.id] = _target(statement)
            self._about[_target(statement)].append(statement)

    def about(self, names: Collection[str]) -> Iterable[Statement]:
        targets = {self._target.get(name, name) for name in names}  # a target may never have been announced
        return [statement for target in targets for statement in self._about.get(target, ())]

    def naming_pledge(self, pledge: str) -> Collection[str]:
        return self._by_pledge.get(pledge, ())

    def names(self) -> Iterable[str]:
        return self._target

    def pledges(self) -> Iterable[str]:
        return self._by_pledge

    def exemptions(self) -> Iterable[str]:
        announcements = chain.from_iterable(self._about.values())
        return {
            exemption
            for announcement in announcements
            if isinstance(announcement, Announcement)
            for exemption in exemptions_made(announcement)
        }

    @cached_property
    def _by_pledge(self) -> Mapping[str, Collection[str]]:
        targets: defaultdict[str, set[str]] = defaultdict(set)
        for target, statements in self._about.items():
            for pledge in _under("pledge", [*map(canonical, statements)]):
                targets[pledge].add(target)
        return dict(targets)


NO_STATEMENTS = StatementList()


def concerning(new: Collection[Statement], record: OnRecord) -> list[Statement]:
    """All statements on the record that the rules need to check new ones.

    These are statements with their ids, their targets and the other statements about them, all announcements to which
    either relates or that either moves or comes after, and all that name the pledges that either names.
    """
    direct = list(record.about({*(statement.id for statement in new), *map(_target, new)}))
    plain = [canonical(statement) for statement in (*new, *direct)]
    naming = map(record.naming_pledge, set(_under("pledge", plain)))
    moved = (target.partition("#")[0] for target in _under("of", plain))
    earlier = (name for one in plain for name in one.get("after", ()))
    related = {*_under("announcement", plain), *moved, *earlier, *chain.from_iterable(naming)}
    return list({statement.id: statement for statement in (*direct, *record.about(related))}.values())


def _target(statement: Statement) -> str:
    """The id of the announcement that a statement is, corrects or retracts."""
    if isinstance(statement, Announcement):
        return statement.id
    return statement.corrects if isinstance(statement, Correction) else statement.retracts


def _under(key: str, plain: Any) -> Iterator[str]:
    """Every text under a key of a statement, at any depth: also in the replacements of a correction."""
    if isinstance(plain, dict):
        if isinstance(text := plain.get(key), str):
            yield text
        plain = plain.values()
    elif not isinstance(plain, list):
        return
    for part in plain:
        yield from _under(key, part)
