from datetime import UTC, datetime

import pytest

from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.spelling import to_json, to_toml
from ostream_compare.storage.earlier import earlier
from ostream_compare.storage.results import save_comparison
from ostream_compare.storage.run_log import RunLog
from storage.runs import answer, ended, header

SAVED = Comparison(
    id="20261101-073012-4f2a",
    started_at=datetime(2026, 11, 1, tzinfo=UTC),
    program_version="0.1.0",
    prompts=[],
    responses=[],
)


@pytest.fixture(autouse=True)
def data_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def log(number):
    written = RunLog.create(head := header(number))
    written.append(*answer(0, "yes"), *answer(1, "no"), ended())
    written.close()
    return head.id


@pytest.mark.parametrize(
    ("name", "spell"), [("a.toml", to_toml), ("a.json", to_json), ("a", to_json), ("b", to_toml)]
)
def test_a_file_is_read_by_its_ending_or_by_what_it_is(tmp_path, name, spell):
    (tmp_path / name).write_text(spell(SAVED))
    assert earlier(name) == SAVED
    assert earlier(str(tmp_path / name)) == SAVED
    assert earlier(f"~/{name}") == SAVED


@pytest.mark.parametrize("named", ["20261101-073012-4f2a", "20261101"])
def test_a_saved_result_is_found_by_its_id_or_the_beginning_of_it(named):
    save_comparison(SAVED)
    assert earlier(named) == SAVED


def test_a_logged_run_is_found_by_its_id_and_as_the_last():
    first, second = log(1), log(2)
    assert [r.content for r in earlier(first).responses] == ["yes", "no"]
    assert earlier("last").id == second


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("nope", "--baseline: no file, no saved result and no logged run is called nope"),
        ("", "--baseline: no file"),
        ("gone.toml", "gone.toml: No such file"),
        ("folder/gone", "folder/gone: No such file"),
        ("../*", "No such file"),
        ("\x1b[2J", "is called ␛[2J"),
    ],
)
def test_what_there_is_not_is_named(named, said):
    log(1)
    with pytest.raises(UserError) as refused:
        earlier(named, key="--baseline")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"), [("version = 9", "newer version"), ("= 1", "not TOML"), (b"\xff", "utf-8")]
)
def test_a_file_that_is_no_comparison_is_named(tmp_path, text, said):
    (tmp_path / "a.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as refused:
        earlier("a.toml")
    assert str(refused.value).startswith("a.toml: ")
    assert said in str(refused.value)
