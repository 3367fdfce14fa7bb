"""Tools of every kind, and calls of them as a model makes them."""

import asyncio
from enum import StrEnum
from typing import Any, Literal

from openai.types.chat import ChatCompletionMessageFunctionToolCall
from pydantic import BaseModel, Field

from ostream import OpenAITool, OpenAIToolConfig
from ostream.tool import tool_type


class Unit(StrEnum):
    CELSIUS = "celsius"
    KELVIN = "kelvin"


class Place(BaseModel):
    """Where."""

    city: str
    country: str | None = None


def get_weather(place: Place, days: int = 3, *, unit: Unit = Unit.CELSIUS) -> str:
    """Weather of a place.

    From today on.

    Args:
        place: Where to look.
        days (int, optional): How many days,
            counted from today.
        unit: Of the temperature: celsius
            or kelvin.

    Returns:
        Words.
    """
    return f"{days} days of sun in {place.city}, in {unit}"


def roll() -> str:
    return "4"


async def look_up(word: str) -> str:
    """Look a word up."""
    await asyncio.sleep(0)
    return f"{word}: a word"


class Book(BaseModel):
    """A book."""

    title: str = Field(description="As on its cover.")
    pages: int = 0


class FormatBook(OpenAITool):
    """Formats a book."""

    title: str
    author: str = "unknown"

    def call(self) -> str:
        return f"{self.title} by {self.author}"


class StrictSearch(OpenAITool):
    """Searches."""

    tool_config = OpenAIToolConfig(strict=True)

    query: str = Field(description="What to look for.")
    place: Place = Field(description="Where to look.")
    near: list[Place] = Field(default_factory=list)
    kind: Literal["new", "old"] = "new"
    unit: Unit | None = None
    default: int = 5
    properties: str = ""


def parameters(kind: Any) -> dict[str, Any]:
    function = tool_type(kind).tool_schema()["function"]
    return dict(function)["parameters"]


def sdk_call(name: str, arguments: str) -> ChatCompletionMessageFunctionToolCall:
    return ChatCompletionMessageFunctionToolCall.model_validate(
        {"id": "k1", "type": "function", "function": {"name": name, "arguments": arguments}}
    )


def called(kind: Any, arguments: str) -> OpenAITool:
    made = tool_type(kind)
    return made.from_tool_call(sdk_call(made._name(), arguments))
