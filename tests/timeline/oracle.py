"""Design §5 and §9 read literally, for one state of knowledge at a time: the oracle of the columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from tracker.model.announcement import Announcement, Correction, Retraction, merge_patch
from tracker.model.dates import Day
from tracker.model.events import Recorded, canonical

Days = tuple[date, date]  # the earliest and the latest
ONE = timedelta(days=1)


@dataclass(frozen=True)
class Claim:
    """One assertion: days, not microseconds."""

    order: tuple[date, int, str, int]  # with the rank among the statements of the day
    cited: tuple[str, int]  # the effect that makes it
    track: str
    begins: Days | None  # None: it waits for a date
    ends: Days | None  # inclusive
    kind: str
    effect: Any
    on_expiry: str | None

    def covers(self, day: date) -> bool:
        return self.begins is not None and self.begins[1] <= day and (self.ends is None or day <= self.ends[1])


def claims(log: Sequence[Recorded], announced_by: date, recorded_by: int) -> list[Claim]:
    """Every assertion that is known on both clocks, in the order, with the content that counts there."""
    ranks = _ranks([event.announcement for _, event in log if hasattr(event, "announcement")])
    plain = sorted(_claims(log, announced_by, recorded_by, ranks), key=lambda claim: claim.order)
    changes = [claim for claim in plain if claim.kind in ("reschedule", "cancel")]
    moved = [_moved(claim, changes, plain) for claim in plain if claim not in changes]
    settled: list[Claim] = []
    for claim in moved:
        if claim is not None:
            one = _extended(claim, [each for each in settled if each.track == claim.track])
            settled += [one] if one is not None else []
    return sorted([*settled, *_none_left(settled)], key=lambda claim: claim.order)


def _ranks(originals: Sequence[Announcement]) -> dict[str, int]:
    """How many statements of its day stand in a row before each, by their words; a circle of words orders nothing."""
    days = {one.id: one.announced.latest for one in originals}

    def of_its_day(one: Announcement, names: list[str]) -> set[str]:
        return {name for name in names if name != one.id and days.get(name) == days[one.id]}

    said = {one.id: of_its_day(one, list(one.after)) for one in originals}
    related = {one.id: of_its_day(one, [each.announcement for each in one.relation]) for one in originals}
    every = {name: said[name] | related[name] for name in days}

    def reaches(start: str, end: str, edges: dict[str, set[str]]) -> bool:
        seen, waiting = {start}, [start]
        while waiting:
            for name in edges[waiting.pop()] - seen:
                seen.add(name)
                waiting.append(name)
        return end in seen

    before = {
        name: {other for other in said[name] if not reaches(other, name, said)}
        | {other for other in related[name] if not reaches(other, name, every)}
        for name in days
    }

    def rank(name: str) -> int:
        return max((rank(other) + 1 for other in before[name]), default=0)

    return {name: rank(name) for name in days}


def _claims(log: Sequence[Recorded], announced_by: date, recorded_by: int, ranks: dict[str, int]) -> list[Claim]:
    found: list[Claim] = []
    stored = [(at, getattr(event, "announcement", None), event) for at, event in log if at <= recorded_by]
    changes = [
        (at, getattr(event, "correction", None) or getattr(event, "retraction", None)) for at, _, event in stored
    ]
    for _, original, _ in stored:
        if original is None or original.announced.latest > announced_by:
            continue
        about = [
            change
            for _, change in changes
            if change is not None
            and original.id in (getattr(change, "corrects", None), getattr(change, "retracts", None))
            and change.announced.latest <= announced_by
        ]
        content = _content(original, sorted(about, key=lambda change: (change.announced.latest, change.id)))
        found += _made(original, ranks[original.id], content) if content is not None else []
    return found


def _content(original: Announcement, changes: Sequence[Correction | Retraction]) -> Announcement | None:
    # A correction patches the content that stood before it in the order of announcement, as far as it is known.
    content: Announcement | None = original
    last = original
    for change in changes:
        if isinstance(change, Retraction):
            content = None
            continue
        last = Announcement.model_validate(merge_patch(canonical(last), change.patch))
        content = last
    return content


def _made(original: Announcement, rank: int, content: Announcement) -> list[Claim]:
    made = []
    for index, effect in enumerate(content.effect):
        said: Any = effect
        waits = getattr(said, "from_event", None) is not None
        last_day = getattr(said, "last_day", None)
        made.append(
            Claim(
                (original.announced.latest, rank, original.id, index),
                (original.id, index),
                _track(said, original.id, index),
                None if waits else _pair(getattr(said, "starts", None) or content.announced),
                _pair(last_day) if last_day else None,
                said.type,
                said,
                getattr(said, "on_expiry", None),
            )
        )
    return made


def _track(effect: Any, announcement: str, index: int) -> str:
    if effect.type in ("reschedule", "cancel"):
        return str(effect.of)
    if effect.type == "exempt":
        return f"exemption:{effect.exemption or f'{announcement}-{index + 1}'}"
    return f"exemption:{effect.exemption}" if getattr(effect, "exemption", None) else f"measure:{effect.measure}"


def _pair(day: Day) -> Days:
    return day.earliest, day.latest


def _moved(claim: Claim, changes: Sequence[Claim], all_claims: Sequence[Claim]) -> Claim | None:
    """A claim after every change that is about it, one after the other; None where one cancels it."""
    own = claim.cited
    for change in changes:
        if _target(change, changes, all_claims) != own:
            continue
        if change.kind == "cancel":
            return None
        effect = change.effect
        begins = _pair(effect.starts) if effect.starts else claim.begins
        ends = _pair(effect.last_day) if effect.last_day else claim.ends
        if begins is not None and ends is not None and ends[1] < begins[1]:
            return None
        claim = replace(claim, cited=change.cited, begins=begins, ends=ends)
    return claim


def _target(change: Claim, changes: Sequence[Claim], all_claims: Sequence[Claim]) -> tuple[str, int] | None:
    """The effect that a change is about; where that is a change itself, what that one is about."""
    seen = set()
    while change.cited not in seen:
        seen.add(change.cited)
        name, _, number = change.track.partition("#")
        if not number:
            made = [one for one in all_claims if one.track == f"exemption:{name}" and one.kind == "exempt"]
            return max((one.order, one.cited) for one in made)[1] if (
                made := [one for one in made if one.order < change.order]
            ) else None  # fmt: skip
        target = (name, int(number) - 1)
        again = [one for one in changes if one.cited == target]
        if not again:
            return target
        change = again[0]
    return None


def _extended(claim: Claim, before: Sequence[Claim]) -> Claim | None:
    if claim.kind != "extend":
        return claim
    day = claim.order[0]
    in_force = [one for one in before if one.kind in ("impose", "extend", "exempt") and one.begins is not None]
    covering = [one for one in before if one.covers(day)]
    if covering and covering[-1].kind == "lift":
        return None
    running = [one for one in in_force if one.ends is None or one.ends[1] >= day]
    over = [one for one in in_force if one not in running]
    if running:
        prolonged = running[-1]
    elif over:
        prolonged = max(over, key=lambda one: (one.ends[1], one.order))  # type: ignore[index]
        if prolonged.on_expiry == "ends":
            return None
    else:
        return None
    assert claim.begins is not None
    assert claim.ends is not None
    if prolonged.ends is None or claim.ends[1] <= prolonged.ends[1]:
        return None
    after = (prolonged.ends[0] + ONE, prolonged.ends[1] + ONE)
    begins = after if after[1] >= claim.begins[1] else claim.begins
    kind = "exempt" if prolonged.kind == "exempt" else "extend"
    return replace(
        claim, begins=begins, kind=kind, effect=prolonged.effect, on_expiry=claim.on_expiry or prolonged.on_expiry
    )


def _none_left(settled: Sequence[Claim]) -> list[Claim]:
    """What the ends of measures say of the exemptions from them: that there is none from then on."""
    none: list[Claim] = []
    for track in {one.track for one in settled if one.track.startswith("exemption:")}:
        exempt = [one for one in settled if one.track == track and one.kind == "exempt"]
        for measure in {one.effect.measure for one in exempt}:
            first = min(one.order for one in exempt)
            own = [one for one in settled if one.track == f"measure:{measure}"]
            for one in own:
                begins: Days | None = None
                if one.kind == "lift" and one.ends is None:
                    begins = one.begins
                elif one.kind != "lift" and one.begins is not None and one.ends is not None and one.on_expiry == "ends":
                    end = one.ends[1]
                    others = [other for other in own if other is not one and other.order[0] <= end]
                    begun = [other for other in others if other.begins is not None]
                    if not any(other.ends is None or other.ends[1] > end for other in begun):
                        begins = (one.ends[0] + ONE, one.ends[1] + ONE)
                if begins is not None and one.order > first:
                    none.append(replace(one, track=track, begins=begins, ends=None, kind="lift"))
    return none


def deciding(log: Sequence[Recorded], track: str, day: date, announced_by: date, recorded_by: int) -> Claim | None:
    """What decides a track at the close of a day: the last, in the order, that is known and covers it."""
    covering = [one for one in claims(log, announced_by, recorded_by) if one.track == track and one.covers(day)]
    return covering[-1] if covering else None
