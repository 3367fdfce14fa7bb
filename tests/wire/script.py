"""Short ways to write what a server sends."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from wire.cases import Answer, Frame

DONE = b"data: [DONE]\n\n"


def event(payload: Any) -> bytes:
    """One server-sent event with a JSON payload."""
    return b"data: " + json.dumps(payload, separators=(",", ":")).encode() + b"\n\n"


def chunk(*choices: Mapping[str, Any], **fields: Any) -> bytes:
    """One chunk with these choices and top-level fields."""
    base = {"id": "c1", "object": "chat.completion.chunk", "created": 1700000000, "model": "m"}
    return event({**base, "choices": list(choices), **fields})


def delta(
    index: int = 0, *, finish: str | None = None, choice: Mapping[str, Any] | None = None, **fields: Any
) -> bytes:
    """One chunk with one choice whose delta has these fields."""
    return chunk({"index": index, "delta": fields, "finish_reason": finish, **(choice or {})})


def text(content: str, index: int = 0) -> bytes:
    """One chunk of answer text."""
    return delta(index, content=content)


def finish(reason: str = "stop", index: int = 0) -> bytes:
    """The chunk that says why the answer ends."""
    return delta(index, finish=reason)


def tool(
    index: int, arguments: str | None, *, call_id: str | None = None, name: str | None = None
) -> dict[str, Any]:
    """One entry of a delta's `tool_calls`."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    head = {"id": call_id, "type": "function"} if call_id is not None else {}
    return {"index": index, **head, "function": function}


def tools(*calls: Mapping[str, Any]) -> bytes:
    """One chunk with fragments of tool calls."""
    return delta(tool_calls=list(calls))


def usage(prompt: int, completion: int, **details: Any) -> bytes:
    """The usage chunk at the end."""
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return chunk(usage={**counts, **details})


def stream(
    *events: bytes | Frame, end: str = "fin", hold_ms: int = 20_000, keep_alive: bool = False
) -> Answer:
    """A 200 answer that streams these events."""
    frames = tuple(e if isinstance(e, Frame) else Frame(e) for e in events)
    return Answer(frames=frames, end=end, hold_ms=hold_ms, keep_alive=keep_alive)


def until_close(*events: bytes) -> Answer:
    """A stream whose end is the connection's: a client that has read all of it closes its socket."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    return Answer(framing="raw", frames=tuple(Frame(data) for data in (head, *events)))


def held(data: bytes) -> Frame:
    """An event that the server sends when the test says so."""
    return Frame(data, held=True)


def whole(payload: Any, status: int = 200) -> Answer:
    """A JSON answer that is not a stream."""
    body = json.dumps(payload).encode()
    return Answer(status, (("content-type", "application/json"),), "length", (Frame(body),), keep_alive=True)


def plain_stream(pieces: Iterable[str] = ("Hel", "lo")) -> Answer:
    """A well-formed stream: these pieces of text, a finish reason, usage 3 + 2, the end marker."""
    return stream(*(text(piece) for piece in pieces), finish(), usage(3, 2), DONE, keep_alive=True)


def as_model(answer: Answer, model: str) -> Answer:
    """The same answer under another model's name."""
    frames = (Frame(f.data.replace(b'"model":"m"', f'"model":"{model}"'.encode())) for f in answer.frames)
    return replace(answer, frames=tuple(frames))
