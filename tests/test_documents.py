"""What a person can type, read or receive is documented."""

import re
from pathlib import Path

import pytest
import typer

from tracker.cli.main import application
from tracker.model.effects import EFFECTS
from tracker.model.vocabulary import Basis, Level, MeasureState, PledgeStatus, Stage, Status

ROOT = Path(__file__).parents[1]
PAGES = {path.name: path.read_text("utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
EVERYTHING = "\n".join(PAGES.values())


def commands() -> list[str]:
    group = typer.main.get_command(application())
    return sorted(group.commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented(command: str) -> None:
    assert f"tracker {command}" in EVERYTHING


@pytest.mark.parametrize("effect", sorted(EFFECTS))
def test_every_effect_is_in_the_method(effect: str) -> None:
    assert f"`{effect}`" in PAGES["method.md"]


@pytest.mark.parametrize("word", [*Status, *Level, *MeasureState, *PledgeStatus, *Basis])
def test_every_word_of_an_answer_is_explained(word: str) -> None:
    assert f"`{word}`" in EVERYTHING


@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_is_named(stage: str) -> None:
    assert f"`{stage}`" in EVERYTHING


@pytest.mark.parametrize("page", sorted(PAGES))
def test_links_between_pages_lead_somewhere(page: str) -> None:
    folder = ROOT if page == "README.md" else ROOT / "docs"
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", PAGES[page])
    assert [link for link in links if not (folder / link).exists()] == []


@pytest.mark.parametrize("page", sorted(PAGES))
def test_files_of_tests_that_a_page_names_are_there(page: str) -> None:
    files = re.findall(r"\btests/[\w/]+\.py\b", PAGES[page])
    assert [file for file in files if not (ROOT / file).exists()] == []
