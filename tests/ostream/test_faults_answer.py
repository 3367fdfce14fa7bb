"""The ancestor's faults by their numbers: what the answer adds up to (18 to 26, 35)."""

import base64
import time
from decimal import Decimal

from wire.driver import both_modes, drive
from wire.runner import Mode
from wire.script import DONE, chunk, delta, finish, plain_stream, stream, text, usage
from wire.server import Serve


@both_modes
def test_fault_18_two_choices_stay_apart(serve: Serve, mode: Mode) -> None:
    parts = [text("A1"), text("B1", 1), text("A2"), text("B2", 1), finish("stop"), finish("length", 1)]
    run = drive(serve(stream(*parts, usage(3, 4), DONE)), mode, call_params={"n": 2})
    choices = [(c.index, c.message.content, c.finish_reason) for c in run.response.response.choices]
    assert choices == [(0, "A1A2", "stop"), (1, "B1B2", "length")]
    assert run.stream.content == "".join(c.content for c in run.chunks) == "A1A2"
    assert run.response.finish_reasons == ["stop", "length"]


def _counted(prompt: int, completion: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


@both_modes
def test_fault_19_cumulative_usage_is_never_added_up(serve: Serve, mode: Mode) -> None:
    growing = [
        chunk({"index": 0, "delta": {"content": "a"}, "finish_reason": None}, usage=_counted(10, done))
        for done in (1, 2, 3)
    ]
    run = drive(serve(stream(*growing, finish(), DONE)), mode)
    assert (run.stream.input_tokens, run.stream.output_tokens) == (10, 3)
    assert (run.response.input_tokens, run.response.output_tokens) == (10, 3)


@both_modes
def test_fault_20_cached_tokens_are_billed_once(serve: Serve, mode: Mode) -> None:
    cached = usage(100, 50, prompt_tokens_details={"cached_tokens": 80})
    run = drive(serve(stream(text("Hello"), finish(), cached, DONE)), mode, model="gpt-4o-mini")
    assert (run.stream.input_tokens, run.stream.cached_tokens, run.stream.output_tokens) == (100, 80, 50)
    assert run.stream.cost_metadata.cached_tokens == run.response.cost_metadata.cached_tokens == 80
    # 20 at 0.15, 80 cached at 0.075 and 50 at 0.60 USD a million.
    assert run.stream.cost == run.response.cost == Decimal("0.000039")


@both_modes
def test_fault_21_nothing_that_the_server_says_is_dropped(serve: Serve, mode: Mode) -> None:
    token = {"token": "Hi", "logprob": -0.5, "bytes": [72, 105], "top_logprobs": []}
    details = {
        "completion_tokens_details": {"reasoning_tokens": 2},
        "prompt_tokens_details": {"audio_tokens": 1},
    }
    top = {"system_fingerprint": "fp_1", "service_tier": "flex", "created": 1700000007, "provider": "x"}
    logprobs = {"content": [token], "refusal": None}
    first = {"index": 0, "delta": {"content": "Hi"}, "finish_reason": None, "logprobs": logprobs}
    run = drive(
        serve(
            stream(
                chunk(first, **top),
                delta(reasoning_content="hm"),
                delta(refusal="No."),
                finish(),
                usage(3, 4, **details),
                DONE,
            )
        ),
        mode,
    )
    completion = run.response.response.model_dump()
    assert {name: completion[name] for name in top} == top
    [choice] = completion["choices"]
    assert choice["logprobs"] == logprobs
    assert (choice["message"]["refusal"], choice["message"]["reasoning_content"]) == ("No.", "hm")
    assert completion["usage"]["completion_tokens_details"]["reasoning_tokens"] == 2
    assert completion["usage"]["prompt_tokens_details"]["audio_tokens"] == 1
    assert (run.stream.reasoning, run.stream.refusal, run.stream.reasoning_tokens) == ("hm", "No.", 2)


@both_modes
def test_fault_22_audio_is_buffered_and_whole(serve: Serve, mode: Mode) -> None:
    sound = bytes(range(250))
    encoded = base64.b64encode(sound).decode()
    pieces = [encoded[i : i + 7] for i in range(0, len(encoded), 7)]  # not on base64's own borders of 4
    run = drive(
        serve(
            stream(
                delta(role="assistant", audio={"id": "a1", "transcript": "Hel"}),
                *(delta(audio={"data": piece}) for piece in pieces),
                delta(audio={"transcript": "lo"}),
                delta(audio={"expires_at": 1700000001}),
                finish(),
                DONE,
            )
        ),
        mode,
    )
    assert run.response.audio == b"".join(c.audio for c in run.chunks if c.audio) == sound
    assert run.response.audio_transcript == "Hello"
    assert run.stream.audio_id == "a1"
    assert run.stream.message_param.get("audio") == {"id": "a1"}
    audio = run.response.response.choices[0].message.audio
    assert audio is not None
    assert (audio.id, audio.data, audio.transcript, audio.expires_at) == ("a1", encoded, "Hello", 1700000001)


@both_modes
def test_fault_23_no_tools_means_no_tool_calls_in_the_message(serve: Serve, mode: Mode) -> None:
    run = drive(serve(plain_stream()), mode)
    assert run.stream.message_param == run.response.message_param == {"role": "assistant", "content": "Hello"}


@both_modes
def test_fault_24_an_unknown_finish_reason_is_kept(serve: Serve, mode: Mode) -> None:
    run = drive(serve(stream(text("Hello"), finish("eos"), DONE)), mode)
    assert run.stream.finish_reasons == run.response.finish_reasons == ["eos"]
    assert run.response.response.choices[0].finish_reason == "eos"


@both_modes
def test_fault_25_blank_ids_and_models_never_win(serve: Serve, mode: Mode) -> None:
    run = drive(serve(stream(text("Hello"), finish(), chunk(id="", model="", created=0), DONE)), mode)
    assert (run.stream.id, run.stream.model) == (run.response.id, run.response.model) == ("c1", "m")
    assert run.response.response.created == 1700000000


@both_modes
def test_fault_26_counts_of_zero_are_unknown_when_text_came(serve: Serve, mode: Mode) -> None:
    run = drive(serve(stream(text("Hello"), finish(), usage(0, 0), DONE)), mode, model="gpt-4o-mini")
    raw = run.stream.usage
    assert raw is not None
    assert (raw.prompt_tokens, raw.completion_tokens) == (0, 0)
    assert (run.stream.input_tokens, run.stream.output_tokens, run.stream.cost) == (None, None, None)
    assert (run.response.input_tokens, run.response.output_tokens, run.response.cost) == (None, None, None)
    assert "usage_zero" in run.stream.warnings


def test_fault_35_the_cost_of_a_chunk_does_not_grow_with_the_answer(serve: Serve) -> None:
    # A ratio within one process; 8 when linear, up to 64 when all text is copied at each chunk.
    _cpu_of(serve, 100)
    assert _cpu_of(serve, 32_000) / _cpu_of(serve, 4_000) < 20


def _cpu_of(serve: Serve, chunks: int) -> float:
    site = serve(stream(*[text("x" * 64) * 100] * (chunks // 100), finish(), DONE))
    started = time.process_time()
    run = drive(site, "sync")
    spent = time.process_time() - started
    assert len(run.chunks) == chunks + 1
    assert len(run.stream.content) == chunks * 64
    return spent
