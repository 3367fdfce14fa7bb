"""The same answer streamed and not streamed gives the same completion, field by field."""

import asyncio
import json
from typing import Any

import pytest

from ostream import OpenAICallResponse, openai_call
from streams.offline import get_time, get_weather
from wire.driver import LIMITS, async_client, both_modes, drive, sync_client
from wire.runner import PROMPT, Mode
from wire.script import DONE, event, stream, whole
from wire.server import Serve, Site

HEAD = {"id": "c1", "created": 1700000007, "model": "gpt-4o-mini-2024-07-18"}
USAGE = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 3, "accepted_prediction_tokens": 0},
}


def token(text: str) -> dict[str, Any]:
    return {"token": text, "logprob": -0.25, "bytes": list(text.encode()), "top_logprobs": []}


def call(index: int, name: str, arguments: str) -> dict[str, Any]:
    return {"id": f"call_{index}x", "type": "function", "function": {"name": name, "arguments": arguments}}


NOTE = {"type": "url_citation", "url_citation": {"url": "https://example.org", "title": "t"}}

Case = tuple[list[dict[str, Any]], dict[str, Any], list[list[dict[str, Any]]]]
"""Choices of the whole answer, further top-level fields, and for each choice the deltas it streams as."""

CASES: dict[str, Case] = {
    "text": (
        [{"message": {"content": "Hello"}, "finish_reason": "stop"}],
        {"usage": USAGE, "system_fingerprint": "fp_1", "service_tier": "default"},
        [[{"content": "Hel"}, {"content": "lo"}]],
    ),
    "two-choices": (
        [
            {"message": {"content": "Ab"}, "finish_reason": "stop"},
            {"message": {"content": "Cd"}, "finish_reason": "length"},
        ],
        {"usage": USAGE},
        [[{"content": "A"}, {"content": "b"}], [{"content": "C"}, {"content": "d"}]],
    ),
    "refusal": (
        [{"message": {"content": None, "refusal": "No, never."}, "finish_reason": "stop"}],
        {"usage": USAGE},
        [[{"refusal": "No, "}, {"refusal": "never."}]],
    ),
    "reasoning-content": (
        [{"message": {"content": "4", "reasoning_content": "2 and 2"}, "finish_reason": "stop"}],
        {"usage": USAGE},
        [[{"reasoning_content": "2 "}, {"reasoning_content": "and 2"}, {"content": "4"}]],
    ),
    "reasoning": (
        [{"message": {"content": "4", "reasoning": "2 and 2"}, "finish_reason": "stop"}],
        {},
        [[{"reasoning": "2 and "}, {"reasoning": "2"}, {"content": "4"}]],
    ),
    "logprobs": (
        [
            {
                "message": {"content": "Hi!"},
                "finish_reason": "stop",
                "logprobs": {"content": [token("Hi"), token("!")], "refusal": None},
            }
        ],
        {},
        [
            [
                {"content": "Hi", "@logprobs": {"content": [token("Hi")], "refusal": None}},
                {"content": "!", "@logprobs": {"content": [token("!")], "refusal": None}},
            ]
        ],
    ),
    "annotations": (
        [{"message": {"content": "See.", "annotations": [NOTE, NOTE]}, "finish_reason": "stop"}],
        {},
        [[{"content": "See."}, {"annotations": [NOTE]}, {"annotations": [NOTE]}]],
    ),
    "audio": (
        [
            {
                "message": {
                    "content": None,
                    "audio": {
                        "id": "au_1",
                        "data": "AAECAwQFBgc=",
                        "transcript": "Hi you",
                        "expires_at": 1700009999,
                    },
                },
                "finish_reason": "stop",
            }
        ],
        {"usage": USAGE},
        [
            [
                {"audio": {"id": "au_1", "transcript": "Hi"}},
                {"audio": {"data": "AAECAw"}},
                {"audio": {"data": "QFBgc=", "transcript": " you"}},
                {"audio": {"expires_at": 1700009999}},
            ]
        ],
    ),
    "tools": (
        [
            {
                "message": {
                    "content": None,
                    "tool_calls": [
                        call(0, "get_weather", '{"city":"Oslo"}'),
                        call(1, "get_time", '{"tz":"CET"}'),
                    ],
                },
                "finish_reason": "tool_calls",
            }
        ],
        {"usage": USAGE},
        [
            [
                {"tool_calls": [{"index": 0, **call(0, "get_weather", "")}]},
                {"tool_calls": [{"index": 0, "function": {"arguments": '{"city":'}}]},
                {"tool_calls": [{"index": 0, "function": {"arguments": '"Oslo"}'}}]},
                {"tool_calls": [{"index": 1, **call(1, "get_time", "")}]},
                {"tool_calls": [{"index": 1, "function": {"arguments": '{"tz":"CET"}'}}]},
            ]
        ],
    ),
    "function-call": (
        [
            {
                "message": {"content": None, "function_call": {"name": "get_time", "arguments": '{"tz":1}'}},
                "finish_reason": "function_call",
            }
        ],
        {},
        [
            [
                {"function_call": {"name": "get_time", "arguments": '{"tz"'}},
                {"function_call": {"arguments": ":1}"}},
            ]
        ],
    ),
    "unknown-fields": (
        [
            {
                "message": {"content": "x", "citations_of_mine": {"a": [1, {"b": None}]}},
                "finish_reason": "eos",
                "stop_reason": 7,
                "content_filter_results": {"hate": {"filtered": False}},
            }
        ],
        {"provider": "P", "x_field": {"deep": [1.5, "ü"]}},
        [
            [
                {
                    "content": "x",
                    "citations_of_mine": {"a": [1, {"b": None}]},
                    "@stop_reason": 7,
                    "@content_filter_results": {"hate": {"filtered": False}},
                }
            ]
        ],
    ),
    "empty": ([{"message": {"content": ""}, "finish_reason": "stop"}], {"usage": USAGE}, [[{"content": ""}]]),
}


def as_whole(case: Case) -> dict[str, Any]:
    choices, extra, _ = case
    made = [
        {
            "index": index,
            "logprobs": None,
            **choice,
            "message": {"role": "assistant", "refusal": None, **choice["message"]},
        }
        for index, choice in enumerate(choices)
    ]
    return {**HEAD, "object": "chat.completion", "choices": made, **extra}


def as_events(case: Case) -> list[bytes]:
    """A chunk for each delta, the choices in turn, then the finish reasons, then the usage."""
    choices, extra, lanes = case
    usage = {"usage": extra["usage"]} if "usage" in extra else {}
    head = {**HEAD, "object": "chat.completion.chunk", **{k: v for k, v in extra.items() if k != "usage"}}
    made: list[dict[str, Any]] = [
        {"index": index, "delta": {"role": "assistant"}, "finish_reason": None} for index in range(len(lanes))
    ]
    for turn in range(max(map(len, lanes))):
        for index, lane in enumerate(lanes):
            if turn < len(lane):
                delta = {key: value for key, value in lane[turn].items() if not key.startswith("@")}
                beside = {key[1:]: value for key, value in lane[turn].items() if key.startswith("@")}
                made.append({"index": index, "delta": delta, "finish_reason": None, **beside})
    made += [
        {"index": index, "delta": {}, "finish_reason": choice["finish_reason"]}
        for index, choice in enumerate(choices)
    ]
    events = [event({**head, "choices": [choice]}) for choice in made]
    return [*events, event({**head, "choices": [], **usage}), DONE]


def not_streamed(site: Site, mode: Mode, **options: Any) -> OpenAICallResponse:
    options = {"limits": LIMITS, "stream": False, **options}
    if mode == "sync":
        with sync_client(site) as client:
            return openai_call("m", client=client, **options)(lambda: PROMPT)()

    async def ask() -> OpenAICallResponse:
        async with async_client(site) as client:

            @openai_call("m", client=client, **options)
            async def prompt() -> str:
                return PROMPT

            return await prompt()

    return asyncio.run(ask())


@both_modes
@pytest.mark.parametrize("name", CASES)
def test_constructed_equals_not_streamed(serve: Serve, name: str, mode: Mode) -> None:
    case = CASES[name]
    options: dict[str, Any] = {"tools": [get_weather, get_time], "call_params": {"n": len(case[0])}}
    plain = serve(whole(as_whole(case)))
    expected = not_streamed(plain, mode, **options)
    streamed = drive(serve(stream(*as_events(case))), mode, **options).response
    assert "stream" not in plain.requests[0].json
    assert streamed.response.model_dump(warnings=False) == expected.response.model_dump(warnings=False)
    assert json.loads(expected.response.model_dump_json(exclude_unset=True, warnings=False)) == as_whole(case)
    assert _views(streamed) == _views(expected)


def _views(response: OpenAICallResponse) -> dict[str, Any]:
    return {
        "texts": (response.content, response.reasoning, response.refusal, response.id, response.model),
        "finish": response.finish_reasons,
        "usage": response.usage,
        "counts": response.counts,
        "cost": response.cost_details,
        "message": response.message_param,
        "audio": (response.audio_id, response.audio, response.audio_transcript),
        "tools": [(type(t).__name__, t.args, t.tool_call, str(t.error)) for t in response.tools or ()],
    }
