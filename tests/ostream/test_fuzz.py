"""Odd bytes by the hundred thousand: only `ostream`'s errors come out, and nothing odd would be stored.

`FUZZ_INPUTS` says how many streams are tried, `FUZZ_SEED` which is the first; the same seed gives the same
stream, so that a failure is repeated with `FUZZ_SEED=<seed> FUZZ_INPUTS=1`.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from ostream.errors import make_error
from streams.checks import MARKERS, run_batch
from streams.offline import RECORDED, corpus, play

INPUTS = int(os.environ.get("FUZZ_INPUTS", "10000"))
FIRST = int(os.environ.get("FUZZ_SEED", "0"))
BATCH = 1_000
IN_PROCESS = 50_000
"""More than so many inputs are spread over all cores."""


def test_odd_bytes_raise_only_our_errors_and_store_nothing_odd() -> None:
    starts = range(FIRST, FIRST + INPUTS, BATCH)
    counts = [min(BATCH, FIRST + INPUTS - start) for start in starts]
    if INPUTS <= IN_PROCESS:
        wrong = [
            line for start, count in zip(starts, counts, strict=True) for line in run_batch(start, count)
        ]
    else:
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            wrong = [line for lines in pool.map(run_batch, starts, counts) for line in lines]
    assert wrong == []


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_stream_that_is_cut_before_its_end_is_never_complete(name: str) -> None:
    data = corpus()[name]
    end = min((at for at in map(data.find, MARKERS) if at >= 0), default=len(data))
    for cut in range(end):
        for error in (None, make_error("connection_lost", "the connection broke")):
            assert play([data[:cut]], error=error).session.state != "complete", f"cut at byte {cut}"


def test_text_of_a_choice_without_an_index_may_come_first() -> None:
    body = b'data: {"choices":"?"}\n\ndata: {"choices":[{"index":null,"delta":{"content":"a"}}]}\n\n'
    assert play([body * 2]).answer.content == "aa"
