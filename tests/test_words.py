"""Docstrings stand alone in plain English: a hover, `help()` and the API's pages show them without their neighbour."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "tracker"
UNPLAIN = re.compile(r"\A\s*(?:The same|What)\b|\b(?:whoever|nobody|anew|of which)\b", re.IGNORECASE)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The line on which each docstring begins, and its text."""
    for node in ast.walk(module):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            expression = node.body[0]
            assert isinstance(expression, ast.Expr)
            assert isinstance(expression.value, ast.Constant)
            yield expression.lineno, str(expression.value.value)


def unplain_words(source: str) -> Iterator[tuple[int, str]]:
    """Words of docstrings that are not plain English, each with its line."""
    for line, text in docstrings(ast.parse(source)):
        for match in UNPLAIN.finditer(text):
            yield line + text.count("\n", 0, match.end()), match[0].strip()


@pytest.mark.parametrize(
    ("docstring", "words"),
    [
        ("The same as `load`.", ["The same"]),
        ("What is known.", ["What"]),
        ("Tables, made anew\n\n    by whoever asks, of which nobody knows.", ["anew", "whoever", "of which", "nobody"]),
        ("Return the same rows. What they say is kept; a renewal is whatever it is.", []),
    ],
)
def test_unplain_words_are_found(docstring: str, words: list[str]) -> None:
    found = list(unplain_words(f'def function():\n    """{docstring}"""\n'))
    assert [word for _, word in found] == words
    assert all(docstring.split("\n")[line - 2].count(word) for line, word in found)


def test_docstrings_stand_alone_in_plain_english() -> None:
    places = [
        f"{path.relative_to(ROOT)}:{line}: {word}"
        for path in sorted(SOURCE.rglob("*.py"))
        for line, word in unplain_words(path.read_text(encoding="utf-8"))
    ]
    assert not places, "\n".join([f"{len(places)} docstrings are not in plain English:", *places])
