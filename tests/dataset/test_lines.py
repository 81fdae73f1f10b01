"""Which line a key is on."""

import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.dataset.toml_positions import KeyPath, lines_of

TEXT = '''\
# a comment with [brackets] and "quotes
announced = 2025-10-21
summary = """
[[effect]] is not a table here
type = "nor is this a key"
""" # = [
"quoted.key" = 'single # quoted'
a.b."c d" = 1

[[effect]]
type = "lift"
from = "[2025-10-01..2025-10-21]"

[[effect]]
modes = [
  "road", # ]
  "rail",
]
scope = { at = ["AM"], inner.x = { y = [ {z = 1},
  {z = 2} ] } }

[effect.note]
text = \'\'\'
]\'\'\'
[ deep . "er" ]
key = """a""""
[[effect.more]]
x = 1
[[effect.more]]
x = 2
[deep]
late = true
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("announced",), 2),
        (("summary",), 3),
        (("quoted.key",), 7),
        (("a",), 8),
        (("a", "b", "c d"), 8),
        (("effect",), 10),
        (("effect", 0), 10),
        (("effect", 0, "from"), 12),
        (("effect", 1), 14),
        (("effect", 1, "modes"), 15),
        (("effect", 1, "modes", 1), 17),
        (("effect", 1, "scope", "at", 0), 19),
        (("effect", 1, "scope", "inner", "x", "y", 0, "z"), 19),
        (("effect", 1, "scope", "inner", "x", "y", 1, "z"), 20),
        (("effect", 1, "note"), 22),
        (("effect", 1, "note", "text"), 23),
        (("deep", "er"), 25),
        (("deep", "er", "key"), 26),
        (("effect", 1, "more", 0, "x"), 28),
        (("effect", 1, "more", 1, "x"), 30),
        (("deep",), 31),
        (("deep", "late"), 32),
    ],
)
def test_a_key_is_on_its_line(path: KeyPath, line: int) -> None:
    assert lines_of(TEXT).of(path) == line


def test_what_is_not_there_is_on_the_line_of_the_table_around_it() -> None:
    lines = lines_of(TEXT)
    assert lines.of(("effect", 0, "measure")) == 10
    assert lines.of(("nothing", "at", "all")) == 1


def test_lines_may_end_as_on_windows() -> None:
    assert lines_of('a = 1\r\n\r\n[b]\r\nc = "x"\r\n').of(("b", "c")) == 4


def paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Every key path of a table."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths(item, (*path, index))


KEYS = st.one_of(
    st.from_regex(r"[A-Za-z0-9_-]{1,4}", fullmatch=True),
    st.sampled_from(['"a.b"', "'#x'", '"= ]"', '"é"', "'[['", '""', "from", "a"]),
)
BLANKS = st.sampled_from(["", " ", "\t "])
SCALARS = st.one_of(
    st.integers(-99, 99).map(str),
    st.dates(date(1000, 1, 1)).map(str),
    st.sampled_from(["true", "1.5e3", "2025-01-01 10:00:00", "12:30:00", "inf", '"#"', "'\"'", '"\\"]"', '""', "''"]),
    st.sampled_from(['"""\n[x]\n"""', "'''\n\n'''", '"""a""""', '"""""c"""', "'''''d'''", '"""\\\n  e = 1"""']),
)


def arrays(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    gaps = st.sampled_from(["", " ", "\n", " # ,]\n\n", "\r\n"])
    items = st.lists(st.tuples(gaps, values, gaps).map("".join), max_size=4)
    return st.tuples(items, gaps).map(lambda parts: f"[{','.join(parts[0])}{parts[1]}]")


def inline_tables(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(st.tuples(dotted(), values).map(" = ".join), max_size=3)
    return pairs.map(lambda parts: "{ " + ", ".join(parts) + " }")


def dotted() -> st.SearchStrategy[str]:
    keys = st.lists(KEYS, min_size=1, max_size=3)
    return st.builds(lambda parts, blank: f"{blank}.{blank}".join(parts), keys, BLANKS)


VALUES = st.recursive(SCALARS, lambda values: arrays(values) | inline_tables(values), max_leaves=6)
STATEMENTS = st.one_of(
    st.tuples(BLANKS, dotted(), BLANKS, st.just("="), BLANKS, VALUES, BLANKS).map("".join),
    dotted().map(lambda key: f"[{key}]"),
    dotted().map(lambda key: f"[[ {key} ]] # ["),
    st.sampled_from(["", "# [[a]]", "  "]),
)
DOCUMENTS = st.lists(STATEMENTS, max_size=12).map("\n".join)


@given(text=DOCUMENTS)
@example(text="[a.b]\n[a]\n[[c.d]]\n[c.d.e]\n[[c.d]]\nx.y=1")
def test_every_key_that_tomllib_reads_is_named_on_its_line(text: str) -> None:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines, written = lines_of(text), text.split("\n")
    for path in paths(table):
        line = lines.of(path)
        assert 1 <= line <= len(written)
        assert str(path[-1]) in written[line - 1]


@given(text=st.text() | st.text(alphabet="[]{}=.,\"'#\\\n ab1"))
def test_the_scanner_never_fails(text: str) -> None:
    lines = lines_of(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.lines.values())


def test_deep_nesting_stops_the_scan() -> None:
    assert lines_of("x = 1\ny = " + "[" * 100_000).too_deep == 2
    assert lines_of("a" + ".a" * 100_000 + " = 1").too_deep == 1
    assert lines_of("a" + " a" * 100).too_deep is None
