import json
import stat

import pytest

from ostream_compare.storage.settings import Settings, SettingsFile


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "settings.json"


def test_each_file_has_its_own_models_and_the_theme_is_everyones(path):
    file = SettingsFile(path)
    file.remember_models("a.toml", ["Swift", "Terse"])
    file.remember_models(None, ["Coder"])
    file.remember_theme("nord")
    settings = SettingsFile(path).load()
    assert settings.theme == "nord"
    assert settings.models_of("a.toml") == ("Swift", "Terse")
    assert settings.models_of(None) == ("Coder",)
    assert settings.models_of("b.toml") == ()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]


def test_the_oldest_files_are_forgotten(path):
    file = SettingsFile(path)
    document = {"version": 1, "theme": None, "models": {str(n): ["A"] for n in range(500)}}
    path.parent.mkdir()
    path.write_text(json.dumps(document))
    file.remember_models("new.toml", ["B"])
    settings = file.load()
    assert len(settings.models) == 200
    assert settings.models_of("new.toml") == ("B",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"null",
        b'{"version": 0}',
        b'{"version": "1"}',
        b'{"version": 1, "theme": 3}',
        b'{"version": 1, "models": []}',
        b'{"version": 1, "models": {"a": "Swift"}}',
        b'{"version": 1, "models": {"a": [1]}}',
        b"[" * 100_000,
        b" " * 5_000_000,
    ],
)
def test_a_damaged_file_is_set_aside_and_replaced(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    file = SettingsFile(path)
    assert file.load() == Settings()
    assert "is damaged" in file.notice
    assert [found.read_bytes() for found in path.parent.iterdir()] == [content]
    file.remember_theme("nord")
    assert SettingsFile(path).load().theme == "nord"


def test_a_newer_versions_file_is_left_alone(path):
    path.parent.mkdir()
    path.write_text('{"version": 2, "theme": "nord"}')
    file = SettingsFile(path)
    assert file.load() == Settings()
    assert "newer version" in file.notice
    file.remember_theme("gruvbox")
    assert path.read_text() == '{"version": 2, "theme": "nord"}'


def test_without_a_path_nothing_is_kept():
    file = SettingsFile(None)
    file.remember_theme("nord")
    assert file.load() == Settings()
