import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from ostream_compare.storage import atomic
from ostream_compare.storage.atomic import replace_file, slug, write_new


def mode_of(path):
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mutex vs. semaphore", "mutex-vs-semaphore"),
        ("../../etc/passwd", "etc-passwd"),
        (".hidden", "hidden"),
        ("é ü", "e-u"),
        ("漢字", "untitled"),
        ("\x00\x1b/\\", "untitled"),
        ("CON", "con"),
        ("x" * 500, "x" * 60),
    ],
)
def test_slug(text, name):
    assert slug(text) == name


def test_new_files_are_private_and_never_written_over(tmp_path):
    paths = [write_new(tmp_path, "a", ".toml", data) for data in (b"1", b"2", b"3")]
    assert [path.name for path in paths] == ["a.toml", "a-2.toml", "a-3.toml"]
    assert [path.read_bytes() for path in paths] == [b"1", b"2", b"3"]
    assert {mode_of(path) for path in paths} == {0o600}
    assert len(list(tmp_path.iterdir())) == 3, "no temporary file is left"


def test_many_writers_lose_nothing(tmp_path):
    def write_some(writer):
        return [write_new(tmp_path, "a", ".toml", f"{writer} {number}".encode()) for number in range(40)]

    with ThreadPoolExecutor(8) as pool:
        paths = {path for some in pool.map(write_some, range(8)) for path in some}
    assert len({path.read_bytes() for path in paths}) == 320
    assert set(tmp_path.iterdir()) == paths


def test_a_link_in_the_way_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "a.toml").symlink_to(victim)
    (tmp_path / "a-2.toml").symlink_to(tmp_path / "nowhere")
    assert write_new(tmp_path, "a", ".toml", b"new").name == "a-3.toml"
    assert victim.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


def test_a_file_system_without_hard_links_will_do(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(atomic.os, "link", refuse)
    names = [write_new(tmp_path, "a", ".toml", data).name for data in (b"1", b"2")]
    assert names == ["a.toml", "a-2.toml"]
    assert (tmp_path / "a-2.toml").read_bytes() == b"2"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("write", [write_new, lambda folder, *_: replace_file(folder / "a.toml", b"new")])
def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch, write):
    (tmp_path / "a.toml").write_text("old")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path, "a", ".toml", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.toml"]
    assert (tmp_path / "a.toml").read_text() == "old"


def test_replacing_keeps_the_mode_and_makes_new_files_as_usual(tmp_path):
    path = tmp_path / "out.json"
    umask = os.umask(0o022)
    try:
        replace_file(path, b"1")
        assert mode_of(path) == 0o644
        path.chmod(0o640)
        replace_file(path, b"2")
        assert mode_of(path) == 0o640
    finally:
        os.umask(umask)
    assert path.read_bytes() == b"2"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]


def test_replacing_a_link_leaves_its_target(tmp_path):
    target = tmp_path / "target"
    target.write_text("precious")
    link = tmp_path / "link"
    link.symlink_to(target)
    replace_file(link, b"new")
    assert target.read_text() == "precious"
    assert not link.is_symlink()


def test_a_pipe_is_written_to_and_a_folder_refused(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        replace_file(pipe, b"data")
        assert os.read(reader, 10) == b"data"
    finally:
        os.close(reader)
    with pytest.raises(IsADirectoryError):
        replace_file(tmp_path, b"data")
