"""Tools: what the request says of them."""

import json
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from ostream import OpenAITool
from ostream.tool import tool_type
from wire.sample_tools import Book, FormatBook, StrictSearch, called, get_weather, parameters, roll


def test_a_functions_schema() -> None:
    assert tool_type(get_weather).tool_schema() == {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Weather of a place.\n\nFrom today on.\n\nReturns:\n    Words.",
            "parameters": {
                "$defs": {
                    "Place": {
                        "title": "Place",
                        "type": "object",
                        "description": "Where.",
                        "properties": {
                            "city": {"type": "string"},
                            "country": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
                        },
                        "required": ["city"],
                    },
                    "Unit": {"enum": ["celsius", "kelvin"], "title": "Unit", "type": "string"},
                },
                "type": "object",
                "properties": {
                    "place": {"$ref": "#/$defs/Place", "description": "Where to look."},
                    "days": {
                        "default": 3,
                        "type": "integer",
                        "description": "How many days, counted from today.",
                    },
                    "unit": {
                        "$ref": "#/$defs/Unit",
                        "default": "celsius",
                        "description": "Of the temperature: celsius or kelvin.",
                    },
                },
                "required": ["place"],
            },
        },
    }


def test_a_function_without_parameters_or_docstring() -> None:
    assert tool_type(roll).tool_schema()["function"] == {
        "name": "roll",
        "parameters": {"type": "object", "properties": {}},
    }


def undocumented(a: Annotated[int, Field(description="First.", ge=1)], b: float) -> None:
    """Adds.

    Args:
        b: Second.
        c: Nobody's.
    """


def test_annotations_describe_too_and_words_on_nobody_are_left_out() -> None:
    assert parameters(undocumented)["properties"] == {
        "a": {"description": "First.", "minimum": 1, "type": "integer"},
        "b": {"description": "Second.", "type": "number"},
    }


def test_a_pydantic_models_schema_is_that_of_its_fields() -> None:
    [schema] = [tool_type(Book).tool_schema()["function"]]
    assert schema == {
        "name": "Book",
        "description": "A book.",
        "parameters": {
            "type": "object",
            "properties": {
                "title": {"description": "As on its cover.", "type": "string"},
                "pages": {"default": 0, "type": "integer"},
            },
            "required": ["title"],
        },
    }


def test_a_class_may_name_itself() -> None:
    class Renamed(FormatBook):
        tool_name = "format_book"

    assert Renamed.tool_schema()["function"]["name"] == "format_book" == Renamed._name()
    assert FormatBook._name() == "FormatBook"


def test_a_strict_schema_obeys_the_rules_of_strict_schemas() -> None:
    function = StrictSearch.tool_schema()["function"]
    assert function.get("strict") is True
    schema = dict(function)["parameters"]
    assert list(schema["properties"]) == schema["required"]
    assert schema["required"] == ["query", "place", "near", "kind", "unit", "default", "properties"]
    objects = [schema, schema["$defs"]["Place"], schema["properties"]["place"]]
    for place in objects:
        assert place["additionalProperties"] is False
        assert place["required"] == list(place["properties"])
    assert schema["properties"]["query"]["description"] == "What to look for."
    assert schema["properties"]["kind"]["enum"] == ["new", "old"]
    assert schema["properties"]["default"]["type"] == "integer"
    assert schema["properties"]["properties"]["type"] == "string"
    assert list(_keywords_beside_ref(schema)) == []
    assert '"default":' not in json.dumps({**schema, "properties": schema["properties"]["near"]})


def _keywords_beside_ref(schema: Any) -> Any:
    """OpenAI refuses a `$ref` that has company."""
    if isinstance(schema, dict):
        if "$ref" in schema and len(schema) > 1:
            yield schema
        for inner in schema.values():
            yield from _keywords_beside_ref(inner)
    if isinstance(schema, list):
        for inner in schema:
            yield from _keywords_beside_ref(inner)


def test_strict_may_also_be_a_flag_of_the_class() -> None:
    class Strict(FormatBook):
        strict = True

    assert Strict.tool_schema()["function"].get("strict") is True
    assert "strict" not in FormatBook.tool_schema()["function"]


@pytest.mark.parametrize(
    "thing", ["roll", 5, object(), dict, lambda: None], ids=lambda thing: type(thing).__name__
)
def test_what_is_no_tool_is_refused_by_name(thing: Any) -> None:
    if callable(thing) and not isinstance(thing, type):
        assert tool_type(thing)._name() == "<lambda>"
        return
    with pytest.raises(TypeError, match="is no tool"):
        tool_type(thing)


def test_a_field_may_be_called_name_but_not_like_a_member() -> None:
    class Author(OpenAITool):
        name: str
        id: str = "0"

        def call(self) -> str:
            return self.name

    assert called(Author, '{"name": "Ursula"}').call() == "Ursula"
    with pytest.warns(UserWarning, match="shadows"), pytest.raises(TypeError, match="alias 'error'"):

        class Report(OpenAITool):
            error: str

    class Aliased(OpenAITool):
        why: str = Field(alias="error")

    assert called(Aliased, '{"error": "broken"}').args == {"error": "broken"}


def test_a_pydantic_model_may_use_any_name() -> None:
    class Report(BaseModel):
        args: list[str]
        error: str

    found = called(Report, '{"args": ["a"], "error": "e"}')
    assert found.args == {"args": ["a"], "error": "e"}
    assert isinstance(found, Report)
