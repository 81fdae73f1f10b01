"""Unknown or hostile input gets a problem, never a traceback, and soon."""

import os
import string
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dataset.conftest import HEAD, REGISTRY
from tracker.dataset.files import MAX_FILE_BYTES
from tracker.dataset.reader import DatasetFiles, read_dataset, read_statement
from tracker.dataset.validation import MAX_FINDINGS
from tracker.model.effects import EFFECTS
from tracker.model.errors import Problem

Write = Callable[[str, str | bytes], Path]
Read = Callable[[], tuple[DatasetFiles | None, tuple[Problem, ...]]]
MANY = 90_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(b"a" * (10 * MAX_FILE_BYTES), ": is larger than 1048576 bytes", id="10 MB"),
        pytest.param(b"\x7fELF\x02\x01\n\0\0", ":2: is not text: it has a NUL byte", id="binary"),
        pytest.param(b"announced = 1\nsummary = '\xff'", ":2: is not UTF-8 from here on", id="invalid UTF-8"),
        pytest.param("x = 'é'".encode("utf-16"), ":1: is not text", id="UTF-16"),
        pytest.param(b"\xef\xbb\xbfx = 1", ":1: begins with a byte order mark", id="BOM"),
        pytest.param(b"x = " + b"[" * MANY, ":1: nests deeper than 32 levels", id="deep arrays"),
        pytest.param(b"x = " + b"{a=" * MANY, ":1: nests deeper than 32 levels", id="deep inline tables"),
        pytest.param(b"[a" + b".a" * MANY + b"]", ":1: nests deeper than 32 levels", id="deep header"),
        pytest.param(b"a" + b".a" * MANY + b" = 1", ":1: nests deeper than 32 levels", id="deep key"),
        pytest.param(b"[[effect]]\n" * MANY, ":1: `effect` has 90000 items, and at most 1000", id="many effects"),
        pytest.param(b"effect = [" + b"{}," * MANY + b"]", ":1: `effect` has 90000 items", id="many inline effects"),
        pytest.param(b"x = " + b"9" * 5000, ": has a number of thousands of digits", id="long number"),
        pytest.param(b"announced = 0x" + b"f" * MANY, ":1: a number of that size is not", id="long hex number"),
        pytest.param(b'x = """' + b'\\"""' * MANY, ":1: is not TOML at the end of the file", id="unclosed text"),
        pytest.param(b"'" * MANY, ":1: is not TOML", id="quotes"),
        pytest.param(b"\x1b[31m = 1", ":1: is not TOML", id="control characters"),
        pytest.param(b"x = 2025-01-01\nx = 2", ":2: a key of this line was given before", id="key twice"),
        pytest.param(b"", ":1: `announced` is missing", id="empty"),
        pytest.param(b"registry = '''\n\n" + b"a" * MANY, ":3: is not TOML", id="ends in a text"),
    ],
)
def test_a_bad_file_is_one_problem(text: bytes, said: str, write: Write) -> None:
    statement, problems = read_statement(write("2025/x.toml", text))
    assert statement is None
    assert f"events/2025/x.toml{said}" in str(problems[0])
    assert len(problems) < 5
    assert all(len(str(problem)) < 600 for problem in problems)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x.toml", "is not where files are read: entries of the registry go into registry/<any name>.toml"),
        ("registry/more/x.toml", "is not where files are read"),
        ("2025/10/x.toml", "is not where files are read"),
        ("25/x.toml", "is not where files are read"),
        ("٢٠٢٥/x.toml", "is not where files are read"),
        ("2025/x y.toml", "the name of the file, which gives the id, cannot be"),
        ("2025/Ⅻ.toml", "as it has the letter \\u216b (ROMAN NUMERAL TWELVE)"),
        ("2025/a\u202eb.toml", "as it has the letter \\u202e (RIGHT-TO-LEFT OVERRIDE)"),
        ("2025/a\nb.toml", "cannot be"),
        ("2025/" + "x" * 200 + ".toml", "it is too long. Write at most 80 characters"),
        ("2025/.toml.toml", ""),
        ("2025/..toml", ""),
        ("2025/x.TOML", ""),
        ("expectations.toml", ""),
        ("README.md", ""),
        ("notes/what.txt", ""),
    ],
)
def test_a_file_has_a_place_and_a_plain_name(name: str, said: str, write: Write, read: Read) -> None:
    write("registry/base.toml", REGISTRY)
    write(name, HEAD)
    _, problems = read()
    assert [said in problem.message for problem in problems] == ([True] if said else [])
    assert all(str(problem).isprintable() for problem in problems)


def test_a_name_that_is_not_unicode_can_be_shown(write: Write, read: Read) -> None:
    path = os.fsencode(write("registry/base.toml", REGISTRY).parent.parent / "2025")
    Path(os.fsdecode(path)).mkdir()
    with open(path + b"/\xff.toml", "wb") as file:  # noqa: PTH123
        file.write(HEAD.encode())
    _, problems = read()
    assert problems
    assert all(str(problem).isprintable() for problem in problems)


def test_a_link_must_not_lead_out_of_the_folder(write: Write, read: Read, here: Path) -> None:
    write("registry/base.toml", REGISTRY)
    inside = write("2025/x.toml", HEAD)
    (here / "secret.toml").write_text("password = 1")
    (inside.parent / "out.toml").symlink_to(here / "secret.toml")
    (inside.parent / "in.toml").symlink_to(inside)
    (inside.parent / "loop.toml").symlink_to(inside.parent / "loop.toml")
    (inside.parent / "gone.toml").symlink_to("nowhere.toml")
    (inside.parent.parent / "2024").symlink_to(here)
    _, problems = read()
    assert [str(problem) for problem in problems] == [
        "events/2024: is a link to a folder, which is not followed: put the files here",
        "events/2025/gone.toml: cannot be read: No such file or directory. Check the path and its permissions",
        "events/2025/loop.toml: is not the path of a file: check the name, and where links lead",
        "events/2025/out.toml: leads out of the folder events: put the file itself there, not a link to it",
    ]


def test_a_path_with_dots_is_no_way_out(write: Write, here: Path) -> None:
    write("2025/x.toml", HEAD)
    (here / "y.toml").write_text(HEAD)
    folder = here / "events"
    assert "leads out of the folder" in str(read_statement(folder / "2025/../../y.toml", folder)[1][0])
    assert read_statement(folder / "2025/../2025/x.toml", folder)[0] is not None


def test_what_is_not_an_ordinary_file_is_not_opened(write: Write, here: Path, read: Read) -> None:
    folder = write("registry/base.toml", REGISTRY).parent.parent / "2025"
    folder.mkdir()
    os.mkfifo(folder / "pipe.toml")
    (folder / "folder.toml").mkdir()
    _, problems = read()
    assert [str(problem) for problem in problems] == ["events/2025/pipe.toml: is not an ordinary file"]
    assert "is a folder" in str(read_statement(folder)[1][0])
    assert "check the name" in str(read_statement(here / "a\0b.toml")[1][0])
    assert "cannot be read" in str(read_statement(here / ("x" * 5000))[1][0])


def test_a_file_that_may_not_be_read_is_a_problem(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("2025/x.toml", HEAD)

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert str(read_statement(path)[1][0]).startswith("events/2025/x.toml: cannot be read: Permission denied.")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nowhere", "nowhere: there is no such folder: name the one that has registry/ in it"),
        ("file", "file: is a file, and the folder of a dataset was expected: name the one that has registry/ in it"),
        ("empty", "empty/registry: there is no [dataset] table: add one with id, name and timezone"),
        ("a\0b", "a\\x00b: there is no such folder"),
        ("x" * 5000, "there is no such folder"),
    ],
)
def test_a_dataset_is_a_folder_with_a_registry(path: str, said: str, here: Path) -> None:
    (here / "file").write_text("")
    (here / "empty").mkdir()
    found, problems = read_dataset(here / path)
    assert found is None
    assert [said in str(problem) for problem in problems] == [True]


def test_without_a_dataset_table_the_rest_is_checked_all_the_same(write: Write, read: Read) -> None:
    write("registry/base.toml", REGISTRY.replace("+04:00", "Mars/Olympus"))
    write("2025/x.toml", HEAD + '[[effect]]\ntype = "lift"\nmeasure = "tr-closures"')
    found, problems = read()
    assert found is None
    assert [problem.location.line for problem in problems] == [7, 4]
    assert '`timezone`: "Mars/Olympus" is not a time zone: write an offset' in problems[1].message


def test_of_very_many_problems_the_first_are_shown(write: Write, read: Read) -> None:
    write("registry/base.toml", REGISTRY)
    write("2025/x.toml", HEAD + '[[effect]]\ntype = "lift"\nmeasure = "tr-closures"\n' * 900)
    write("2025/y.toml", HEAD + "".join(f"{letter}{number} = 1\n" for letter in "abc" for number in range(900)))
    parties = "".join(f'[party.P{number}]\nname = 1\nkind = "state"\n' for number in range(900))
    territories = "".join(f'[territory.T{number}]\nname = "x"\nauthority = "Q{number}"\n' for number in range(900))
    write("registry/parties.toml", parties)
    write("registry/territories.toml", territories)
    _, problems = read()
    for path in ("2025/x.toml", "2025/y.toml", "registry/parties.toml", "registry/territories.toml"):
        messages = [problem.message for problem in problems if problem.location.path == f"events/{path}"]
        assert len(messages) == MAX_FINDINGS + 1
        assert "more problems in this file: mend these first" in messages[-1]


@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_raise(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.toml")
        path.write_bytes(data)
        statement, problems = read_statement(path)
        assert statement is None
        assert problems


WORDS = {
    "measure": ["az-transit-bar", "tr-closure", "am-permit", "blockade", "am"],
    "at": ["AM", "margara", "AM-TR", "tr-am-az", "treaty", "nowhere"],
    "direction": ["AM>TR", "TR>AM", "AM"],
    "instrument": ["treaty", "traety"],
    "stage": ["signed", "sign"],
    "state": ["ready", "works"],
    "kind": ["offer", "promise"],
    "mode": ["road", "sea"],
    "traffic": ["goods", "cars"],
    "pledge": ["p", "q"],
    "announcement": ["x", "y", "z"],
    "corrects": ["x", "y"],
}
WORDS["modes"] = WORDS["mode"]
KEYS = ["announced", "summary", "by", "source", "effect", "relation", "covers", "note"]
KEYS += ["corrects", "retracts", "reason", "replace", "remove"]
FIELDS = {
    kind: [field.alias or name for name, field in model.model_fields.items() if name != "type"]
    for kind, model in EFFECTS.items()
}
ALL_KEYS = sorted({*KEYS, *(key for keys in FIELDS.values() for key in keys)})
ODD = ["1", "1.5", "true", '"\\u202e"', '"\\u0000"', '""', "0001-01-01", "10:00:00", "2025-01-01T10:00:00", '"AM>"']
SCALARS = st.sampled_from(['"AM"', '"x"', "2025-01-01", '"2025"', "2025-10-27T10:00:00Z", '"2025-01-01~"', *ODD])
LISTS = ("at", "modes", "traffic", "parties", "only", "origin", "destination")


def lists(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, max_size=3).map(lambda items: f"[{', '.join(items)}]")


def tables(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.dictionaries(st.sampled_from(ALL_KEYS), values, max_size=5)
    return pairs.map(lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}")


VALUES = st.recursive(SCALARS, lambda values: tables(values) | lists(values), max_leaves=8)


@st.composite
def plausible_effects(draw: st.DrawFn) -> str:
    """An effect with its own keys, and values that mostly fit."""
    kind = draw(st.sampled_from(sorted(EFFECTS)))
    table = {"type": f'"{kind}"'}
    for key in FIELDS[kind]:
        required = EFFECTS[kind].model_fields.get(key)
        if (required is not None and required.is_required()) or draw(st.integers(0, 3)) == 0:
            words = st.sampled_from([f'"{word}"' for word in WORDS.get(key, ["AM"])])
            fitting = lists(words) if key in LISTS and (key != "at" or kind in ("exempt", "pledge")) else words
            table[key] = draw(fitting if key in WORDS or draw(st.booleans()) else VALUES)
    return "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}"


EFFECT_LISTS = lists(plausible_effects())


@st.composite
def statements(draw: st.DrawFn) -> str:
    """Something like an announcement, a correction or a retraction."""
    good = {"announced": "2025-01-01", "summary": '"x"', "by": '[{party = "AM"}]', "effect": draw(EFFECT_LISTS)}
    odd = draw(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=2)) if draw(st.booleans()) else {}
    return "\n".join(f"{key} = {value}" for key, value in {**good, **odd}.items())


CORRECTION = 'corrects = "x"\nannounced = 2025-01-02\nreason = "r"\nreplace = '


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    first=statements(),
    second=statements(),
    patch=tables(VALUES) | EFFECT_LISTS.map(lambda effects: f"{{ effect = {effects} }}"),
    registry=VALUES,
)
def test_no_structure_raises(first: str, second: str, patch: str, registry: str) -> None:
    with TemporaryDirectory() as folder:
        for name, text in {
            "registry/base.toml": REGISTRY,
            "registry/odd.toml": f"party = {registry}\ncorridor.x = {registry}\nmeasure.y.scope = {registry}",
            "2025/x.toml": first,
            "2025/y.toml": second,
            "2025/z.toml": CORRECTION + patch,
        }.items():
            Path(folder, name).parent.mkdir(exist_ok=True)
            Path(folder, name).write_text(text)
        _, problems = read_dataset(Path(folder))
        assert all(problem.message.isprintable() for problem in problems)


@given(text=st.text(alphabet=string.printable + "\u202eаé", max_size=40))
def test_no_id_raises(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.toml")
        escaped = "".join(f"\\U{ord(char):08x}" for char in text)
        path.write_text(f'{HEAD}[[effect]]\ntype = "lift"\nmeasure = "{escaped}"\n[[relation]]\n"{escaped}" = 1')
        statement, problems = read_statement(path)
        assert statement is None
        assert problems
