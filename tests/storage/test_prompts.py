import json
import stat
import threading

import pytest

from ostream_compare.storage.prompts import MOST_BYTES, MOST_PROMPTS, Draft, PromptStore


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_what_was_added_is_there_in_another_session_the_newest_last_and_once(folder):
    for prompt in ("one", "two\r\nlines \x1b", "one", "   "):
        PromptStore(folder).add(prompt)
    assert PromptStore(folder).entries() == ["two\r\nlines \x1b", "one"]


def test_the_files_are_private(folder):
    store = PromptStore(folder)
    store.add("one")
    store.keep_draft(Draft(user="x"))
    assert mode(folder) == 0o700
    assert {path.name: mode(path) for path in folder.iterdir()} == dict.fromkeys(
        (".prompts.lock", "prompts.jsonl", "draft.json"), 0o600
    )


@pytest.mark.parametrize(
    "damage",
    [
        b"\x00\xff\n",
        b'{"user": 3}\n',
        b'["user"]\n',
        b"[" * 100_000 + b"\n",
        b'{"user": "half of a line',
        b'{"user": "half\xe2',
        b"\n\n",
    ],
)
def test_damaged_lines_are_passed_by_and_what_is_added_after_them_is_whole(folder, damage):
    store = PromptStore(folder)
    store.add("before")
    path = folder / "prompts.jsonl"
    path.write_bytes(path.read_bytes() + damage)
    store.add("after")
    assert store.entries() == ["before", "after"]


def test_the_history_is_bounded_in_prompts(folder):
    store = PromptStore(folder)
    store.add("first")
    path = folder / "prompts.jsonl"
    path.write_bytes(b"".join(b'{"user": "%d"}\n' % n for n in range(2 * MOST_PROMPTS)))
    store.add("last")
    assert len(path.read_bytes().splitlines()) == MOST_PROMPTS
    entries = store.entries()
    assert (entries[0], entries[-1]) == (str(MOST_PROMPTS + 1), "last")
    assert mode(path) == 0o600


def test_the_history_is_bounded_in_bytes(folder):
    store = PromptStore(folder)
    store.add("small")
    for letter in "abcde":
        store.add(letter * (MOST_BYTES // 2 - 100))
    assert [entry[0] for entry in store.entries()] == ["d", "e"]
    store.add("z" * MOST_BYTES)
    assert [entry[0] for entry in store.entries()] == ["d", "e"]


def test_many_writers_lose_nothing(folder):
    def write(name):
        for number in range(20):
            PromptStore(folder).add(f"{name}{number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(PromptStore(folder).entries()) == sorted(f"{n}{i}" for n in "abcd" for i in range(20))


def test_nothing_is_read_where_nothing_is_and_nothing_is_made(folder):
    assert (PromptStore(folder).entries(), PromptStore(folder).draft()) == ([], None)
    PromptStore(folder).keep_draft(None)
    assert not folder.exists()


def test_a_draft_is_kept_replaced_and_forgotten(folder):
    store = PromptStore(folder)
    store.keep_draft(Draft(user="one"))
    store.keep_draft(Draft(user="two\n", system="be brief"))
    assert PromptStore(folder).draft() == Draft(user="two\n", system="be brief")
    store.keep_draft(None)
    assert PromptStore(folder).draft() is None


@pytest.mark.parametrize("content", [b"", b"\xff", b"{}", b"[]", json.dumps({"user": 1}).encode()])
def test_a_damaged_draft_is_none(folder, content):
    folder.mkdir()
    (folder / "draft.json").write_bytes(content)
    assert PromptStore(folder).draft() is None


def test_the_step_that_was_made_last_wins_whatever_runs_last(folder):
    store = PromptStore(folder)
    older, newer = store.draft_step(Draft(user="old")), store.draft_step(Draft(user="new"))
    newer()
    older()
    assert store.draft() == Draft(user="new")


def test_a_draft_that_cannot_be_written_leaves_the_last_one(folder, monkeypatch):
    store = PromptStore(folder)
    store.keep_draft(Draft(user="one"))

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ostream_compare.storage.prompts.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.keep_draft(Draft(user="two"))
    assert store.draft() == Draft(user="one")
    assert [path.name for path in folder.iterdir()] == ["draft.json"]
