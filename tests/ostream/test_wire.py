"""Every server of the wire corpus, through real sockets, in sync and in async iteration."""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from wire.cases import Case, load_cases
from wire.driver import both_modes
from wire.runner import Mode, Outcome, play
from wire.server import WireServer
from wire.verdict import differences

Played = dict[tuple[str, Mode], Future[Outcome]]
AT_ONCE = 4


@pytest.fixture(scope="module")
def waited(request: pytest.FixtureRequest, wire_server: WireServer) -> Played:
    """The chosen cases that wait for a clock, a few at a time, before the others keep the cores busy."""
    specs = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = [(spec.params.get("case"), spec.params.get("mode")) for spec in specs if spec is not None]
    slow = [(case, mode) for case, mode in chosen if isinstance(case, Case) and case.waits]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {(case.id, mode): pool.submit(play, wire_server, case, mode) for case, mode in slow}


@both_modes
@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.id)
def test_case_ends_as_the_corpus_says(
    wire_server: WireServer, waited: Played, case: Case, mode: Mode
) -> None:
    early = waited.get((case.id, mode))
    outcome = play(wire_server, case, mode) if early is None else early.result()
    assert differences(case, outcome) == []
