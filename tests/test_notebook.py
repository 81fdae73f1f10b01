"""`import tracker` in a notebook, and the example notebook itself."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pandas
import pytest
from nbclient import NotebookClient

import tracker
from tests.api.conftest import EVENTS
from tests.stores import log_length
from tracker.model.errors import BadRequest, UnknownSubject
from tracker.notebook import Answers, OpenRecord
from tracker.queries.answers import LanesState

EXAMPLE = EVENTS.parent / "examples" / "notebook.ipynb"


@pytest.fixture(scope="module")
def record(full_store: Path) -> OpenRecord:
    return tracker.open(full_store)


def test_a_folder_and_a_store_give_the_same(record: OpenRecord) -> None:
    asked = {"as_of": "2025-10-28", "kind": "corridor"}
    assert list(tracker.open(EVENTS).state(**asked)) == list(record.state(**asked))


def test_answers_are_models_and_tables(record: OpenRecord) -> None:
    answers = record.state("tr-am-az", as_of=date(2025, 10, 28), mode="road", traffic="goods")
    assert len(answers) == 1
    assert isinstance(answers[0], LanesState)
    table = answers.to_arrow()
    assert table.column("status").to_pylist() == ["closed", "closed"]
    frame = answers.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == table.schema.names
    assert "closed" in (answers._repr_html_() or "")
    assert "1 answers" in repr(answers)
    assert len(answers[:0].to_pandas()) == 0


def test_every_question_gives_a_table(record: OpenRecord) -> None:
    found: dict[str, Answers[Any]] = {
        "history": record.history("margara"),
        "diff": record.diff("2025-10-20", "2025-11-10"),
        "known": record.diff("2025-10-25", "2025-10-26", known=True, as_of="2025-10-25"),
        "announcements": record.announcements(party="AZ", begin="2025-01-01", end="2025-12-31"),
        "promises": record.promises(status="overdue", as_of="2026-01-01"),
        "passages": record.passages(mode="rail"),
        "series": record.series("margara", begin="2020-01-01", as_of="2025-10-28"),
    }
    for name, answers in found.items():
        assert len(answers) > 0, name
        assert len(answers.to_pandas()) >= len(answers), name
        assert answers.to_arrow().num_rows >= len(answers), name


def test_the_clocks_count(record: OpenRecord) -> None:
    state = record.state("ru-az-ge-am", as_of="2025-10-25", announced_by="2025-10-20", mode="rail", direction="RU>AM")
    assert state.to_pandas()["status"].tolist() == ["closed"] * len(state.to_pandas())
    assert len(record.announcements(recorded_by=0)) == 0


def test_a_wrong_question_says_what_is_wrong(record: OpenRecord) -> None:
    with pytest.raises(UnknownSubject, match="did you mean margara"):
        record.state("margarra")
    with pytest.raises(BadRequest):
        record.state("margara", as_of="soon")


def test_importing_it_costs_nothing() -> None:
    heavy = "('pydantic', 'numpy', 'tracker.')"
    code = f"import sys, tracker; print([name for name in sys.modules if name.startswith({heavy})])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _example() -> Any:
    return nbformat.read(EXAMPLE, as_version=4)  # type: ignore[no-untyped-call]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_example_runs(full_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = _example()
    nbformat.validate(notebook)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert "tracker.open()" in first.source
    first.source = first.source.replace("tracker.open()", f"tracker.open({str(full_store)!r})")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    texts = [
        output.get("data", {}).get("text/plain", "") for cell in notebook.cells for output in cell.get("outputs", ())
    ]
    assert any(text.endswith(f" announcements, up to position {log_length()}>") for text in texts)


def test_the_example_is_kept_without_outputs() -> None:
    cells = [cell for cell in _example().cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


def test_a_panel_has_the_state_of_every_lane_on_every_day(record: OpenRecord) -> None:
    found = record.panel("2025-10-20", "2025-11-10", "margara", "ru-az-ge-am", traffic="goods")
    rows = found.to_arrow().to_pylist()
    assert len(rows) == len(found.days) * len(found.lanes) == 22 * len(found.lanes)
    for day in ("2025-10-20", "2025-10-28", "2025-11-10"):
        states = record.state("margara", "ru-az-ge-am", as_of=day, traffic="goods")
        expected = {
            (each.subject, lane.mode, lane.direction): lane.status
            for each in states
            if isinstance(each, LanesState)
            for lane in each.lanes
        }
        on_the_day = [row for row in rows if row["day"].isoformat() == day]
        assert {(row["subject"], row["mode"], row["direction"]): row["status"] for row in on_the_day} == expected
    assert {row["severity"] for row in rows if row["status"] == "closed"} == {8}


def test_a_panel_is_a_data_frame_too(record: OpenRecord) -> None:
    pytest.importorskip("pandas")
    panel = record.panel("2025-10-20", "2025-10-21", "margara", traffic="goods")
    frame, table = panel.to_pandas(), panel.to_arrow()
    assert list(frame.columns) == table.column_names
    assert frame["status"].tolist() == table["status"].to_pylist()
    assert frame["day"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2025-10-20", "2025-10-21"]


def test_a_panel_that_runs_backwards_or_names_a_status_is_refused(record: OpenRecord) -> None:
    with pytest.raises(BadRequest, match="earlier day first"):
        record.panel("2025-11-10", "2025-10-20")
    with pytest.raises(BadRequest, match="leave the status out"):
        record.panel("2025-10-20", "2025-11-10", status="open")
    assert "on 2 days" in repr(record.panel(date(2025, 10, 20), date(2025, 10, 21)))
