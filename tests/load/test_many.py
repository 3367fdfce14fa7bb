"""Many lanes, many cuts, many runs: the whole program, as long as it is asked to."""

import os

from load.rig import FULL, QUICK, Program
from wire.script import DONE, finish, plain_stream, stream, text, usage

EVENTS = (text("Héllo "), text("wörld "), text("a\nb"), finish(), usage(3, 2), DONE)
WHOLE = "Héllo wörld a\nb"
RUNS = int(os.environ.get("SOAK_RUNS", "10000" if FULL else "60"))
WARM_UP = 40 if FULL else 20
GROWTH = 20 * 1024
"""KiB."""


def expected(sent: bytes) -> str:
    """The text of the events that came whole, or to the end of their line."""
    pieces = ("Héllo ", "wörld ", "a\nb")
    shown, at = "", 0
    for event, piece in zip(EVENTS, pieces, strict=False):
        at += len(event)
        if len(sent) >= at - 2:  # what misses but its blank line is taken at the end of the body
            shown += piece
    return shown


def test_a_server_that_cuts_at_any_byte_loses_nothing_that_it_sent(serve, tmp_path):
    body = b"".join(EVENTS)
    ends = len(b"".join(EVENTS[:3])), len(b"".join(EVENTS[:4])) - 2
    cuts = list(range(1, len(body), 1 if FULL else 23))
    with Program(tmp_path) as program:
        for first in range(0, len(cuts), 16):
            some = cuts[first : first + 16]
            models = [(str(cut), serve(stream(body[:cut], end="abort")).base_url) for cut in some]
            lanes = program.run(*models)
            for cut in some:
                lane = lanes[str(cut)]
                assert lane["text"] == expected(body[:cut]), cut
                wanted = ("failed", "connection_lost") if cut < ends[1] else ("complete", None)
                assert (lane["state"], lane["kind"]) == wanted, cut


def test_of_32_lanes_the_stalled_4_hold_up_nobody(serve, tmp_path):
    right = serve(plain_stream())
    stalled = [serve(stream(text("Hel"), end="hang", hold_ms=30_000)) for _ in range(4)]
    models = [(f"stalled {place}", site.base_url) for place, site in enumerate(stalled)]
    models += [(f"right {place}", right.base_url) for place in range(28)]
    with Program(tmp_path) as program:
        limits = QUICK | {"first_token": 30, "idle": 30, "total": 60}
        program(begin=models, limits=limits, wait=False)
        lanes = program(until={"verdicts": 28})["lanes"]
        assert sorted(lane["state"] for lane in lanes.values()) == ["complete"] * 28 + ["open"] * 4
        for keys in (["tab"], ["v"], ["1"], ["z"], ["escape"]):
            assert program(press=keys)["screen"].strip()
        assert program(press=["f1"])["title"] != "MainScreen"
        assert program(press=["escape"])["title"] == "MainScreen"
        program(press=["X"])
        lanes = program(until="over")["lanes"]
        assert [lanes[f"stalled {place}"]["state"] for place in range(4)] == ["cancelled"] * 4
        assert [lanes[f"stalled {place}"]["text"] for place in range(4)] == ["Hel"] * 4
        assert all(site.client_closed_first(5) for site in stalled), "a stop closes sockets"


def test_many_runs_leave_nothing_behind(serve, tmp_path):
    sites = [
        serve(plain_stream(["word "] * 50)),
        serve(plain_stream(["**bold** text\n\n"] * 50)),
        serve(stream(text("Hel"), end="abort")),
    ]
    models = [(f"m{place}", site.base_url) for place, site in enumerate(sites)]
    with Program(tmp_path) as program:
        for _ in range(WARM_UP):
            program.run(*models)
        before = program(measure=True)
        for _ in range(RUNS - WARM_UP):
            lanes = program.run(*models)
            assert [lane["state"] for lane in lanes.values()] == ["complete", "complete", "failed"]
        after = program(measure=True)
    for part in ("ui", "child"):
        assert after[part]["now"] - before[part]["now"] < GROWTH, (before, after)
        assert abs(after[part]["files"] - before[part]["files"]) <= 2, (before, after)
    assert after["ui"]["tasks"] <= before["ui"]["tasks"] + 1, (before, after)
    assert len(list((tmp_path / "results").glob("*.toml"))) == RUNS, "every run is saved"
