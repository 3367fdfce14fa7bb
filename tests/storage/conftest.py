"""What tests of the history get."""

import pytest

from storage.histories import OPENED


@pytest.fixture
def folder(tmp_path):
    """Of the data; the histories that are opened in it are closed after the test."""
    yield tmp_path / "data"
    while OPENED:
        OPENED.pop().close()
