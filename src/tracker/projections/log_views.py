"""What the log itself says of announcements, as views: nothing that stands in the log is stored once more.

`tracker_recorded` lists the announcements that are as they were first recorded, as most are, and what they assert, in
narrow rows, with numbers for dates and tracks; all else that is shown of those is read out of the log. What was
corrected or retracted, or what an older version stored, has rows of its own in the tables `tracker_kept_*`. Each view
shows both.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tracker.model.dates import FOREVER

NAMES = ("announcements", "spans", "speakers", "sources", "effects", "assertions")  # of views, and of tables they show

RECORDED = """tracker_recorded r JOIN event_log e ON e.position = r.position AND r.number = 0
            JOIN tracker_edges a ON a.number = r.announced"""
_ASSERTED = """tracker_recorded r JOIN event_log e ON e.position = r.position
            JOIN tracker_edges a ON a.number = r.announced JOIN tracker_tracks t ON t.number = r.track
            JOIN tracker_edges b ON b.number = r.begins JOIN tracker_edges u ON u.number = r.ends"""
_SOURCE = ("publisher", "title", "published", "url", "archived_url", "language", "accessed", "quote", "note")
_EFFECT = ("type", "measure", "instrument", "pledge")


class Json(NamedTuple):
    """How a database is asked for parts of a recorded announcement; what stands in braces is put in."""

    event: str  # the event
    member: str  # a member of something as text
    part: str  # and as JSON
    each: str  # the items of a list, to be joined: `p.value`
    number: str  # of an item, from 0
    places: str  # the member `at` of an item, one place or several, separated by spaces
    join: str  # texts `v` as one

    def text(self, *path: str) -> str:
        """A member of the event, by its path."""
        of = self.event
        for name in path[:-1]:
            of = self.part.format(of=of, name=name)
        return self.member.format(of=of, name=path[-1])

    def of_item(self, name: str) -> str:
        return self.member.format(of="p.value", name=name)

    @property
    def said(self) -> str:
        return self.part.format(of=self.event, name="announcement")

    def items(self, name: str) -> str:
        """The items of a member of the announcement."""
        return self.each.format(of=self.part.format(of=self.said, name=name))

    def joined(self, name: str, text: str) -> str:
        """What all items of a member of the announcement say, as one text."""
        return f"(SELECT {self.join} FROM (SELECT {text} AS v FROM {self.items(name)} ORDER BY {self.number}) o)"  # nosec


def json_of(dialect: str) -> Json:
    return _POSTGRES if dialect == "postgresql" else _SQLITE


_SQLITE = Json(
    event="CAST(e.state AS TEXT)",
    member="json_extract({of}, '$.{name}')",
    part="json_extract({of}, '$.{name}')",
    each="json_each({of}) p",
    number="p.key",
    places="CASE json_type(p.value, '$.at') WHEN 'array' "
    "THEN (SELECT group_concat(q.value, ' ') FROM json_each(p.value, '$.at') q) ELSE json_extract(p.value, '$.at') END",
    join="group_concat(v, ' | ')",
)
_POSTGRES = Json(
    event="convert_from(e.state, 'UTF8')::json",
    member="{of}->>'{name}'",
    part="{of}->'{name}'",
    each="json_array_elements({of}) WITH ORDINALITY p(value, key)",
    number="(p.key - 1)::integer",
    places="CASE json_typeof(p.value->'at') WHEN 'array' THEN (SELECT string_agg(q.value, ' ' ORDER BY q.key) "
    "FROM json_array_elements_text(p.value->'at') WITH ORDINALITY q(value, key)) ELSE p.value->>'at' END",
    join="string_agg(v, ' | ')",
)


def definitions(dialect: str, columns: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Statements that make the views.

    Args: columns: of each of the tables `tracker_kept_*`, by the name of the view.
    """
    for name, (chosen, source) in _of_log(json_of(dialect)).items():
        assert tuple(chosen) == tuple(columns[name])
        of_log = ", ".join(f"{each} AS {column}" for column, each in chosen.items())
        kept = ", ".join(chosen)
        yield (
            f"CREATE VIEW tracker_{name} AS SELECT {of_log} FROM {source} "
            f"UNION ALL SELECT {kept} FROM tracker_kept_{name}"  # nosec  # of constants of this module
        )


def _of_log(json: Json) -> dict[str, tuple[dict[str, str], str]]:
    """The columns of each view, and what they are taken from."""

    def said(*names: str) -> dict[str, str]:
        return {name: json.text("announcement", name) for name in names}

    def of_item(*names: str) -> dict[str, str]:
        return {name: json.of_item(name) for name in names}

    version = {"announcement": "e.statement", "version": "0"}
    part = {**version, "part": "'content'", "number": json.number}
    announcements = {
        **version, "kind": "'recorded'", "statement": "e.statement", "reason": "NULL", **said("announced"),
        "announced_earliest": "a.earliest", "announced_latest": "a.latest",
        "order_instant": "a.latest", "public_from": "a.latest", "position": "e.position",
        "recorded_at": "e.recorded_at", "recorded_by": json.text("recorded_by"), "digest": "e.digest",
        **said("summary", "status"), "content": json.said, "correction": "NULL",
    }  # fmt: skip
    known = {
        "announced_from": "a.latest", "announced_to": str(FOREVER), "recorded_from": "e.position",
        "recorded_to": str(FOREVER),
    }  # fmt: skip
    assertions = {
        **version, "number": "r.number", "track": "t.track", "order_instant": "a.latest", "effect": "r.effect",
        "span": "0", "value": "r.value", "valid_from": "b.text", "valid_to": "u.text",
        "valid_from_earliest": "b.earliest", "valid_from_latest": "b.latest",
        "valid_to_earliest": "u.earliest", "valid_to_latest": "u.latest", **known,
    }  # fmt: skip
    effects = {**version, "number": json.number, **of_item(*_EFFECT), "at": json.places, **of_item("basis")}
    return {
        "announcements": (announcements, RECORDED),
        "spans": ({**version, "span": "0", **known}, RECORDED),
        "speakers": ({**part, **of_item("party", "name", "office")}, f"{RECORDED}, {json.items('by')}"),
        "sources": ({**part, **of_item(*_SOURCE)}, f"{RECORDED}, {json.items('source')}"),
        "effects": ({**effects, "content": "p.value"}, f"{RECORDED}, {json.items('effect')}"),
        "assertions": (assertions, _ASSERTED),
    }
