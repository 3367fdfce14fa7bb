"""A server that cuts a stream after every byte of it: what was sent is kept, and the verdict is right."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx2
import pytest
from openai import AsyncOpenAI, OpenAI

from ostream import OpenAIStream, OStreamError, openai_call
from wire.cases import Answer, Frame
from wire.driver import LIMITS, async_client, both_modes, sync_client
from wire.runner import PROMPT, Mode, tls_context
from wire.server import Serve, Site

HEAD = b'data: {"choices":[{"index":0,"delta":'
EVENTS = (
    HEAD + '{"content":"Hé"}}]}\n\n'.encode(),
    HEAD + b'{"content":"llo"}}]}\n\n',
    HEAD + b'{},"finish_reason":"stop"}]}\n\n',
    b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n',
    b"data: [DONE]\n\n",
)
STREAM = b"".join(EVENTS)
AT_ONCE = 8
LANES = 16
"""Cuts are served in turn by so many servers, each with a connection of its own."""

ends = pytest.mark.parametrize("end", ["fin", "abort", "rst"])


def whole_events(cut: int, *, flushed: bool) -> int:
    """How many events stand in the first `cut` bytes; a last one without its blank line counts if flushed."""
    count = size = 0
    for event in EVENTS:
        size += len(event)
        if size - 2 * flushed > cut:
            break
        count += 1
    return count


def expected(cut: int, end: str) -> tuple[str, str | None, str]:
    """State, kind of error and text by the first point of the contract that speaks of cut streams."""
    count = whole_events(cut, flushed=True)
    text = "".join(("Hé", "llo")[:count])
    if count >= 3:
        return "complete", None, text
    if end != "fin":
        return "failed", "connection_lost", text
    if count:
        return "truncated", None, text
    return "failed", "not_a_stream" if 0 < cut < len("data") else "empty", text


def outcome(answer: OpenAIStream, parts: list[str]) -> tuple[str, str | None, str]:
    partial = answer.construct_call_response(partial=True)
    assert partial.content == answer.content == "".join(parts)
    return answer.state.value, answer.error and answer.error.kind, answer.content


def cut_at(cut: int, end: str) -> Answer:
    headers = (("content-type", "text/event-stream"), ("connection", "close"))
    return Answer(headers=headers, frames=(Frame(STREAM[:cut]),), end=end)


@both_modes
@ends
def test_a_cut_at_every_byte_keeps_what_was_sent(serve: Serve, mode: Mode, end: str) -> None:
    cuts = range(len(STREAM) + 1)
    lanes = [cuts[first::LANES] for first in range(LANES)]
    sites = [serve(*(cut_at(cut, end) for cut in lane)) for lane in lanes]
    found = _sync(sites, lanes) if mode == "sync" else asyncio.run(_async(sites, lanes))
    assert found == {cut: expected(cut, end) for cut in cuts}


Found = dict[int, tuple[str, str | None, str]]


def _sync(sites: Sequence[Site], lanes: Sequence[range]) -> Found:
    def play(site: Site, lane: range) -> Found:
        found: Found = {}
        with httpx2.Client(verify=tls_context()) as http, sync_client(site, http_client=http) as client:
            for cut in lane:
                answer = _asked(client)
                parts: list[str] = []
                with suppress(OStreamError):
                    for chunk, _ in answer:
                        parts.append(chunk.content)
                found[cut] = outcome(answer, parts)
        return found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {cut: got for found in pool.map(play, sites, lanes) for cut, got in found.items()}


def _asked(client: OpenAI) -> OpenAIStream:
    return openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)()


async def _async(sites: Sequence[Site], lanes: Sequence[range]) -> Found:
    async def play(site: Site, lane: range) -> Found:
        found: Found = {}
        async with httpx2.AsyncClient(verify=tls_context()) as http:
            client = async_client(site, http_client=http)
            for cut in lane:
                answer = await _aasked(client)
                parts: list[str] = []
                with suppress(OStreamError):
                    async for chunk, _ in answer:
                        parts.append(chunk.content)
                found[cut] = outcome(answer, parts)
        return found

    played = await asyncio.gather(*map(play, sites, lanes))
    return {cut: got for found in played for cut, got in found.items()}


async def _aasked(client: AsyncOpenAI) -> OpenAIStream:
    @openai_call("m", stream=True, client=client, limits=LIMITS)
    async def ask() -> str:
        return PROMPT

    return await ask()
