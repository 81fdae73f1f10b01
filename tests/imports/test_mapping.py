"""A mistake in a mapping is told with its line."""

from pathlib import Path

import pytest

from tests.imports.conftest import MAPPING
from tracker.imports.mapping import read_mapping

SUMMARY = 'summary = "{level} by {country}"'
MISTAKES = {  # what is replaced, by what, and what is said of its last line
    "an unknown key": ('name = "t"', 'name = "t"\nanouncement = 1', "`anouncement` is not a key of a mapping"),
    "a name that no id can begin with": ('name = "t"', 'name = "t-"', '`name` is "t-": write one'),
    "no table of that name": ('table = "level"', 'table = "levels"', "there is no [table.levels] in the mapping"),
    "a brace by itself": ('"{from}"', '"{from"', '"{from" has a brace by itself'),
    "a field that the entry does not have": (
        'party_kind = "state"', 'party_kind = "state"\nlevel = "x"', "`level` is not a key of [[registry]] of kind",
    ),
    "a kind of entry that is none": ('kind = "party"', 'kind = "parti"', '`kind` cannot be "parti": it is one of'),
    "an effect that is none": ('type = "impose"', 'type = "impos"', '`type` cannot be "impos": it is one of'),
    "an effect that is not imported": ('type = "impose"', 'type = "pledge"', '`type` cannot be "pledge": it is one of'),
    "a field that the effect does not have": (
        'from = "{from}"', 'from = "{from}"\nscores = 1', '`scores` is not a key of an effect of type "impose"',
    ),
    "an id of another mapping": ('id = "t-{id}"', 'id = "{id}"', "`id` of [[announcement]] begins with"),
    "a key where every version would differ": (SUMMARY, 'summary = "{@day}"', "{@day} may stand in announced, note"),
    "a number without a chain": ('id = "t-{id}"', 'id = "t-{@number}"', "{@number} counts the rows of a chain"),
    "a number of an entry": ('name = "Country {country}"', 'name = "{@number}"', "{@number} cannot stand here"),
    "a condition on the version": ('type = "impose"', 'type = "impose"\nwhen = { "@day" = "filled" }', "{@day} may"),
    "a relation": (SUMMARY, SUMMARY + "\nrelation = []", "relations are not imported: leave the key out"),
    "a blank with no meaning": ('blank = "omit"', 'blank = "open"', '`blank` cannot be "open": write'),
    "a condition that is none": ('type = "impose"', 'type = "impose"\nwhen = { to = "full" }', '`to` cannot be "full"'),
    "a date without a format": ('column = "to"', 'date = "iso", column = "to"', "`date` is a format"),
    "a date with a part twice": ('column = "to"', 'date = "%d/%d/%Y", column = "to"', "has %d more than once"),
    "a date that is none": ('column = "to"', 'date = "%Q", column = "to"', "is no format of a date"),
    "a split by nothing": ('column = "to"', 'split = "", column = "to"', "`split` is the text between the parts"),
    "both column and text": ('column = "to"', 'text = "x", column = "to"', "write either column"),
    "an encoding that is none": (
        "[table.level]", '[file]\nencoding = "zlib"\n\n[table.level]', "`encoding` cannot be",
    ),
}  # fmt: skip


def problems(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "mapping.toml"
    file.write_text(text, encoding="utf-8")
    return [str(problem).removeprefix(f"{file}:") for problem in read_mapping(file)[1]]


def test_a_sound_mapping_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path, MAPPING) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, name: str) -> None:
    old, new, message = MISTAKES[name]
    assert old in MAPPING
    text = MAPPING.replace(old, new, 1)
    ends = text.index(new) + len(new.removesuffix("\n\n[table.level]"))
    line = text.count("\n", 0, ends) + 1
    found = problems(tmp_path, text)
    assert any(one.startswith(f"{line}: ") and message in one for one in found), found


def test_a_missing_field_is_told(tmp_path: Path) -> None:
    found = problems(tmp_path, MAPPING.replace('summary = "{level} by {country}"\n', ""))
    assert any("`summary` is missing from [[announcement]]" in one for one in found)


def test_a_mapping_that_makes_nothing_is_told(tmp_path: Path) -> None:
    assert "makes nothing of a row" in problems(tmp_path, 'name = "t"')[0]


@pytest.mark.parametrize(
    "text", ["name = ", "\0", "name = 1", "table = 1\nskip = 1\nregistry = 1\nannouncement = 1\nfile = 1"]
)
def test_what_is_no_mapping_is_told(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)
