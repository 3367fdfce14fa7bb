"""Every server of the wire corpus, through real sockets, in sync and in async iteration."""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from wire.cases import Case, load_cases
from wire.driver import both_modes
from wire.runner import MODES, Mode, Outcome, play
from wire.server import WireServer
from wire.verdict import differences

AT_ONCE = 4

every_case = pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.id)


class Plays:
    """Each case is played once a mode; those that wait for a clock a few at a time, before all others."""

    def __init__(self, server: WireServer, chosen: list[Case]) -> None:
        self._server = server
        slow = {case.id: case for case in chosen if case.waits}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self._early: dict[tuple[str, Mode], Future[Outcome]] = {
                (case.id, mode): pool.submit(play, server, case, mode)
                for case in slow.values()
                for mode in MODES
            }
        self._played: dict[tuple[str, Mode], Outcome] = {}

    def outcome(self, case: Case, mode: Mode) -> Outcome:
        """What came of the case."""
        key = (case.id, mode)
        if key not in self._played:
            early = self._early.get(key)
            self._played[key] = play(self._server, case, mode) if early is None else early.result()
        return self._played[key]


@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, wire_server: WireServer) -> Plays:
    specs = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = [spec.params.get("case") for spec in specs if spec is not None]
    return Plays(wire_server, [case for case in chosen if isinstance(case, Case)])


@both_modes
@every_case
def test_case_ends_as_the_corpus_says(plays: Plays, case: Case, mode: Mode) -> None:
    assert differences(case, plays.outcome(case, mode)) == []


@every_case
def test_both_modes_agree(plays: Plays, case: Case) -> None:
    one, other = (_summary(plays.outcome(case, mode)) for mode in MODES)
    assert one == other


def _summary(outcome: Outcome) -> dict[str, object]:
    stream, error = outcome.stream, outcome.stream.error
    return {
        "verdict": outcome.verdict,
        "contents": outcome.chunk_text,
        "code and hint": None if error is None else (error.status, error.code, error.hint),
        "warnings": sorted(stream.warnings),
        "cost": stream.cost,
        "completion": [choice.model_dump() for choice in outcome.choices],
        "usage": None if stream.usage is None else stream.usage.model_dump(),
        "requests": outcome.requests,
    }
