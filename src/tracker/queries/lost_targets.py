"""Changes of plans that have lost what they change, by a correction or retraction since. Source: design §9."""

from collections.abc import Iterator

from tracker.dataset.plan_rules import missing_keys
from tracker.model.announcement import Announcement
from tracker.model.effects import AnyEffect, Cancel, Extend, Reschedule
from tracker.state.record import View
from tracker.timeline.assertions import exemption_track, pledge_track, tracks_of

REMEDY = "so this asserts nothing any more: correct it to name what is meant, or retract it"


def lost_targets(view: View, content: Announcement) -> Iterator[tuple[int, str]]:
    """The effects of an announcement, by number from 0, that have nothing to move or prolong any more, and why."""
    for number, effect in enumerate(content.effect):
        if isinstance(effect, Reschedule | Cancel):
            if reason := _lost(view, effect):
                yield number, f"{reason}, {REMEDY}"
        elif isinstance(effect, Extend) and not _prolongs(view, content.id, number, effect):
            name = effect.exemption or effect.measure
            names = name if isinstance(name, str) else " and ".join(name or ())
            yield number, f"what was said of {names} has been corrected or retracted since, {REMEDY}"


def _lost(view: View, effect: Reschedule | Cancel) -> str | None:
    """Why a plan has no target: its announcement, or an effect that it can move, is not there any more."""
    name, _, number = effect.of.partition("#")
    if not number:
        tracks = (exemption_track(name), pledge_track(name))
        made = any(True for track in tracks for _ in view.assertions.beginning(track))
        lost = not made and isinstance(effect, Reschedule)  # what is dropped has no rows either
        return f"{name} has been corrected or retracted since" if lost else None
    version = view.version(name)
    if version is None or version.content is None:
        return f"{name} has been retracted since"
    if int(number) > len(version.content.effect):
        return f"{name} has been corrected since, and has no effect #{number}"
    target = version.content.effect[int(number) - 1]
    key = next(iter(missing_keys(effect.model_dump(by_alias=True, exclude_none=True), target)), None)
    if key is not None:
        return f"{name} has been corrected since, and {effect.of}, of type {target.type}, has no `{key}`"
    return None


def _prolongs(view: View, name: str, number: int, effect: AnyEffect) -> bool:
    """Whether an extension prolongs something, or was itself moved since."""
    if view.record.stated.plans_about((f"{name}#{number + 1}",), view.known):
        return True
    for track in tracks_of(effect, name, number):
        for own in (track, *(found for _, found in view.assertions.beginning(track + ":"))):
            at = view.track(own)
            for row in view.rows_of(at) if at >= 0 else ():
                if (view.assertions.announced_in(row), int(view.assertions.effect_number[row])) == (name, number):
                    return True
    return False
