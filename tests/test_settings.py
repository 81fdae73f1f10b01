"""Settings: flags over the environment over tracker.toml over defaults, for every command."""

import os
from pathlib import Path

import pytest

from tracker.cli.main import answer
from tracker.model.errors import BadRequest
from tracker.settings import Settings, hand_down, handed_down, in_force, read_settings

FILE = """
port = 7001
workers = 3
cors_origins = ["https://example.org"]

[[webhooks]]
url = "https://example.org/hook"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("TRACKER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_nearest_word_counts(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().port == 8000
    (elsewhere / "tracker.toml").write_text(FILE, encoding="utf-8")
    assert read_settings().port == 7001
    monkeypatch.setenv("TRACKER_PORT", "7002")
    assert read_settings().port == 7002
    assert read_settings({"port": 7003}).port == 7003
    assert read_settings({"port": None}).port == 7002


def test_every_setting_tells_where_it_comes_from(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "tracker.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.setenv("TRACKER_PORT", "7002")
    found = {each.name: (each.value, each.source) for each in in_force({"host": "0.0.0.0"})}
    assert set(found) == set(Settings.model_fields)
    assert found["host"] == ("0.0.0.0", "flag")
    assert found["port"] == ("7002", "environment, TRACKER_PORT")
    assert found["workers"] == ("3", "tracker.toml")
    assert found["timeout"][1] == "default"
    assert found["webhooks"] == ("https://example.org/hook", "tracker.toml")


def test_config_prints_them_without_secrets(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (elsewhere / "tracker.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.setenv("TRACKER_STORE", "postgresql://user:hunter2@host/name")
    assert answer(["config", "--port", "7003"]) == 0
    said = capsys.readouterr().out
    assert "7003" in said
    assert "whsec_" not in said
    assert "hunter2" not in said
    assert all(name in said for name in Settings.model_fields)


def test_another_file_may_be_named(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "other.toml").write_text("port = 7004", encoding="utf-8")
    monkeypatch.setenv("TRACKER_CONFIG", str(elsewhere / "other.toml"))
    assert read_settings().port == 7004


@pytest.mark.parametrize(
    "text", ["port = 99999", "prot = 1", "port = ", "workers = 0", '[[webhooks]]\nurl = "x"', "[[webhooks]]\nurl = 1"]
)
def test_wrong_settings_are_refused_with_their_name(text: str, elsewhere: Path) -> None:
    (elsewhere / "tracker.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadRequest, match="settings"):
        read_settings()


def test_variables_are_read_as_their_settings_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_CORS_ORIGINS", '["https://example.org"]')
    monkeypatch.setenv("tracker_access_log", "false")
    monkeypatch.setenv("TRACKER_TIMEOUT", "2.5")
    monkeypatch.setenv("TRACKER_STORE", "")
    settings = read_settings()
    assert (settings.cors_origins, settings.access_log, settings.timeout) == (("https://example.org",), False, 2.5)
    assert settings.store is None
    monkeypatch.setenv("TRACKER_CORS_ORIGINS", "https://example.org")
    with pytest.raises(BadRequest, match="TRACKER_CORS_ORIGINS is not JSON"):
        read_settings()


def test_a_mistake_is_told_with_its_place(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "tracker.toml").write_text("workers = 0\n", encoding="utf-8")
    monkeypatch.setenv("TRACKER_PORT", "many")
    with pytest.raises(BadRequest) as error:
        read_settings()
    assert "(tracker.toml)" in str(error.value)
    assert "(environment, TRACKER_PORT)" in str(error.value)


@pytest.mark.parametrize("url", ["ftp://example.org", "https://", "example.org", "javascript:alert(1)"])
def test_a_webhook_is_an_address_of_the_web(url: str, elsewhere: Path) -> None:
    (elsewhere / "tracker.toml").write_text(f'[[webhooks]]\nurl = "{url}"\nsecret = "whsec_x"\n', encoding="utf-8")
    with pytest.raises(BadRequest, match=r"webhooks\.0\.url"):
        read_settings()


def test_flags_are_handed_down_to_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_FLAGS", "{}")  # put back as it was when the test ends
    hand_down({"store": "a.sqlite", "port": 7003, "events": None})
    assert read_settings(handed_down()).port == 7003
    assert handed_down() == {"store": "a.sqlite", "port": "7003"}


def test_a_webhook_has_no_user_name(elsewhere: Path) -> None:
    (elsewhere / "tracker.toml").write_text(FILE.replace("https://example", "https://ada:pw@example"), encoding="utf-8")
    with pytest.raises(BadRequest, match="it has a user name"):
        read_settings()
