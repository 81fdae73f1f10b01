"""The announcements in which another party says that one is not so. Source: design §9."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from tracker.model.vocabulary import RelationType

if TYPE_CHECKING:  # a stored record makes no models of what its answers do not cite
    from tracker.model.announcement import Announcement
    from tracker.timeline.versions import Version


def denials(
    announcement: str, denying: Sequence[str], known_version: "Callable[[str], Version | None]"
) -> Iterator[str]:
    """The announcements in which another party denies one, in the order of announcement.

    Args: denying: those that deny it in some version; known_version: the version of an announcement that is known.
    """
    if not denying:
        return  # as a rule, and then no announcement is read
    denied = known_version(announcement)
    known = [(version.order, key) for key in denying if (version := known_version(key))]
    for _, key in sorted(known):
        version = known_version(key)
        content, own = version and version.content, denied and denied.content
        if content and own and announcement in _denied_by(content) and not _same_voice(own, content):
            yield key


def _denied_by(content: "Announcement") -> Iterator[str]:
    return (relation.announcement for relation in content.relation if relation.type is RelationType.DENIES)


def _same_voice(one: "Announcement", other: "Announcement") -> bool:
    return {speaker.party for speaker in one.by} == {speaker.party for speaker in other.by}
