"""A child that speaks the collector's protocol without a network; its first argument says how it behaves.

A second one is how many seconds lie between two beats of its heart.
"""

import os
import select
import signal
import sys
import threading
from decimal import Decimal
from pathlib import Path

from ostream_compare.collector.protocol import (
    COMMANDS,
    HEARTBEAT,
    Alive,
    Cancel,
    Finished,
    Grew,
    OverBudget,
    Ready,
    Retrying,
    Sent,
    StartRun,
    to_line,
)
from ostream_compare.domain.comparison import Response, SavedCost, SavedError, Timing
from ostream_compare.domain.events import AttemptFailed, Delta, LaneEnded, RequestSent

PRICE = Decimal("0.10")
BEHAVIOUR = sys.argv[1] if len(sys.argv) > 1 else "echo"
BEAT = float(sys.argv[2]) if len(sys.argv) > 2 else HEARTBEAT


def say(report) -> None:
    sys.stdout.buffer.write(to_line(report))
    sys.stdout.buffer.flush()


def response(order, state, content="", error=None, attempt=1):
    preset = order.preset
    costs = preset.model == "costs" and state == "complete"
    return Response(
        name=preset.name,
        provider=preset.provider.name,
        model=preset.model,
        state=state,
        content=content,
        error=error,
        attempt=attempt,
        timing=Timing(ttft_ms=100, e2e_ms=200) if content else Timing(),
        cost=SavedCost(total_usd="0.10", source="provider", bound="exact") if costs else SavedCost(),
    )


def answer(run, order) -> None:
    lane = order.lane
    if order.missing_key:
        error = SavedError(kind=order.missing_kind, message=order.missing_key)
        say(
            Finished(
                run=run.run, event=LaneEnded(lane=lane, at=1, response=response(order, "failed", error=error))
            )
        )
        return
    text = f"{order.preset.name} says {run.prompt.user}"
    say(Sent(run=run.run, event=RequestSent(lane=lane, at=1)))
    say(Grew(run=run.run, event=Delta(lane=lane, at=2, text=text)))
    if BEHAVIOUR in {"hang", "silent"} or (
        order.preset.model in {"hangs", "dies"} and BEHAVIOUR != "answers-all"
    ):
        return
    attempt = 1
    if order.preset.model == "retries":
        error = SavedError(kind="rate_limit", message="slow down", status=429)
        say(Retrying(run=run.run, event=AttemptFailed(lane=lane, at=2, attempt=1, error=error, wait=0)))
        attempt = 2
    ended = response(order, "complete", text, attempt=attempt)
    if order.preset.model == "fails":
        ended = response(order, "failed", text, SavedError(kind="auth", message="wrong key", status=401))
    say(Finished(run=run.run, event=LaneEnded(lane=lane, at=3, response=ended)))


def behave() -> None:
    if BEHAVIOUR == "crash":
        sys.stderr.write("Traceback ...\nRuntimeError: boom \x1b]0;title\x07\n")
        sys.exit(3)
    if BEHAVIOUR == "nonsense":
        sys.stdout.write("hello\n")
        sys.stdout.flush()
    if BEHAVIOUR == "environment":
        names = "\n".join(sorted(os.environ))
        say(Grew(run="r", event=Delta(lane=0, at=0, text=names)))
    if BEHAVIOUR == "torn":
        sys.stdout.write('{"type":"delta","run":"r"')
        sys.exit(0)
    if BEHAVIOUR == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        say(Ready(pid=os.getpid()))
        threading.Event().wait()


def note(command) -> None:
    """Write down what was ordered, for the behaviours that are asked to."""
    names = " ".join(order.preset.name for order in command.lanes)
    line = {"orders": names, "answers-all": names, "budgets": str(command.max_cost_usd)}.get(BEHAVIOUR)
    if line is not None:
        with Path(BEHAVIOUR).open("a") as file:
            file.write(f"{line}\n")


def orders():
    """Lines of stdin; a sign of life where none comes for a while."""
    torn = b""
    while True:
        if not select.select([0], [], [], None if BEHAVIOUR == "silent" else BEAT)[0]:
            say(Alive())
            continue
        data = os.read(0, 1 << 20)
        if not data:
            return
        *whole, torn = (torn + data).split(b"\n")
        yield from whole


def main() -> None:
    behave()
    say(Ready(pid=os.getpid()))
    running = {}
    for line in orders():
        command = COMMANDS.validate_json(line)
        match command:
            case StartRun():
                if BEHAVIOUR == "leak":
                    sys.exit(f"cannot use {command.lanes[0].key}")
                note(command)
                left = command.max_cost_usd
                for order in command.lanes:
                    running[command.run, order.lane] = order
                    if left is not None and left < PRICE and order.preset.model == "costs":
                        say(OverBudget(run=command.run))
                        stopped = LaneEnded(lane=order.lane, at=3, response=response(order, "cancelled"))
                        say(Finished(run=command.run, event=stopped))
                        continue
                    answer(command, order)
                    if left is not None and order.preset.model == "costs":
                        left -= PRICE
                if BEHAVIOUR != "answers-all" and any(
                    order.preset.model == "dies" for order in command.lanes
                ):
                    sys.exit(3)
                if BEHAVIOUR == "tells":
                    Path("told").write_text("all models have answered or hang\n")
            case Cancel(run=run, lane=lane):
                for (place, index), order in running.items():
                    if run in {place, place.partition("/")[0]} and lane in {None, index}:
                        ended = response(order, "cancelled", "partly")
                        say(Finished(run=place, event=LaneEnded(lane=index, at=4, response=ended)))
            case _:
                break


if __name__ == "__main__":
    main()
