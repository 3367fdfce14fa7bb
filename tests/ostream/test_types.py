"""Strict types: the package, the README's examples, and what a caller's type checker makes of them."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = re.findall(
    r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)

KNOWN = """
from decimal import Decimal
from typing import assert_type

from openai import AsyncOpenAI, OpenAI
from openai.types import CompletionUsage
from openai.types.chat import (
    ChatCompletion,
    ChatCompletionAssistantMessageParam,
    ChatCompletionChunk,
    ChatCompletionMessageParam,
    ChatCompletionToolMessageParam,
    ChatCompletionUserMessageParam,
)
from pydantic import BaseModel

from ostream import (
    CostMetadata,
    Limits,
    Messages,
    OpenAICallResponse,
    OpenAICallResponseChunk,
    OpenAIDynamicConfig,
    OpenAIStream,
    OpenAITool,
    OpenAIToolConfig,
    OStreamError,
    StreamState,
    openai_call,
    prompt_template,
)


class Book(BaseModel):
    title: str


class Format(OpenAITool):
    tool_config = OpenAIToolConfig(strict=True)
    title: str

    def call(self) -> str:
        return self.title


def look(word: str) -> str:
    return word


@openai_call("m", stream=True, tools=[look, Book, Format], call_params={"max_completion_tokens": 5})
def ask(genre: str, *, mood: str = "kind") -> str:
    return genre + mood


@openai_call("m", stream={"partial_tools": True}, client=AsyncOpenAI(api_key="k"), limits=Limits(idle=5))
async def aask(genre: str) -> Messages.Type:
    return [Messages.User(genre), Messages.System(["a", "b"])]


@openai_call("m", client=OpenAI(api_key="k"), json_mode=True, retries=1)
@prompt_template("Recommend a {genre} book")
def whole(genre: str) -> None: ...


@prompt_template("Recommend a {genre} book")
def prompt(genre: str) -> OpenAIDynamicConfig:
    return {"metadata": {"genre": genre}}


@openai_call("m", stream=True)
@prompt_template("Recommend a {genre} book")
async def aprompted(genre: str) -> None: ...


@openai_call("m", stream=False)
async def awhole(genre: str) -> OpenAIDynamicConfig:
    return {"messages": [Messages.User(genre)], "tools": [look], "call_params": {"n": 2}}


def use() -> None:
    stream = assert_type(ask("fantasy", mood="dark"), OpenAIStream)
    for chunk, tool in stream:
        assert_type(chunk, OpenAICallResponseChunk)
        assert_type(tool, OpenAITool | None)
        assert_type(chunk.content, str)
        assert_type(chunk.chunk, ChatCompletionChunk)
        assert_type(chunk.received_at, int)
    assert_type(stream.cost, Decimal | None)
    assert_type(stream.cost_metadata, CostMetadata)
    assert_type(stream.audio_id, str | None)
    assert_type(stream.usage, CompletionUsage | None)
    assert_type(stream.input_tokens, int | None)
    assert_type(stream.finish_reasons, list[str])
    assert_type(stream.state, StreamState)
    assert_type(stream.error, OStreamError | None)
    assert_type(stream.message_param, ChatCompletionAssistantMessageParam)
    assert_type(stream.user_message_param, ChatCompletionUserMessageParam | None)
    assert_type(stream.messages, list[ChatCompletionMessageParam])
    assert_type(OpenAIStream.tool_message_params([]), list[ChatCompletionToolMessageParam])
    with stream as same:
        assert_type(same, OpenAIStream)
    assert_type(stream.start(), OpenAIStream)
    response = assert_type(stream.construct_call_response(), OpenAICallResponse)
    assert_type(response.response, ChatCompletion)
    assert_type(response.tools, list[OpenAITool] | None)
    assert_type(whole("fantasy"), OpenAICallResponse)
    assert_type(prompt("fantasy"), list[ChatCompletionMessageParam])
    assert_type(openai_call("m", stream=True)(prompt)("fantasy"), OpenAIStream)


async def ause() -> None:
    stream = assert_type(await aask("fantasy"), OpenAIStream)
    async for chunk, tool in stream:
        assert_type(chunk, OpenAICallResponseChunk)
        assert_type(tool, OpenAITool | None)
    async with stream as same:
        assert_type(same, OpenAIStream)
    assert_type(await awhole("fantasy"), OpenAICallResponse)
    assert_type(await aprompted("fantasy"), OpenAIStream)
"""

WRONG = """
from ostream import OpenAICallParams, openai_call


@openai_call("m", stream=True)
def ask(genre: str) -> str:
    return genre


ask()
ask(genre=5)
ask("fantasy").nonsense
openai_call("m", temperature=1)
openai_call("m", stream="yes")
params: OpenAICallParams = {"temprature": 1}
more: OpenAICallParams = {"temperature": "hot"}


@openai_call("m", stream=True)
def number() -> int:
    return 5
"""


def check(folder: Path, *include: Path) -> list[tuple[str, int, str]]:
    """What basedpyright in strict mode has to say: file, line, rule or message."""
    settings = {
        "include": [str(path) for path in include],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "reportUnnecessaryTypeIgnoreComment": "error",
    }
    project = folder / "pyrightconfig.json"
    project.write_text(json.dumps(settings), "utf-8")
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(
        [*command, "--project", str(project)], capture_output=True, text=True, check=False, timeout=570
    )
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] > 0, done.stdout
    return [
        (Path(found["file"]).name, found["range"]["start"]["line"], found.get("rule") or found["message"])
        for found in report["generalDiagnostics"]
        if found["severity"] in {"error", "warning"}
    ]


def test_the_package_the_readmes_examples_and_a_callers_code_are_strictly_typed(tmp_path: Path) -> None:
    (tmp_path / "known.py").write_text(KNOWN, "utf-8")
    (tmp_path / "wrong.py").write_text(WRONG, "utf-8")
    for place, example in enumerate(EXAMPLES):
        assert "cast" not in example
        assert "ignore" not in example
        (tmp_path / f"readme_{place}.py").write_text(example, "utf-8")
    found = check(tmp_path, ROOT / "src" / "ostream", tmp_path)
    assert [item for item in found if item[0] != "wrong.py"] == []
    wrong = {line for file, line, _ in found if file == "wrong.py"}
    lines = WRONG.splitlines()
    uncaught = [
        line
        for line in (*range(9, 16), next(i for i, text in enumerate(lines) if "def number" in text) - 1)
        if line not in wrong
    ]
    assert [lines[line] for line in uncaught] == []
