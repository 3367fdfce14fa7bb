"""What the server says to a request: tokens, counts, and their JSON shapes; no input or output."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from ostream_compare.demo import tokens
from ostream_compare.demo.answers import answer
from ostream_compare.demo.models import DemoModel
from ostream_compare.demo.request import ChatRequest
from ostream_compare.demo.schedule import Schedule, schedule

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer, cut to what will be sent, with its timing."""

    id: str
    model: str
    created: int
    """Unix time in seconds."""
    reasoning: tuple[str, ...]
    """Tokens that are sent first, as `reasoning_content`."""
    content: tuple[str, ...]
    """Tokens of the answer."""
    cut: bool
    """Whether the request's limit ended it early."""
    breaks_after: int | None
    """The connection is broken after so many tokens."""
    prompt_tokens: int
    include_usage: bool
    timing: Schedule

    @property
    def tokens(self) -> int:
        """Reasoning and answer."""
        return len(self.reasoning) + len(self.content)

    @property
    def sent_tokens(self) -> int:
        """Those that leave before the end or the break."""
        return self.tokens if self.breaks_after is None else self.breaks_after

    @property
    def finish_reason(self) -> str:
        """As OpenAI names it."""
        return "length" if self.cut else "stop"

    @property
    def usage(self) -> Mapping[str, Any]:
        """The counts, in OpenAI's shape; reasoning is part of the completion."""
        usage: dict[str, Any] = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.tokens,
            "total_tokens": self.prompt_tokens + self.tokens,
        }
        if self.reasoning:
            usage["completion_tokens_details"] = {"reasoning_tokens": len(self.reasoning)}
        return usage

    def opening(self) -> bytes:
        """The event with the role."""
        return self._event({"role": "assistant", "content": ""})

    def events(self) -> Iterator[bytes]:
        """One event a token, in order, as many as are sent; each is made when it is asked for."""
        deltas = chain(
            ({"reasoning_content": token} for token in self.reasoning),
            ({"content": token} for token in self.content),
        )
        return (self._event(delta) for delta in islice(deltas, self.sent_tokens))

    def closing(self) -> bytes:
        """The events after the last token."""
        usage = _sse({**self._head(), "choices": [], "usage": self.usage}) if self.include_usage else b""
        return self._event({}, self.finish_reason) + usage + DONE

    def completion(self) -> bytes:
        """The whole answer as one `chat.completion`."""
        message = {"role": "assistant", "content": "".join(self.content), "refusal": None}
        if self.reasoning:
            message["reasoning_content"] = "".join(self.reasoning)
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.finish_reason}
        head = self._head() | {"object": "chat.completion"}
        return json.dumps({**head, "choices": [choice], "usage": self.usage}).encode()

    def _head(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
        }

    def _event(self, delta: Mapping[str, str], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        usage = {"usage": None} if self.include_usage else {}
        return _sse({**self._head(), "choices": [choice], **usage})


def compose(model: DemoModel, request: ChatRequest, created: int) -> Reply:
    """The reply of `model` to `request`; its text and timing depend on nothing but these two."""
    said = answer(model.voice, request.prompt, request.earlier)
    reasoning, content = tokens.split(said.reasoning), tokens.split(said.content)
    whole = len(reasoning) + len(content)
    allowed = min(whole, request.max_tokens or whole)
    return Reply(
        id=_id(model.id, request),
        model=model.id,
        created=created,
        reasoning=tuple(reasoning[:allowed]),
        content=tuple(content[: max(0, allowed - len(reasoning))]),
        cut=allowed < whole,
        breaks_after=None if model.breaks_after is None else min(model.breaks_after, allowed // 2),
        prompt_tokens=sum(map(tokens.count, request.texts)),
        include_usage=request.include_usage,
        timing=schedule(model, request.prompt, request.seed, whole),
    )


def error_body(message: str, *, param: str | None = None, code: str | None = None) -> Mapping[str, Any]:
    """An error in OpenAI's shape."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def _id(model: str, request: ChatRequest) -> str:
    source = "\0".join([model, str(request.seed), *request.texts]).encode(errors="surrogatepass")
    return f"chatcmpl-demo-{hashlib.sha256(source).hexdigest()[:24]}"


def _sse(value: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"
