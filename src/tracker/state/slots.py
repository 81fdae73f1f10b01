"""The slots of a lane: all on whom its status depends, numbered along its path. Source: design §6."""

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from functools import lru_cache, reduce
from hashlib import blake2b
from itertools import pairwise
from operator import or_
from typing import NamedTuple

from tracker.model.dates import BEGINNING, FOREVER, Instant
from tracker.model.lifespans import ALWAYS, Lifespan
from tracker.state.lanes import Site, Step
from tracker.state.phases import Phase
from tracker.state.status import Choice, choose


class Role(IntEnum):
    """How a speaker's word counts for a lane's status."""

    NEEDED = 0  # consent is needed
    ASSUMED = 1  # consent is needed, and given unless a measure says otherwise
    OTHERS = 2  # consent is not needed: only restrictions count
    READINESS = 3  # reports on infrastructure
    EXISTENCE = 4  # whether a crossing exists


class SiteSlots(NamedTuple):
    """A site, or a part of it, and the slots of its authorities, of all others who speak of it, and of readiness."""

    site: Site
    authorities: range
    others: int
    readiness: int


SHARED = -1  # for a slot that a site shares with all others of the lane, before that is numbered


class _Numbering:
    """The slots of the sites along a path, as they are numbered."""

    def __init__(self) -> None:
        self.roles: list[Role] = []
        self.sites: list[SiteSlots] = []
        self.lacking: list[tuple[int, Lifespan]] = []
        self.alike: dict[int, int] = {}

    def put(self, site: Site, *, choice: bool) -> range:
        """Number the slots of a site, of each of its phases in turn. Args: choice: whether its step leaves one."""
        first = len(self.roles)
        parts = [self._put(part, choice=choice) for part in site.parts]
        readiness = SHARED
        if choice:
            readiness = self._add(Role.READINESS, (ALWAYS,) if site.missing else ())
            if site.absent:
                self._add(Role.EXISTENCE, site.absent)
        self.sites += [part._replace(readiness=readiness) for part in parts]
        if site.phases:
            self.alike |= dict.fromkeys(range(first, len(self.roles)), first)
        return range(first, len(self.roles))

    def _put(self, part: Site, *, choice: bool) -> SiteSlots:
        role = Role.ASSUMED if part.assumed else Role.NEEDED
        outside = part.phase.span.outside if part.phase else ()
        first = len(self.roles)
        for _ in part.authorities:
            self._add(role, outside)
        authorities = range(first, len(self.roles))
        others = self._add(Role.OTHERS, outside) if choice or part.phase else SHARED
        return SiteSlots(part, authorities, others, SHARED)

    def put_whole(self, steps: Sequence[Step]) -> Iterator["WholeSlot"]:
        """Number the slots of all others who speak of the lane as a whole, where its sites have phases."""
        first = len(self.roles)
        for phase in _phases_together(steps):
            slot = self._add(Role.OTHERS, phase.span.outside)
            self.alike[slot] = first
            yield WholeSlot(slot, phase.authorities, phase)

    def _add(self, role: Role, lacking: Iterable[Lifespan] = ()) -> int:
        """Number one slot. Args: lacking: when LACKING stands in it, whatever is announced."""
        slot = len(self.roles)
        self.roles.append(role)
        self.lacking += [(slot, span) for span in lacking]
        return slot


class WholeSlot(NamedTuple):
    """The slot of all others who speak of a lane as a whole, and the authorities along it."""

    slot: int
    authorities: tuple[str, ...]
    phase: Phase | None


def _phases_together(steps: Sequence[Step]) -> Iterator[Phase]:
    """The phases of a lane as a whole: between any two dates of its sites, all in charge along it."""
    sites = [site for step in steps for site in step.alternatives]
    begins = sorted({phase.span.begin for site in sites for phase in site.phases})
    for begin, end in pairwise([*begins, FOREVER]):
        parts = [part for site in sites for part in site.parts if part.phase is None or part.phase.span.holds(begin)]
        told = [part.phase for part in parts if part.phase is not None]
        authorities = tuple(dict.fromkeys(authority for part in parts for authority in part.authorities))
        replaced = tuple(dict.fromkeys(one for phase in told for one in phase.replaced if one[0] not in authorities))
        related = frozenset[str]().union(*(phase.related for phase in told))
        yield Phase(Lifespan(begin, end), authorities, (), replaced, related, told[0].inside)


class Slots:
    """All on whom a lane depends, numbered along its path, whether or not they have announced anything.

    Where a step leaves a choice between sites, each site has slots of its own for others and for readiness; all the
    rest share those of the lane, which come last. A site with phases has slots of its own for each of them: outside
    its phase, LACKING stands in a slot, and nothing else counts there. Behind them, passages are counted: those at the
    lane's subject, and those at each site of a choice.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        numbering = _Numbering()
        self.choices: list[list[range]] = []  # for each step that leaves one: the slots of each site
        chosen: list[Site] = []  # the sites of all choices
        for step in steps:
            choice = len(step.alternatives) > 1
            ranges = [numbering.put(site, choice=choice) for site in step.alternatives]
            if choice:
                self.choices.append(ranges)
                chosen += step.alternatives
        whole = tuple(numbering.put_whole(steps))
        roles = numbering.roles
        self.others, self.readiness, self.passages = range(len(roles), len(roles) + 3)
        self.roles: tuple[Role, ...] = (*roles, Role.OTHERS, Role.READINESS)
        self.sites = tuple(
            one._replace(
                others=self.others if one.others == SHARED else one.others,
                readiness=self.readiness if one.readiness == SHARED else one.readiness,
            )
            for one in numbering.sites
        )
        authorities = tuple({authority for site in self.sites for authority in site.site.authorities})
        self.whole = whole or (WholeSlot(self.others, authorities, None),)
        self.lacking = tuple(numbering.lacking)  # when LACKING stands in a slot by the registry alone
        self.alike = numbering.alike  # of the slots of a site with phases: the first of them
        self.silences = _silences(numbering.sites, len(self.roles))  # of a slot with phases: the number of its silence
        self.edges = tuple(sorted({at for _, span in self.lacking for at in span.edges}))
        self.gates = {site.place: number for number, site in enumerate(chosen) if site.on_path}  # crossings of choices
        self.count = self.passages + 1 + len(chosen)
        of_choices = {slot for choice in self.choices for slots in choice for slot in slots}
        self.common = [slot for slot in range(len(self.roles)) if slot not in of_choices]
        self.numbers = {
            name: number
            for number, step in enumerate(steps)
            for name in (step.place, *(site.place for site in step.alternatives))
        }  # of the steps, by the names of their places
        self.places = {(self.readiness, steps[0].alternatives[0].mode): frozenset[str]()}  # by slot and mode
        for site, _, _, slot in self.sites:
            self.places[slot, site.mode] = self.places.get((slot, site.mode), frozenset()) | site.matches

    def changes(self) -> Iterator[tuple[Instant, int, int]]:
        """When LACKING begins to stand in a slot by the registry alone, or no longer does: instants, slots, 1 or -1."""
        for slot, span in self.lacking:
            yield span.begin, slot, 1
            if span.end < FOREVER:
                yield span.end, slot, -1

    def span_of(self, slot: int) -> Lifespan:
        """The time during which a slot counts."""
        outside = [span for number, span in self.lacking if number == slot]
        begin = max((span.end for span in outside if span.begin == BEGINNING), default=BEGINNING)
        return Lifespan(begin, min((span.begin for span in outside if span.end == FOREVER), default=FOREVER))

    def out_at(self, at: Instant) -> frozenset[int]:
        """The slots in which LACKING stands at an instant by the registry alone."""
        return frozenset(slot for slot, span in self.lacking if span.holds(at))

    def passage(self, gate: str) -> int:
        """The slot of passages at a gate; those at a gate that leaves no choice are the lane's own."""
        number = self.gates.get(gate)
        return self.passages if number is None else self.passages + 1 + number

    def choice(self, consequences: Sequence[int]) -> Choice:
        """The status that follows, and the best site of each step that leaves a choice.

        Args: consequences: those of each slot, as a set of `Consequence`.
        """
        sites = (tuple([_joined(consequences, slots) for slots in choice]) for choice in self.choices)
        return choose(_joined(consequences, self.common), tuple(sites))

    def deciding(self, best: Iterable[Sequence[int]]) -> Sequence[int]:
        """The slots that decide the status. Args: best: the numbers of the best sites of each choice."""
        sites = (choice[number] for choice, numbers in zip(self.choices, best, strict=True) for number in numbers)
        return [*self.common, *(slot for slots in sites for slot in slots)]


def _silences(sites: Iterable[SiteSlots], slots: int) -> Sequence[int]:
    """A number of the silence of each authority of a site with phases, by slot: another one is silent then; else 0."""
    numbers = [0] * slots
    for site, authorities, _, _ in sites:
        for slot, authority in zip(authorities, site.authorities, strict=True):
            if site.phase is not None:
                text = f"{site.place} {authority}".encode()
                numbers[slot] = int.from_bytes(blake2b(text, digest_size=7).digest(), "big")
    return numbers


@lru_cache(maxsize=4_096)  # the lanes of a subject share them
def slots_of(steps: tuple[Step, ...]) -> Slots:
    """The slots of a lane with this path."""
    return Slots(steps)


def _joined(consequences: Sequence[int], slots: Iterable[int]) -> int:
    """The consequences of several slots together."""
    return reduce(or_, [consequences[slot] for slot in slots], 0)
