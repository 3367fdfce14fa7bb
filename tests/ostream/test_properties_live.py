"""What holds for every stream that comes over a socket: in both modes, the first time and again."""

import asyncio
import itertools
from typing import Any

import pytest

from ostream import OpenAIStream, OStreamError, openai_call
from ostream.reader_sync import ThreadReader
from streams.offline import corpus, get_time, get_weather, split
from wire.cases import Answer, Frame
from wire.driver import LIMITS, async_client, sync_client
from wire.runner import PROMPT
from wire.script import DONE, finish, stream, text, tool, tools, until_close
from wire.server import Serve, Site

PRETTY = b'{\n "choices": [\n  {"index": 0,\n   "message": {"content": "Hello"}, "finish_reason": "stop"}]\n}'
STREAMS = {
    **{
        name: corpus()[name]
        for name in (
            "sse-crlf", "sse-bom", "sse-last-text-no-blank", "uni-zwj-split-deltas",
            "uni-surrogate-pair-split",
            "body-json-completion", "body-empty-200", "err-mid-openrouter", "chunk-n2", "chunk-audio",
            "chunk-logprobs", "fin-twice", "use-cached", "rsn-think-split", "rsn-mistral-parts",
            "tool-parallel", "tool-interleaved", "tool-no-index-whole", "tool-args-bad-json",
            "tool-id-missing", "tool-with-text", "chunk-function-call", "own-done-no-finish",
        )
    },
    "pretty-json": PRETTY,
    "unfinished-tools": corpus()["tool-interleaved"].partition(b'"finish_reason":"tool_calls"')[0],
}  # fmt: skip

recorded = pytest.mark.parametrize("name", STREAMS)
WAYS: dict[str, Any] = {
    "plain": {"stream": True},
    "tools": {"stream": True, "tools": [get_weather, get_time]},
    "partial": {"stream": {"partial_tools": True}, "tools": [get_weather, get_time]},
}
ways = pytest.mark.parametrize("way", WAYS)


def seen(pair: Any) -> tuple[Any, ...]:
    """What a consumer can see in one pair."""
    chunk, tool = pair
    texts = (chunk.content, chunk.reasoning, chunk.refusal, chunk.audio, chunk.audio_transcript)
    if tool is None:
        return (*texts, chunk.is_extra, chunk.chunk.model_dump(warnings=False))
    return (
        *texts,
        chunk.is_extra,
        type(tool).__name__,
        tool.args,
        tool.tool_call,
        tool.delta,
        str(tool.error),
    )


def consumed(stream: OpenAIStream) -> list[Any]:
    """One iteration, with the error that ended it."""
    pairs: list[Any] = []
    try:
        for pair in stream:
            pairs.append(seen(pair))  # noqa: PERF401 - what came before an error counts
    except OStreamError as error:
        pairs.append((error.kind, error.message))
    return pairs


async def aconsumed(stream: OpenAIStream) -> list[Any]:
    pairs: list[Any] = []
    try:
        async for pair in stream:
            pairs.append(seen(pair))  # noqa: PERF401 - what came before an error counts
    except OStreamError as error:
        pairs.append((error.kind, error.message))
    return pairs


def summary(stream: OpenAIStream) -> dict[str, Any]:
    """Everything that a stream adds up to but its times."""
    response = stream.construct_call_response(partial=True)
    assert response.cost == stream.cost
    assert response.message_param == stream.message_param
    assert response.content == stream.content
    assert response.usage == stream.usage
    return {
        "state": stream.state,
        "error": stream.error and (stream.error.kind, stream.error.message, stream.error.code),
        "response": response.response.model_dump(warnings=False),
        "counts": stream.counts,
        "warnings": stream.warnings,
        "cost": stream.cost_details,
        "texts": (stream.content, stream.reasoning, stream.refusal, stream.id, stream.model),
        "finish": stream.finish_reasons,
        "message": stream.message_param,
        "audio": (stream.audio_id, response.audio, response.audio_transcript),
        "tools": [(tool.tool_call, tool.args, str(tool.error)) for tool in response.tools or ()],
    }


def served(name: str, every: int = 97) -> Answer:
    """The stream in pieces that know nothing of its events."""
    data = STREAMS[name]
    return Answer(frames=tuple(Frame(piece) for piece in split(data, range(every, len(data), every))))


def sync_run(site: Site, way: str) -> tuple[list[Any], dict[str, Any]]:
    with sync_client(site) as client:
        stream = openai_call("gpt-4o-mini", client=client, limits=LIMITS, **WAYS[way])(lambda: PROMPT)()
        first = consumed(stream)
        before = summary(stream)
        assert consumed(stream) == first
        assert summary(stream) == before
    return first, before


def async_run(site: Site, way: str) -> tuple[list[Any], dict[str, Any]]:
    async def main() -> tuple[list[Any], dict[str, Any]]:
        async with async_client(site) as client:

            @openai_call("gpt-4o-mini", client=client, limits=LIMITS, **WAYS[way])
            async def ask() -> str:
                return PROMPT

            stream = await ask()
            first = await aconsumed(stream)
            before = summary(stream)
            assert await aconsumed(stream) == first
            assert summary(stream) == before
            return first, before

    return asyncio.run(main())


@recorded
@ways
def test_both_modes_and_every_replay_give_the_same(serve: Serve, name: str, way: str) -> None:
    results = [sync_run(serve(served(name)), way), async_run(serve(served(name, 31)), way)]
    assert results[0] == results[1]


@recorded
@ways
def test_reading_on_after_a_break_anywhere_gives_the_whole(serve: Serve, name: str, way: str) -> None:
    with sync_client(serve(served(name))) as client:
        whole = consumed(openai_call("m", client=client, limits=LIMITS, **WAYS[way])(lambda: PROMPT)())
    chunks = [pair for pair in whole if len(pair) > 2]
    for places in itertools.combinations(range(1, len(chunks) + 1, 2), 2):
        site = serve(until_close(STREAMS[name]))
        with sync_client(site) as client:
            stream = openai_call("m", client=client, limits=LIMITS, **WAYS[way])(lambda: PROMPT)().start()
            assert isinstance(stream._reader, ThreadReader)
            assert stream._reader._over.wait(10)  # all has come in
            for place in places:
                assert [seen(pair) for pair in itertools.islice(stream, place)] == chunks[:place]
            assert consumed(stream)[: len(chunks)] == chunks


def test_a_partial_tool_has_the_id_of_the_finished_one(serve: Serve) -> None:
    calls = [tool(index, '{"tz":"', name="get_time") for index in (0, 1)]
    rest = [tool(index, 'CET"}') for index in (0, 1)]
    site = serve(stream(tools(*calls), tools(*rest), finish("tool_calls"), DONE))
    with sync_client(site) as client:
        answer = openai_call("m", client=client, limits=LIMITS, **WAYS["partial"])(lambda: PROMPT)()
        ids = [tool.tool_call.id for _, tool in answer if tool is not None and tool.tool_call is not None]
    assert ids == ["call_0", "call_1", "call_0", "call_1", "call_0", "call_1"]
    assert [call["id"] for call in answer.message_param.get("tool_calls", ())] == ["call_0", "call_1"]


@pytest.mark.parametrize(("params", "shown"), [({"n": 2}, "A"), ({}, "B")], ids=["two", "one"])
def test_choices_never_run_together_when_a_later_one_begins(
    serve: Serve, params: dict[str, int], shown: str
) -> None:
    site = serve(stream(text("B", 1), text("A"), finish(), finish("length", 1), DONE))
    with sync_client(site) as client:
        answer = openai_call("m", client=client, limits=LIMITS, stream=True, call_params=params)(
            lambda: PROMPT
        )()
        assert "".join(chunk.content for chunk, _ in answer) == answer.content == shown
        choices = answer.construct_call_response().response.choices
    assert [(c.message.content, c.finish_reason) for c in choices] == [("A", "stop"), ("B", "length")]
