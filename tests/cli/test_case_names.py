"""A worked case: a place is found by its old and its new name, with or without marks, composed or not, in any case."""

import unicodedata
from pathlib import Path

import pytest

from tests.cli.conftest import Run, run

FILES = {
    "registry/all.toml": """
[dataset]
id = "names"
name = "Names (test)"
timezone = "+03:00"

[party]
TR = { name = "Türkiye", kind = "state", aliases = ["Turkey", "TÜRKİYE"] }
CI = { name = "Côte d'Ivoire", kind = "state" }
IR = { name = "ایران", kind = "state" }

[territory]
TR = { name = "Türkiye", authority = "TR", aliases = ["Turkey"] }
IR = { name = "Iran", authority = "IR" }
CI = { name = "Côte d'Ivoire", authority = "CI" }

[border]
IR-TR = { between = ["IR", "TR"], modes = ["road"], normally = "open" }

[crossing.gurbulak]
border = "IR-TR"
modes = ["road"]
names = { en = "Gürbulak–Bazargan", tr = "Gürbulak", fa = "بازرگان" }
aliases = ["İskenderun kapısı", "Straße nach Täbris", "می‌رود"]

[measure.tr-ban]
title = "Ban — «временный запрет» 暫定禁止 🚫"
authority = "TR"
kind = "restriction"
level = "prohibited"
scope = { at = ["gurbulak"] }
""",
    "2024/tr-bans.toml": """
announced = 2024-01-01
summary = "Geçici yasak: Gürbulak kapalı."
by = [{ party = "TR" }]
source = [{ publisher = "Test gazette" }]
effect = [{ type = "impose", measure = "tr-ban" }]
""",
}


@pytest.fixture
def names(tmp_path: Path) -> Run:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return lambda *args: run("--events", str(tmp_path), *args)


@pytest.mark.parametrize(
    "name",
    [
        "Gürbulak", "gurbulak", "GÜRBULAK", "Gu\u0308rbulak", "İSKENDERUN KAPISI", "iskenderun kapısı",
        "STRASSE NACH TÄBRIS", "بازرگان", "می‌رود",
    ],
)  # fmt: skip
def test_a_place_is_found_however_its_name_is_typed(names: Run, name: str) -> None:
    for form in (name, unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name)):
        answer = names("state", form, "--as-of", "2024-02-01", "--json").json
        assert answer["subject"] == "gurbulak"
        assert {lane["status"] for lane in answer["lanes"]} == {"closed"}


@pytest.mark.parametrize("name", ["Turkey", "türkiye", "TURKIYE", "Tu\u0308rkiye"])
def test_a_country_is_found_by_its_old_and_its_new_name(names: Run, name: str) -> None:
    asked = names("state", "gurbulak", "--direction", f"Iran>{name}", "--origin", "COTE D'IVOIRE", "--json").json
    assert [lane["direction"] for lane in asked["lanes"]] == ["IR>TR"] * 2
    assert [found["id"] for found in names("announcements", "--party", name, "--json").json] == ["tr-bans"]


def test_titles_and_words_in_other_scripts_are_found(names: Run) -> None:
    ban = names("state", "ban временный ЗАПРЕТ 暫定禁止", "--as-of", "2024-02-01", "--json").json
    assert ban["state"] == "in-force"
    assert [found["id"] for found in names("announcements", "--text", "GECICI yasak", "--json").json] == ["tr-bans"]
