"""What is under the views, of a registry with blocs, lives and authorities that change."""

from pathlib import Path

from tests.projections.test_views import derived_anew, differences, under_the_views, write
from tests.state.dated import said, world
from tests.state.test_blocs import BAN, REGISTRY
from tracker.dataset.reader import read_dataset
from tracker.model.registry import Party
from tracker.projections.sql_views.refresh import derive
from tracker.store.event_store import open_store

DATED = REGISTRY.replace(
    'CH = { name = "Switzerland", authority = "CH"',
    'CH = { name = "Switzerland", authority = [{ party = "CH" }, { party = "RU", from = 2015-01-01 }]',
).replace('RU = { name = "Russia", kind = "state" }', 'RU = { name = "Russia", kind = "state", last_day = 2024-12-31 }')
OWN = (
    'own = { title = "x", authority = "RU", kind = "restriction", level = "prohibited", scope = { at = ["CH-RU"] } }\n'
)
SAID = (
    said("1999-01-01", "EU", 'type = "impose", measure = "ban"'),
    said("2001-01-01", "DE", 'type = "exempt", measure = "ban", last_day = 2003-12-31'),
    said("2010-01-01", "RU", 'type = "impose", measure = "own"'),
    said("2022-01-01", "EU", 'type = "lift", measure = "ban"'),
)


def test_every_write_is_taken_in_as_if_all_were_derived_anew(tmp_path: Path) -> None:
    world(tmp_path / "events", DATED + BAN + OWN, *SAID)
    files, problems = read_dataset(tmp_path / "events")
    assert files is not None
    assert [problem for problem in problems if problem.severity == "error"] == []
    union = files.registry.parties["EU"]
    left = union.model_copy(update={"members": union.members[:1]})
    assert isinstance(left, Party)
    url = str(tmp_path / "store.sqlite")
    writes = [list(files.registry.subjects()), *([one] for one in files.statements), [left]]
    with open_store(url) as store:
        for number, content in enumerate(writes):
            write(store, url, content)  # type: ignore[arg-type]
            assert derive(url)
            assert differences(under_the_views(url), derived_anew(url, tmp_path / f"copy{number}.sqlite")) == []
