import asyncio
import threading
from itertools import islice

import pyperclip
import pytest
from rich.cells import cell_len

from ostream_compare.domain.comparison import Estimate, Response, SavedCost, SavedUsage, Timing
from ostream_compare.domain.events import Delta, LaneEnded, RequestSent
from ostream_compare.domain.run import Run
from ostream_compare.tui.background import in_background
from ostream_compare.tui.charts.race import Launched
from ostream_compare.tui.clipboard import copy
from ostream_compare.tui.leaving import Deadline
from ostream_compare.tui.pacer import FRAME, Pacer, Round, Turns
from ostream_compare.tui.result_rows import ResultRows
from ostream_compare.tui.run_view import Spending, view_of_run
from ostream_compare.tui.views import Board, LaneView
from ostream_compare.tui.widgets.frame import HEAVY, LIGHT
from tui.fake_collector import MS, config
from tui.harness import Stage, play


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def frames(pacer: Pacer, clock: Clock, ticks: int, step: float = FRAME) -> list[bool]:
    due: list[bool] = []
    for _ in range(ticks):
        clock.time += step
        due.append(pacer.tick())
    return due


def test_every_punctual_tick_is_a_frame():
    clock = Clock()
    assert all(frames(Pacer(clock), clock, 50))


def test_figures_are_due_four_times_a_second_whatever_the_frames():
    for ticks, step in ((100, FRAME), (50, 2 * FRAME)):
        clock = Clock()
        pacer, due = Pacer(clock), 0
        for _ in range(ticks):
            clock.time += step
            due += pacer.figures()
        assert 17 <= due <= 20


@pytest.mark.parametrize("why", ["late ticks", "a slow flush"])
def test_half_the_frames_when_behind_and_all_again_after_a_while(why):
    clock = Clock()
    pacer = Pacer(clock)
    frames(pacer, clock, 3)
    if why == "late ticks":
        frames(pacer, clock, 1, step=3 * FRAME)
    else:
        clock.time += FRAME
        pacer.flushed(FRAME)
        clock.time -= FRAME
    behind = frames(pacer, clock, 8)
    assert pacer.is_behind
    assert sum(behind) == 4
    assert all(frames(pacer, clock, 10)[4:])
    assert not pacer.is_behind


def test_a_frame_lets_others_in_and_ends_when_its_share_is_used():
    clock = Clock()

    async def work():
        turns = Turns(clock)
        others: list[str] = []
        asyncio.get_running_loop().call_soon(others.append, "a key")
        await turns.give()
        assert (others, turns.are_over) == ([], False)
        clock.time += 0.005
        await turns.give()
        assert (others, turns.are_over) == (["a key"], False)
        clock.time += 0.005
        assert turns.are_over
        assert turns.spent == pytest.approx(0.01)

    asyncio.run(work())


def test_everyone_has_a_turn_and_the_favourite_one_in_every_round():
    turns = Round[str]()
    shown = [list(islice(turns.order("abcde", "c"), 3)) for _ in range(3)]
    assert shown == [["c", "a", "b"], ["c", "d", "e"], ["c", "a", "b"]]
    assert list(turns.order("", None)) == []
    assert list(turns.order("xyz", None)) == ["x", "y", "z"]


def lanes() -> tuple[Run, Board]:
    presets = config("A", "B", "C").presets
    prompt = config().prompts[0]
    from datetime import UTC, datetime

    run = Run.begin(id="r", started_at=datetime.now(UTC), origin=0, prompt=prompt, presets=presets)
    return run, Board(presets)


def view(run: Run, board: Board, lane: int, now_ms: int) -> LaneView:
    return board.lane(run, lane, now_ms * MS)


def test_live_figures_are_estimates_that_say_so_and_unknown_is_not_zero():
    run, board = lanes()
    queued = view(run, board, 0, 500)
    assert (queued.figures[0], queued.cells[0], queued.brief) == ("◌ queued", "◌ queued", "◌")
    assert not queued.over
    run = run.applied(RequestSent(lane=0, at=100 * MS))
    sent = view(run, board, 0, 600)
    assert (sent.figures[0], sent.cells[0], sent.brief) == ("○ waiting 0.5s", "○ waiting", "○0.5s")
    run = run.applied(Delta(lane=0, at=300 * MS, text="one "))
    early = view(run, board, 0, 700)
    assert early.cells == ("▶ streaming", "0.20s", "0.6s", "—", "—", "~1", "—")
    for number in range(20):
        run = run.applied(Delta(lane=0, at=(400 + 100 * number) * MS, text="word "))
    late = view(run, board, 0, 2600)
    assert late.cells == ("▶ streaming", "0.20s", "2.5s", "~10.0", "—", "~21", "—")
    assert late.spark.strip()
    speeds = f"~{late.spark}"
    shown = {width: LIGHT.lower(width, late.figures)[1] for width in (80, 58, 48, 38)}
    assert shown == {
        80: f"▶ streaming 2.5s  TTFT 0.20s  ~10.0 tok/s  ~21 tokens  {speeds}",
        58: f"▶ streaming 2.5s  ~10.0 tok/s  ~21 tok  {speeds}",
        48: f"▶ streaming 2.5s  ~10.0 tok/s  {speeds}",
        38: "▶ streaming 2.5s  ~10.0 tok/s",
    }


def test_the_end_shows_what_the_response_knows():
    run, board = lanes()
    response = Response(
        name="A",
        provider="demo",
        model="m",
        state="complete",
        content="x",
        timing=Timing(ttft_ms=200, e2e_ms=1900, tokens_per_second=112),
        usage=SavedUsage(input_tokens=24, output_tokens=212, source="api"),
    )
    run = run.applied(LaneEnded(lane=0, at=2000 * MS, response=response))
    done = view(run, board, 0, 9999)
    assert done.cells == ("✓ done", "0.20s", "1.90s", "112", "24", "212", "—")
    assert done.figures[2] == "✓ done 1.9s  TTFT 0.20s  112 tok/s  212 tok"
    assert done.brief == "✓1.9s"


@pytest.mark.parametrize(
    ("state", "reported", "estimated", "cell", "frame"),
    [
        ("complete", 12, None, "12", "12 tokens"),
        ("complete", 1, None, "1", "1 token"),
        ("complete", None, 12, "~12", "~12 tokens"),
        ("cancelled", 12, None, "≥12", "≥12 tokens"),
        ("cancelled", None, 1, "≥~1", "≥~1 token"),
        ("truncated", None, 12, "≥~12", "≥~12 tokens"),
        ("failed", None, 12, "≥~12", "≥~12 tokens"),
        ("failed", None, 0, "~0", None),
        ("failed", None, None, "—", None),
    ],
)
def test_what_came_of_an_answer_that_is_not_whole_is_a_lower_bound(state, reported, estimated, cell, frame):
    run, board = lanes()
    response = Response(
        name="A",
        provider="demo",
        model="m",
        state=state,
        content="x",
        timing=Timing(ttft_ms=200, e2e_ms=1900, tokens_per_second=112),
        usage=SavedUsage(output_tokens=reported),
        estimate=Estimate(output_tokens=estimated),
        cost=SavedCost(total_usd="0.002", source="preset", bound="exact" if state == "complete" else "lower"),
    )
    run = run.applied(LaneEnded(lane=0, at=2000 * MS, response=response))
    shown = view(run, board, 0, 9999)
    assert shown.cells[5] == cell == ResultRows().of(run, [shown, *board.idle()[1:]])[0].cells["Out"].text
    assert shown.figures[0].endswith("  112 tok/s" if frame is None else f"  112 tok/s  {frame}")
    assert shown.cells[6] == ("$0.0020" if state == "complete" else "≥$0.0020")


@pytest.mark.parametrize(
    ("usd", "running", "over"),
    [("0.031", "≥$0.031", "$0.031"), ("0", "$0", "$0"), (None, "1 unpriced", "1 unpriced")],
)
def test_what_a_run_has_cost_so_far_is_a_lower_bound(usd, running, over):
    run, board = lanes()
    for lane, shown in ((0, running), (1, None), (2, over)):
        response = Response(
            name="ABC"[lane],
            provider="demo",
            model="m",
            state="complete",
            content="" if lane else "x",
            cost=SavedCost(total_usd=None if lane else usd, source="preset", bound="exact"),
        )
        run = run.applied(LaneEnded(lane=lane, at=2000 * MS, response=response))
        views = tuple(view(run, board, lane, 9999) for lane in range(3))
        launched, spending = Launched(0, left=True, again=False), Spending.of(run)
        told = view_of_run(1, run, views, launched=launched, now=9999, spending=spending)
        assert shown in {None, told.cost}


@pytest.mark.parametrize(
    ("environ", "works", "expected"),
    [
        ({}, True, ("system", [])),
        ({}, False, ("OSC 52", ["text"])),
        ({"SSH_TTY": "/dev/pts/0"}, True, ("OSC 52", ["text"])),
    ],
)
def test_copying_says_which_way_it_went(environ, works, expected, monkeypatch):
    def fake_copy(text: str) -> None:
        if not works:
            raise pyperclip.PyperclipException("no mechanism")

    monkeypatch.setattr(pyperclip, "copy", fake_copy)
    sent: list[str] = []
    said = asyncio.run(copy("text", sent.append, environ))
    assert expected[0] in said
    assert sent == expected[1]


def test_a_background_call_gives_its_result_or_its_error():
    async def both() -> None:
        assert await in_background(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await in_background(lambda: 1 // 0)

    asyncio.run(both())


@pytest.mark.parametrize(
    ("width", "shown", "hidden"),
    [(120, "models.toml", ""), (60, "DEMO", "models.toml"), (34, "4/4", "ostream")],
)
def test_the_header_gives_up_the_file_first_and_progress_never(width, shown, hidden, tmp_path):
    async def scene(stage: Stage) -> None:
        for lane in range(4):
            stage.fake.end(lane, "ok")
        await stage.ended()
        header = stage.screen_text().splitlines()[0]
        assert shown in header
        assert "4/4 done" in header
        assert len(header) == width
        assert not hidden or hidden not in header

    play(scene, tmp_path, size=(width, 24))


def test_the_strip_counts_the_lanes_that_do_not_fit(tmp_path):
    async def scene(stage: Stage) -> None:
        strip = next(line for line in stage.screen_text().splitlines() if "1◌" in line)
        *shown, rest = strip.split()
        assert len(strip) == 40
        assert shown == [f"{number}◌" for number in range(1, len(shown) + 1)]
        assert rest == f"+{20 - len(shown)}"

    play(scene, tmp_path, configuration=config(*(f"M{number}" for number in range(20))), size=(40, 24))


def test_the_strip_has_a_word_for_every_state_where_there_is_room(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.say(1, "A mutex")
        await stage.until(lambda: "2▶" in stage.screen_text())
        strip = next(line for line in stage.screen_text().splitlines() if "1◌" in line)
        assert strip.startswith(" 1◌queued  2▶")
        assert "  3◌queued  4◌queued  " in strip

    play(scene, tmp_path)


@pytest.mark.parametrize("width", range(6, 60))
@pytest.mark.parametrize(
    "title", ["1 Swift", "2 a name that is much longer than any pane is wide, really", "3 日本語日本語日本語"]
)
def test_an_edge_is_as_wide_as_the_pane(width, title):
    for frame in (LIGHT, HEAVY):
        assert cell_len("".join(frame.upper(width, title))) == width
        assert cell_len("".join(frame.lower(width, ("✓ done 1.9s  112 tok/s", "✓ 1.9s", "✓")))) == width


def test_the_longest_figures_that_fit_are_shown():
    figures = ("✓ done 1.9s  112 tok/s", "✓ 1.9s", "✓")
    assert [LIGHT.lower(width, figures)[1] for width in (60, 28, 27, 12, 11, 7, 6)] == [
        *figures[:1] * 2,
        *figures[1:2] * 2,
        *figures[2:] * 2,
        "",
    ]


def test_a_process_that_does_not_end_is_ended():
    ended: list[int] = []
    called = threading.Event()

    def end(code: int) -> None:
        ended.append(code)
        called.set()

    deadline = Deadline(end, patience=0.5)
    deadline.arm(2)
    deadline.arm(129)
    assert called.wait(10)
    assert ended == [129], "once, with the code that was given last"


def test_a_process_that_ends_is_left_alone():
    ended: list[int] = []
    deadline = Deadline(ended.append, patience=1000)
    deadline.arm(0)
    timer = deadline._timer
    assert timer is not None
    deadline.disarm()
    timer.join(10)
    assert not timer.is_alive()
    assert not ended
