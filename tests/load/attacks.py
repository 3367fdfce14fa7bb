"""Servers that send too much of something, each with the verdict that it must get."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from load.rig import FULL
from wire.cases import Answer, Frame
from wire.script import DONE, delta, event, finish, stream, text, tool, tools

MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One server."""

    answer: Callable[[], Answer]
    state: str = "failed"
    kind: str | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    length: int | None = None
    """Characters of answer and reasoning; `None` is any number."""


def often(block: bytes, times: int) -> list[Frame]:
    """A block again and again, in writes of about 64 KiB that share their memory."""
    per_frame = max(1, min(times, 65536 // len(block)))
    whole, rest = divmod(times, per_frame)
    return [Frame(block * per_frame)] * whole + ([Frame(block * rest)] if rest else [])


def raw(*frames: Frame) -> Answer:
    return Answer(framing="raw", frames=frames, end="hang", hold_ms=30_000)


def many(make: Callable[[int], bytes], count: int) -> list[Frame]:
    """`make(0)`, `make(1)` ... in writes of a thousand."""
    return [
        Frame(b"".join(make(number) for number in range(first, min(first + 1000, count))))
        for first in range(0, count, 1000)
    ]


def zipped(answer: Answer) -> Answer:
    """The answer's body, packed as nobody asked for."""
    body = gzip.compress(b"".join(frame.data for frame in answer.frames), mtime=0)
    pieces = [Frame(body[at : at + 65536]) for at in range(0, len(body), 65536)]
    return Answer(headers=(*answer.headers, ("content-encoding", "gzip")), frames=tuple(pieces))


def unending(status: int) -> Answer:
    kind = ("content-type", "application/json")
    frames = [Frame(b'{"error": {"message": "' + b"x" * 1000), *often(b"x" * 65536, 4000)]
    return Answer(status=status, headers=(kind,), frames=tuple(frames))


ENOUGH = 100_000 if FULL else 10_000
SOME = "word " if FULL else "word " * 20 + "\n"
LONG = {"total": 500.0, "first_token": 500.0, "idle": 500.0}
"""Limits for what brings a million chunks."""
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"

ATTACKS: dict[str, Attack] = {
    "no newline": Attack(
        answer=lambda: stream(Frame(b"data: {"), *often(b"x" * 65536, 48 * 16)), kind="too_large", length=0
    ),
    "no newline, no field": Attack(
        answer=lambda: stream(*often(b"x" * 65536, 48 * 16)), kind="too_large", length=0
    ),
    "lines that are no field": Attack(
        answer=lambda: stream(*often(b"xyz\n", 48 * MIB // 4)), kind="too_large", length=0
    ),
    "empty chunks": Attack(
        answer=lambda: stream(*often(delta(), 10 * ENOUGH), text("Hello"), finish(), DONE),
        state="complete",
        limits=LONG,
        length=5,
    ),
    "chunks without choices": Attack(
        answer=lambda: stream(*often(event({"choices": []}), 10 * ENOUGH), text("Hello"), finish(), DONE),
        state="complete",
        limits=LONG,
        length=5,
    ),
    "comments for ever": Attack(
        answer=lambda: stream(*often(b": " + b"x" * 60 + b"\n\n", 40_000_000)), kind="stall_first", length=0
    ),
    "an event of 17 MiB": Attack(
        answer=lambda: stream(
            Frame(b'data: {"choices":[{"index":0,"delta":{"content":"'),
            *often(b"x" * 65536, 17 * 16),
            Frame(b'"}}]}\n\n'),
            finish(),
            DONE,
        ),
        kind="too_large",
        length=0,
    ),
    "an event of 15 MiB": Attack(
        answer=lambda: stream(
            Frame(b'data: {"choices":[{"index":0,"delta":{"content":"'),
            *often(b"x" * 65536, 15 * 16),
            Frame(b'"}}]}\n\n'),
            finish(),
            DONE,
        ),
        kind="too_large",
    ),
    "a gzip bomb": Attack(
        answer=lambda: zipped(stream(*often(b"data: " + b" " * 60_000, 2000))), kind="too_large", length=0
    ),
    "a gzip bomb of an error": Attack(
        answer=lambda: Answer(
            status=500,
            headers=zipped(stream()).headers,
            frames=zipped(stream(*often(b"x" * 65536, 2000))).frames,
        ),
        kind="server",
        length=0,
    ),
    "headers without end": Attack(
        answer=lambda: raw(Frame(HEAD), *often(b"x-more: " + b"y" * 90 + b"\r\n", 1_000_000)), kind="protocol"
    ),
    "a header without end": Attack(
        answer=lambda: raw(Frame(HEAD + b"x-more: "), *often(b"y" * 65536, 4000)), kind="protocol"
    ),
    "tool calls": Attack(
        answer=lambda: stream(
            *many(lambda n: tools(tool(n, "{}", call_id=f"c{n}", name="f")), ENOUGH),
            finish("tool_calls"),
            DONE,
        ),
        kind="too_large",
    ),
    "tool calls that stay open": Attack(
        answer=lambda: stream(
            *many(lambda n: tools(tool(n, '{"a":', call_id=f"c{n}", name="f")), ENOUGH),
            finish("tool_calls"),
            DONE,
        ),
        kind="too_large",
    ),
    "choices": Attack(answer=lambda: stream(*many(lambda n: text("x", n), ENOUGH)), kind="too_large"),
    "finished choices": Attack(
        answer=lambda: stream(*many(lambda n: delta(n, content="x", finish="stop"), ENOUGH)),
        kind="too_large",
        limits={"grace": 30.0},
    ),
    "reasoning without end": Attack(
        answer=lambda: stream(
            *often(delta(reasoning_content="hmm " * 4 if FULL else "hmm " * 20 + "\n"), 4_000_000)
        ),
        kind="too_large",
        limits=LONG,
    ),
    "text without end": Attack(
        answer=lambda: stream(*often(text("word " if FULL else ("word " * 20 + "\n") * 4), 4_000_000)),
        kind="too_large",
        limits=LONG,
    ),
    "big text without end": Attack(
        answer=lambda: stream(*often(text("word " * 3000), 40_000)), kind="too_large"
    ),
    "lines without end": Attack(
        answer=lambda: stream(*often(text("\n\n- word **bold**" * (1 if FULL else 20)), 4_000_000)),
        kind="too_large",
        limits=LONG,
    ),
    "arguments without end": Attack(
        answer=lambda: stream(*often(tools(tool(0, '"abc ' * (1 if FULL else 50))), 4_000_000)),
        kind="too_large",
        limits=LONG,
    ),
    "logprobs without end": Attack(
        answer=lambda: stream(
            *often(
                delta(
                    content="x",
                    choice={"logprobs": {"content": [{"token": "x", "top_logprobs": [{"token": "y"}] * 20}]}},
                ),
                ENOUGH,
            ),
            finish(),
            DONE,
        ),
        limits=LONG,
        state="complete",
    ),
    "depth": Attack(
        answer=lambda: stream(Frame(b"data: " + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n\n"), DONE),
        kind="bad_json",
    ),
    "a name of 10 MB": Attack(
        answer=lambda: stream(
            event({"model": "m" * 10_000_000, "choices": [{"index": 0, "delta": {"content": "Hello"}}]}),
            finish(),
            DONE,
        ),
        state="complete",
        length=5,
    ),
    "an error body without end": Attack(answer=lambda: unending(500), kind="server"),
    "a refusal without end": Attack(answer=lambda: unending(401), kind="auth"),
}
