"""What shows before a file is written: whether its folder lets it be."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ostream_compare.storage.places import why_not


@pytest.mark.parametrize(
    ("make", "is_refused"),
    [
        (lambda path: None, True),
        (lambda path: path.write_text("old"), True),
        (lambda path: path.symlink_to("nowhere"), True),
        (lambda path: path.symlink_to(os.devnull), True),
        (os.mkfifo, False),
    ],
    ids=["new", "a file", "a link to nothing", "a link to a device", "a pipe"],
)
def test_a_folder_that_may_not_be_written_keeps_what_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], object], is_refused: bool
) -> None:
    path = tmp_path / "out.toml"
    make(path)
    assert why_not(path) is None
    # a superuser may write everywhere, whatever the mode says
    monkeypatch.setattr(os, "access", lambda _, mode: not mode & os.W_OK)
    assert why_not(path) == (f"{tmp_path} may not be written to" if is_refused else None)
