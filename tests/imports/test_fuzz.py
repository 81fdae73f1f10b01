"""Fuzzing of imports: whatever a mapping says, it reads the table or is told what is wrong with it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.imports.conftest import HEADER, MAPPING
from tracker.model.errors import DatasetErrors, Problem
from tracker.services.importing import import_csv

ROWS = "1,P1,XA,ban,2031-01-05,\n2,P2,XB,check,05/03/2031,2031-04-01\n"
VALUES = [
    '""', '"{"', '"{}"', '"{{"', '"{level|slug|slug}"', '"{nothing}"', '"{id!r}"', '"{id:>999999999}"', '"{@number}"',
    '"{level.__class__}"', "1", "-1", "true", "[]", "{}", '["{id}"]', '{ column = "id" }', '{ column = "none" }',
    '{ column = "from", date = "%d/%m/%Y" }', '{ column = "from", date = "%" }', '{ column = "from", date = "%Z%z%j" }',
    '{ column = "from", date = [] }', '{ column = "from", plus_days = 99999999999 }', '{ text = "x", split = "" }',
    '{ column = "level", table = "none" }', '{ column = "level", number = true }', '{ column = "to", blank = "x" }',
    '{ column = "to", default = { column = "to", default = { column = "to" } } }', "2031-01-05",
    '"\\u0000"', '"\\u202e"', '{ column = "id", text = "x" }', '"../../etc/passwd"', '"%s%n"',
]  # fmt: skip
MORE = [
    '[file]\nencoding = "bz2"', '[file]\nencoding = "zip"', '[file]\nencoding = "undefined"',
    '[file]\nencoding = "idna"',
    '[file]\nencoding = "unicode_escape"', '[file]\nencoding = "\\u0000"', '[file]\nencoding = "utf-16"',
    '[file]\ndelimiter = ""', '[file]\ndelimiter = "\\n"', '[file]\ndelimiter = ",,"', '[file]\nquote = ","',
    '[file]\nquote = ""', '[file]\nblanks = 1', '[file]\nmissing = "retract"', '[[skip]]\nwhen = {}\nreason = "x"',
    '[[skip]]\nwhen = { level = ["ban"] }\nreason = "x"', '[[announcement]]\nid = "t-{id}"',
    '[[correction]]\nid = "t-c"\ncorrects = "t-1"\nannounced = "2031-02-01"\nreason = "r"\nreplace = { summary = 1 }',
    '[[retraction]]\nid = "t-r"\nretracts = "t-{id}"\nannounced = "{from}"\nreason = "r"', "x = " + "[" * 90,
    '"x\\u0000" = 1', '[[announcement]]\n"x\\u202e" = "{id}"',
]  # fmt: skip
LINES = [number for number, line in enumerate(MAPPING.splitlines()) if " = " in line]


@st.composite
def mappings(draw: st.DrawFn) -> str:
    """The mapping of the other tests, with some values replaced, lines taken out and things added."""
    lines = MAPPING.splitlines()
    for number in draw(st.lists(st.sampled_from(LINES), max_size=3)):
        key = lines[number].partition(" = ")[0]
        lines[number] = draw(st.sampled_from(["", *(f"{key} = {value}" for value in VALUES)]))
    return "\n".join([*lines, *draw(st.lists(st.sampled_from(MORE), max_size=2, unique=True))])


def taken(folder: Path, mapping: str) -> list[Problem]:
    """The problems that an import tells, raised or not."""
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    (folder / "table.csv").write_text(HEADER + ROWS, encoding="utf-8")
    told: list[Problem] = []
    try:
        import_csv(
            str(folder / "none.sqlite"), folder / "table.csv", folder / "mapping.toml",
            announced="2031-01-01", by=None, dry=True, report=told.append, progress=lambda *_: None,
        )  # fmt: skip
    except DatasetErrors as errors:
        told += errors.problems
    return told


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(mapping=mappings())
@example(mapping='name = "\\u0000"\n"x\\u202e" = 1\n' + MAPPING.partition("\n\n")[2])
def test_law_whatever_a_mapping_says_it_is_read_or_told(tmp_path: Path, mapping: str) -> None:
    for problem in taken(tmp_path, mapping):
        assert problem.message.isprintable()
        assert problem.location.path.endswith(("mapping.toml", "table.csv"))


@pytest.mark.parametrize("more", MORE)
def test_odd_settings_of_a_file_are_read_or_told(tmp_path: Path, more: str) -> None:
    assert all(problem.message.isprintable() for problem in taken(tmp_path, f"{MAPPING}\n{more}"))
