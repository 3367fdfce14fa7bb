"""Reads a stream's bytes without a network, and notes everything that they add up to."""

import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from openai import OpenAI
from typing_extensions import override

from ostream import Limits, OpenAICallResponse, OpenAICallResponseChunk, OpenAITool, OStreamError
from ostream.answer import Answer, PreparedCall
from ostream.interpreter import Interpreter
from ostream.session import Session
from ostream.timeline import Timeline
from ostream.tool import tool_type
from wire.cases import load_cases

LIMITS = Limits(connect=2, first_token=10, idle=5, grace=1, total=60)

RECORDED = (
    "sse-baseline",
    "sse-crlf",
    "sse-cr-only",
    "sse-bom",
    "sse-mixed-eol",
    "sse-multiline-data",
    "sse-comment-openrouter",
    "sse-last-event-no-blank",
    "uni-zwj-split-deltas",
    "uni-surrogate-pair-split",
    "uni-invalid-byte",
    "big-huge-int",
    "net-http10-close",
    "body-json-completion",
    "http-503-then-ok",
    "err-mid-openrouter",
    "chunk-n2",
    "chunk-logprobs",
    "chunk-audio",
    "fin-twice",
    "use-cached",
    "use-zero-then-real",
    "rsn-think-split",
    "rsn-mistral-parts",
    "tool-interleaved",
    "tool-args-resent",
)
"""Streams of every group of the corpus."""


def get_weather(city: str, days: int = 1) -> str:
    """Weather of a city."""
    return f"{days} of sun in {city}"


def get_time(tz: str) -> str:
    """Time of day in a zone."""
    return f"noon {tz}"


@functools.cache
def corpus() -> dict[str, bytes]:
    """The bytes of each stream of the corpus, by its id."""
    return {case.id: b"".join(frame.data for frame in case.answers[-1].frames) for case in load_cases()}


@functools.cache
def prepared(model: str = "gpt-4o-mini") -> PreparedCall:
    """A call that is never made."""
    return PreparedCall(
        model=model,
        messages=[{"role": "user", "content": "Say hello"}],
        call_params={},
        call_kwargs={},
        client=OpenAI(api_key="sk-test-0123456789"),
        limits=LIMITS,
        tool_types=[tool_type(get_weather), tool_type(get_time)],
    )


class Read(Answer):
    """The answer that a session holds."""

    def __init__(self, session: Session) -> None:
        super().__init__(prepared())
        self.session = session

    @property
    @override
    def _reading(self) -> Interpreter:
        return self.session.reading

    @property
    @override
    def _timeline(self) -> Timeline:
        return self.session.timeline

    @property
    def tools(self) -> list[OpenAITool]:
        """The tools of the first choice."""
        calls = [] if self._reading.primary is None else self._reading.primary.tools.calls
        return [self._read_tool(call, self._reading) for call in calls]

    @property
    def response(self) -> OpenAICallResponse:
        """What `construct_call_response(partial=True)` gives."""
        return OpenAICallResponse(
            prepared(),
            self.session.reading,
            self.session.timeline,
            state=self.session.state,
            error=self.session.error,
            start_time=0,
            end_time=1,
        )


@dataclass(slots=True)
class Played:
    """A session after the last of its bytes."""

    session: Session
    chunks: list[OpenAICallResponseChunk] = field(default_factory=list[OpenAICallResponseChunk])
    finished: list[str] = field(default_factory=list[str])
    """The names of the tool calls in the order in which they were given out."""

    def step(self) -> None:
        """Take every chunk that is there."""
        while (arrived := self.session.step()) is not None:
            self.chunks.append(arrived.chunk)
            self.finished += [call.name or "" for call in arrived.finished]

    @property
    def answer(self) -> Read:
        """The answer that it holds."""
        return Read(self.session)

    def result(self) -> dict[str, Any]:
        """Everything but the times."""
        session, answer = self.session, self.answer
        error = session.error
        return {
            "state": session.state,
            "error": None if error is None else (error.kind, error.message, error.code, error.hint),
            "completion": session.reading.completion("m"),
            "content": answer.content,
            "counts": answer.counts,
            "warnings": answer.warnings,
            "chunks": [(c.content, c.reasoning, c.refusal, c.audio, c.audio_transcript) for c in self.chunks],
            "finished": self.finished,
            "message": answer.message_param,
            "tools": [(tool.tool_call, tool.args, str(tool.error)) for tool in answer.tools],
        }


def play(pieces: Iterable[bytes], *, error: OStreamError | None = None) -> Played:
    """Feed `pieces`, each as one socket read, taking every chunk as soon as it can be taken."""
    played = Played(Session(LIMITS, 0))
    at = 0
    for at, piece in enumerate(pieces, 1):
        played.session.feed(piece, at)
        played.step()
    played.session.end(at + 1, error)
    played.step()
    return played


def split(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """`data` in pieces, cut at these places."""
    places = [0, *sorted(cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(places)]
