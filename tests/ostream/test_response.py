"""The response: what it has of the stream, the message that goes back, and what there is of a cut answer."""

import base64
from typing import Any

import pytest

from ostream import BadStream, Messages, OpenAICallResponse, OpenAIStream, openai_call
from wire.driver import LIMITS, Run, both_modes, drive, sync_client
from wire.runner import PROMPT, Mode
from wire.script import (
    DONE,
    chunk,
    delta,
    event,
    finish,
    held,
    plain_stream,
    stream,
    text,
    tool,
    tools,
    usage,
)
from wire.server import Serve

SHARED = [
    "audio_id", "cached_tokens", "call_kwargs", "call_params", "content", "cost", "cost_details",
    "cost_metadata", "counts", "dynamic_config", "error", "finish_reasons", "fn_args", "id", "input_tokens",
    "message_param", "messages", "metadata", "model", "output_tokens", "prompt_template", "provider",
    "reasoning", "reasoning_tokens", "refusal", "start_time", "end_time", "state", "timeline", "tool_types",
    "usage", "user_message_param", "warnings",
]  # fmt: skip


def look(word: str) -> str:
    """Look a word up."""
    return word


FULL = (
    delta(role="assistant", reasoning_content="Hm. "),
    text("Hello"),
    tools(tool(0, '{"word": "a"}', call_id="k1", name="look")),
    finish("tool_calls"),
    usage(
        10, 8, prompt_tokens_details={"cached_tokens": 4}, completion_tokens_details={"reasoning_tokens": 3}
    ),
    DONE,
)


@both_modes
def test_the_response_has_what_the_stream_has(serve: Serve, mode: Mode) -> None:
    prompt = {"messages": [Messages.User(PROMPT)], "metadata": {"tags": ["a"]}}
    run = drive(serve(stream(*FULL)), mode, model="gpt-4o-mini", prompt=lambda: prompt, tools=[look])
    response = run.response
    for name in SHARED:
        assert getattr(response, name) == getattr(run.stream, name), name
    assert (run.stream.reasoning, run.stream.content) == ("Hm. ", "Hello")
    assert (run.stream.metadata, run.stream.id, run.stream.model) == ({"tags": ["a"]}, "c1", "m")
    assert response.latency == response.end_time - response.start_time > 0
    [kind] = run.stream.tool_types or []
    assert [type(found) for found in response.tools or ()] == [kind]
    assert response.tools is response.tools
    assert str(response) == "Hello"
    assert response.response.choices[0].message.content == "Hello"


def test_every_public_attribute_of_the_response_is_one_of_the_stream_too() -> None:
    own = {"audio", "audio_transcript", "latency", "response", "tool", "tools"}
    here, there = (
        {name for name in dir(kind) if name[0] != "_"} for kind in (OpenAICallResponse, OpenAIStream)
    )
    assert here - own <= there


CALL = tool(0, '{"word": "a"}', call_id="k1", name="look")
SENT_CALL = {"id": "k1", "type": "function", "function": {"name": "look", "arguments": '{"word": "a"}'}}
SOUND = base64.b64encode(b"sound").decode()
LEGACY = {"function_call": {"name": "look", "arguments": '{"word": "a"}'}}
GOING_BACK: dict[str, tuple[tuple[bytes, ...], dict[str, Any]]] = {
    "text": ((text("Hi"), finish()), {"content": "Hi"}),
    "nothing": ((finish(),), {"content": ""}),
    "null and empty fields": (
        (delta(content="Hi", refusal=None, tool_calls=[], function_call=None, audio=None), finish()),
        {"content": "Hi"},
    ),
    "reasoning stays behind": ((delta(reasoning_content="Hm"), text("Hi"), finish()), {"content": "Hi"}),
    "a refusal": ((delta(refusal="No."), finish()), {"content": "", "refusal": "No."}),
    "a call": ((tools(CALL), finish("tool_calls")), {"tool_calls": [SENT_CALL]}),
    "text and a call": ((text("Hi"), tools(CALL), finish()), {"content": "Hi", "tool_calls": [SENT_CALL]}),
    "an old call": ((delta(**LEGACY), finish("function_call")), LEGACY),
    "speech": (
        (delta(audio={"id": "a1", "data": SOUND, "transcript": "Hi"}), finish()),
        {"audio": {"id": "a1"}},
    ),
}


@both_modes
@pytest.mark.parametrize(("events", "want"), GOING_BACK.values(), ids=GOING_BACK.keys())
def test_the_answer_as_the_next_requests_message(
    serve: Serve, mode: Mode, events: tuple[bytes, ...], want: dict[str, Any]
) -> None:
    run = drive(serve(stream(*events, DONE)), mode)
    assert run.stream.message_param == run.response.message_param == {"role": "assistant", **want}


@both_modes
def test_of_several_choices_the_first_goes_back(serve: Serve, mode: Mode) -> None:
    answer = stream(text("B", 1), text("A"), finish(), finish("length", 1), DONE)
    run = drive(serve(answer), mode, call_params={"n": 2})
    assert run.stream.message_param == run.response.message_param == {"role": "assistant", "content": "A"}
    assert [choice.message.content for choice in run.response.response.choices] == ["A", "B"]
    assert run.response.finish_reasons == ["stop", "length"]


def test_speech_is_heard_and_read(serve: Serve) -> None:
    spoken = GOING_BACK["speech"][0]
    run = drive(serve(stream(*spoken, DONE)), "sync")
    assert (run.response.audio, run.response.audio_transcript, run.response.audio_id) == (
        b"sound",
        "Hi",
        "a1",
    )
    silent = drive(serve(plain_stream()), "sync").response
    assert (silent.audio, silent.audio_transcript, silent.audio_id) == (None, None, None)


@pytest.mark.parametrize(
    ("messages", "want"),
    [
        ([Messages.System("s"), Messages.User("u")], {"role": "user", "content": "u"}),
        ([Messages.User("u"), Messages.Assistant("a")], None),
        ([Messages.User("u"), Messages.Tool("4", "k1")], None),
    ],
)
def test_the_users_message_is_the_last_one_or_none(serve: Serve, messages: Any, want: Any) -> None:
    run = drive(serve(plain_stream()), "sync", prompt=lambda: messages)
    assert run.stream.user_message_param == run.response.user_message_param == want


@both_modes
def test_no_tools_defined_none_called(serve: Serve, mode: Mode) -> None:
    undefined = drive(serve(stream(tools(CALL), finish("tool_calls"), DONE)), mode)
    uncalled = drive(serve(plain_stream()), mode, tools=[look])
    for run in (undefined, uncalled):
        assert (run.response.tools, run.response.tool, run.tools) == (None, None, [])


# What there is of an answer that is not whole

BROKEN = event({"error": {"message": "overloaded", "code": "busy"}})
CUT: dict[str, tuple[tuple[bytes, ...], str]] = {
    "truncated": ((text("Hel"), text("lo")), "truncated"),
    "failed": ((text("Hello"), BROKEN), "failed"),
}


@both_modes
@pytest.mark.parametrize(("events", "state"), CUT.values(), ids=CUT.keys())
def test_a_cut_answer_is_given_on_request_only(
    serve: Serve, mode: Mode, events: tuple[bytes, ...], state: str
) -> None:
    run = _tolerant(serve, mode, *events)
    with pytest.raises(ValueError, match=rf"the stream is {state}.*partial=True"):
        run.stream.construct_call_response()
    partial = run.stream.construct_call_response(partial=True)
    assert (partial.content, partial.state, partial.finish_reasons) == ("Hello", state, [])
    assert partial.error is run.stream.error
    assert partial.response.choices[0].finish_reason is None
    assert (partial.cost, partial.usage, partial.input_tokens) == (None, None, None)
    if state == "failed":
        assert isinstance(partial.error, BadStream)
        assert (partial.error.kind, partial.error.code) == ("stream_error", "busy")


def _tolerant(serve: Serve, mode: Mode, *events: bytes) -> Run:
    kept: list[OpenAIStream] = []

    class Keeping(OpenAIStream):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            kept.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ostream.call.OpenAIStream", Keeping)
        try:
            return drive(serve(stream(*events)), mode)
        except BadStream:
            return Run(kept[0], [])


def test_before_and_while_it_runs_the_state_is_named(serve: Serve) -> None:
    site = serve(stream(text("Hel"), held(text("lo")), finish(), DONE))
    with sync_client(site) as client:
        running = openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)()
        with pytest.raises(ValueError, match="the stream is pending"):
            running.construct_call_response()
        empty = running.construct_call_response(partial=True)
        assert (empty.content, empty.state, empty.model, empty.response.choices) == ("", "pending", "m", [])
        pairs = iter(running)
        next(pairs)
        with pytest.raises(ValueError, match="the stream is streaming"):
            running.construct_call_response()
        assert running.construct_call_response(partial=True).content == "Hel"
        site.release()
        list(pairs)
        assert running.construct_call_response().content == "Hello"


def test_a_response_is_not_changed_by_what_comes_later(serve: Serve) -> None:
    site = serve(stream(text("Hel"), held(text("lo")), chunk(usage={"prompt_tokens": 1}), finish(), DONE))
    with sync_client(site) as client:
        running = openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)()
        pairs = iter(running)
        next(pairs)
        early = running.construct_call_response(partial=True)
        site.release()
        list(pairs)
    assert running.content == "Hello"
    assert early.response.choices[0].message.content == "Hel"
    assert early.state == "streaming"
    assert early.content == "Hel"
    assert early.finish_reasons == []
