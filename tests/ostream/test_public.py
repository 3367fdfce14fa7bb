"""What the package shows: its names, their docstrings, what they load, and the README's examples."""

import ast
import dataclasses
import importlib
import inspect
import itertools
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import ostream
from ostream import BaseStream, OpenAIStream, close_default_client
from ostream.chunk import OpenAICallResponseChunk
from ostream.pricing import Price, PriceKey
from ostream.response import OpenAICallResponse
from wire.cases import Answer
from wire.runner import KEY
from wire.script import DONE, delta, finish, plain_stream, stream, text, tool, tools, usage
from wire.server import Serve

ROOT = Path(__file__).parents[2]
EXAMPLES = re.findall(
    r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)
PROMISED = {
    "openai_call", "prompt_template", "Messages", "OpenAIStream", "BaseStream", "OpenAICallResponse",
    "OpenAICallResponseChunk", "OpenAITool", "OpenAICallParams", "OpenAIDynamicConfig", "CostMetadata",
    "FinishReason", "Limits", "OStreamError", "ConnectionFailed", "TimedOut", "RequestRefused", "BadStream",
    "ToolError",
}  # fmt: skip


def test_the_names_are_those_that_are_resolved() -> None:
    assert sorted(ostream.__all__) == sorted(ostream._HOMES) == sorted(set(ostream.__all__))
    assert set(ostream.__all__) >= PROMISED
    assert dir(ostream) == sorted(ostream.__all__)
    for name, home in ostream._HOMES.items():
        assert getattr(ostream, name) is getattr(importlib.import_module(f"ostream.{home}"), name)


def test_the_names_that_a_type_checker_sees_are_the_same() -> None:
    [guarded] = [node for node in ast.parse(inspect.getsource(ostream)).body if isinstance(node, ast.If)]
    seen = {
        alias.name: (node.module or "").removeprefix("ostream.")
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == ostream._HOMES


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'ostream' has no attribute 'nonsense'"):
        _ = ostream.nonsense


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(ostream.__file__).parent / "py.typed").is_file()


def described_assignments(module: ModuleType) -> set[str]:
    """Names of a module that are assigned to with a docstring below."""
    body = ast.parse(inspect.getsource(module)).body
    found: set[str] = set()
    for node, following in itertools.pairwise(body):
        if isinstance(node, ast.Assign) and isinstance(following, ast.Expr):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


PLAIN = {"FinishReason", "ErrorKind", "AsyncOpenAIDynamicConfig", "OpenAIMessageParam"}
"""Names that are assigned and not defined."""


@pytest.mark.parametrize("name", sorted(set(ostream.__all__) - PLAIN))
def test_every_public_name_has_a_docstring(name: str) -> None:
    thing = getattr(ostream, name)
    assert thing.__doc__
    if not inspect.isclass(thing):
        return
    for kind in thing.__mro__:
        if not kind.__module__.startswith("ostream"):
            continue
        for member, value in vars(kind).items():
            function = (
                value.fget
                if isinstance(value, property)
                else inspect.unwrap(getattr(value, "__func__", value))
            )
            if member.startswith("_") or not (inspect.isfunction(function) or isinstance(value, property)):
                continue
            assert inspect.getdoc(getattr(kind, member)) or function.__doc__, f"{kind.__name__}.{member}"


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_every_assigned_name_has_a_docstring_below_it(name: str) -> None:
    module = importlib.import_module(f"ostream.{ostream._HOMES[name]}")
    assert name in described_assignments(module)


@pytest.mark.parametrize(
    "kind",
    [ostream.Usage, ostream.Cost, ostream.CostMetadata, ostream.Limits, ostream.Timeline, Price, PriceKey],
    ids=lambda kind: kind.__name__,
)
def test_every_field_of_a_value_has_a_docstring_below_it(kind: type) -> None:
    [definition] = ast.parse(inspect.getsource(kind)).body
    assert isinstance(definition, ast.ClassDef)
    for node, following in itertools.pairwise(definition.body):
        if isinstance(node, ast.AnnAssign):
            assert isinstance(following, ast.Expr), ast.unparse(node)


def test_the_eleven_types_of_a_stream_in_their_order() -> None:
    from openai.types.chat import (
        ChatCompletionAssistantMessageParam,
        ChatCompletionMessageParam,
        ChatCompletionToolMessageParam,
        ChatCompletionToolParam,
        ChatCompletionUserMessageParam,
    )
    from openai.types.chat.chat_completion import Choice

    bases: tuple[Any, ...] = OpenAIStream.__orig_bases__
    [base] = [kind for kind in bases if getattr(kind, "__origin__", None) is BaseStream]
    assert base.__args__ == (
        OpenAICallResponse,
        OpenAICallResponseChunk,
        ChatCompletionUserMessageParam,
        ChatCompletionAssistantMessageParam,
        ChatCompletionToolMessageParam,
        ChatCompletionMessageParam,
        ostream.OpenAITool,
        ChatCompletionToolParam,
        ostream.OpenAIDynamicConfig,
        ostream.OpenAICallParams,
        Choice.__annotations__["finish_reason"],
    )
    assert len(BaseStream.__parameters__) == 11
    assert ostream.FinishReason == Choice.__annotations__["finish_reason"]
    assert [field.name for field in dataclasses.fields(ostream.CostMetadata)] == [
        "input_tokens",
        "cached_tokens",
        "output_tokens",
    ]


@pytest.mark.parametrize(
    "module", ["ostream", "ostream.timeline", "ostream.usage", "ostream.pricing", "ostream.errors"]
)
def test_the_light_modules_load_no_sdk(module: str) -> None:
    script = f"""
import sys, {module}
heavy = {{"openai", "httpx2", "pydantic", "genai_prices"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


# The README's examples, each as a program of its own


def answers_for(example: str) -> tuple[Answer, ...]:
    if "tools=" in example:
        call = tool(0, '{"city": "Oslo"}', call_id="k1", name="get_weather")
        return stream(tools(call), finish("tool_calls"), DONE, keep_alive=True), plain_stream()
    if "reasoning" in example:
        counts = usage(9, 12, completion_tokens_details={"reasoning_tokens": 10})
        return (stream(delta(reasoning_content="Hm. "), text("Hello"), finish(), counts, DONE),)
    return (plain_stream(),)


@pytest.mark.parametrize("example", [e for e in EXAMPLES if "ostream" in e])
def test_every_example_of_the_readme_runs(
    serve: Serve, example: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = serve(*answers_for(example))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", site.base_url)
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        exec(compile(example.replace("http://localhost:11434/v1", site.base_url), "README.md", "exec"), names)
    finally:
        close_default_client()
        if "client" in names:
            names["client"].close()
    shown = capsys.readouterr().out
    assert "Hel" in shown
    assert len(site.requests) == len(answers_for(example))
    left = names.get("stream")
    if left is not None:
        assert left.state in ({"cancelled", "complete"} if "break" in example else {"complete"})
    if "tools=" in example:
        assert [m["role"] for m in site.requests[1].json["messages"]] == ["user", "assistant", "tool"]
        assert site.requests[1].json["messages"][-1]["content"] == "1 sunny days in Oslo"
    if "reasoning_effort" in example:
        assert shown == "Hm. Hello10 of 12\n"
