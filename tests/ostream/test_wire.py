"""Every server of the wire corpus, through real sockets, in sync and in async iteration."""

import pytest

from wire.cases import Case, load_cases
from wire.runner import MODES, Mode, play
from wire.server import WireServer
from wire.verdict import differences


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.id)
def test_case_ends_as_the_corpus_says(wire_server: WireServer, case: Case, mode: Mode) -> None:
    assert differences(case, play(wire_server, case, mode)) == []
