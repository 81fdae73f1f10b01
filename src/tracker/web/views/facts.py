"""The fields of a registry entry or an effect as names and words; ids give way to names."""

from collections.abc import Mapping

from tracker.model.names import name_of, party_name
from tracker.web.timeline import Timeline

PARTY_FIELDS = {"party", "parties", "by", "authority"}
PLACE_FIELDS = {"at", "between", "border", "path", "origin", "destination"}


def facts(timeline: Timeline, fields: Mapping[str, object]) -> list[tuple[str, str]]:
    """The fields that say something, each with its value in words.

    Args: fields: as JSON.
    """
    return [
        (key.replace("_", " "), _words(timeline, key, value)) for key, value in fields.items() if value not in ([], {})
    ]


def _words(timeline: Timeline, key: str, value: object) -> str:
    registry = timeline.view.registry
    match value:
        case dict():
            return ", ".join(f"{_words(timeline, '', item)} ({name})" for name, item in value.items())
        case list():
            return ", ".join(_words(timeline, key, item) for item in value)
        case bool():
            return "yes" if value else "no"
        case str() if key in PARTY_FIELDS:
            return party_name(registry, value)
        case str() if key in PLACE_FIELDS:
            return name_of(registry, value)
        case _:
            return str(value)
