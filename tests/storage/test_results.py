import stat
from datetime import UTC, datetime

import pytest

from ostream_compare.domain.comparison import Comparison, Response, SavedPrompt
from ostream_compare.domain.errors import UserError
from ostream_compare.storage.paths import config_file, private_folder, results_folder
from ostream_compare.storage.results import load_comparison, save_comparison


def comparison(prompt="hi", name=None, run="20261122-073012-4f2a"):
    return Comparison(
        id=run,
        started_at=datetime(2026, 11, 22, tzinfo=UTC),
        program_version="0.1.0",
        prompts=[SavedPrompt(user=prompt, name=name)],
        responses=[Response(name="A", provider="p", model="m", state="complete", content="\x1b[2J\nok")],
    )


@pytest.fixture
def data_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_a_saved_comparison_lies_in_the_users_folder_and_reads_back(data_home):
    path = save_comparison(comparison(name="Mutex?"))
    assert path.parent == results_folder()
    assert data_home in path.parents
    assert path.name == "20261122-073012-4f2a-mutex.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)} == {0o700}
    assert load_comparison(path) == comparison(name="Mutex?")


def test_saving_twice_keeps_both(tmp_path):
    first, second = (save_comparison(comparison(), tmp_path) for _ in range(2))
    assert first != second
    assert load_comparison(first) == load_comparison(second)


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "..", "a\x00b", "x" * 300, "漢字"])
def test_no_name_leaves_the_folder(tmp_path, name):
    folder = tmp_path / "results"
    path = save_comparison(comparison(name=name, run="../" + name), folder)
    assert path.resolve().parent == folder.resolve()
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [(None, "No such file"), (b"\xff", "invalid start byte"), (b"version = 99", "newer version")],
)
def test_what_cannot_be_read_is_named(tmp_path, data, why):
    path = tmp_path / "saved.toml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(UserError, match=why):
        load_comparison(path)


def test_the_config_file_lies_in_the_config_folder(data_home):
    assert data_home in config_file().parents
    assert config_file().name == "models.toml"


def test_an_open_folder_is_closed_to_others(tmp_path):
    folder = tmp_path / "results"
    folder.mkdir(mode=0o755)
    assert stat.S_IMODE(private_folder(folder).stat().st_mode) == 0o700


@pytest.mark.parametrize("below", ["", "results"])
def test_a_file_in_the_place_of_a_folder_is_named_for_what_it_is(tmp_path, below):
    (tmp_path / "data").write_text("mine")
    with pytest.raises(NotADirectoryError) as refused:
        private_folder(tmp_path / "data" / below)
    assert (refused.value.filename, refused.value.strerror) == (
        str(tmp_path / "data"),
        "this is no folder, and one is needed here: move it away",
    )
    assert (tmp_path / "data").read_text() == "mine"
