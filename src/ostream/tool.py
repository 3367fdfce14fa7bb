"""Tools that a model may call: Pydantic models whose fields are the arguments."""

import inspect
from collections.abc import Callable
from typing import Any, ClassVar, Self, TypedDict, cast

from openai import pydantic_function_tool
from openai.types.chat import ChatCompletionMessageFunctionToolCall, ChatCompletionToolParam
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, create_model
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import override

from ostream.docstrings import described
from ostream.errors import ToolError
from ostream.json_text import is_array, is_object
from ostream.tool_calls import ToolCall, parse_arguments


class OpenAIToolConfig(TypedDict, total=False):
    """How a tool is offered to the model."""

    strict: bool
    """Send its schema as a strict one."""


class _WithoutTitles(GenerateJsonSchema):
    """Pydantic makes a title of every field's name; to a model they say nothing and cost tokens."""

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class OpenAITool(BaseModel):
    """A tool call, its arguments as fields; derive from it and give it a `call` to define a tool.

    Set `tool_config = OpenAIToolConfig(strict=True)` or `strict = True` on the class for OpenAI's strict
    schemas. A call that cannot be used is an `OpenAITool` with `error` set: the stream goes on. No field may
    have the name of a member (`args`, `call`, `delta`, `error`, ...); an `alias` may.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    strict: ClassVar[bool] = False
    """Whether the schema is sent as a strict one."""
    tool_config: ClassVar[OpenAIToolConfig] = {}
    """The same as a dictionary."""
    tool_name: ClassVar[str | None] = None
    """Name of the tool, where it is not the class's."""

    _tool_call: ChatCompletionMessageFunctionToolCall | None = PrivateAttr(default=None)
    _source: ToolCall | None = PrivateAttr(default=None)
    _source_id: str = PrivateAttr(default="")
    _error: ToolError | None = PrivateAttr(default=None)
    _delta: str | None = PrivateAttr(default=None)
    _seen: int = PrivateAttr(default=0)

    @property
    def tool_call(self) -> ChatCompletionMessageFunctionToolCall | None:
        """The call as the model made it; its arguments are raw JSON text."""
        if self._tool_call is None and self._source is not None:
            arguments = self._source.arguments[: self._seen]
            return _sdk_call(self._source_id, self._source.name or "", arguments)
        return self._tool_call

    @property
    def args(self) -> dict[str, Any]:
        """The arguments by name; of a partial or a bad call, those that can be read."""
        if self._source is None and self._error is None:
            fields = type(self).model_fields
            return {field.alias or name: self.__dict__[name] for name, field in fields.items()}
        raw = self._source.arguments[: self._seen] if self._source is not None else self._raw_arguments
        try:
            found = parse_arguments(raw, partial=True)
        except ValueError:
            return {}
        return found if is_object(found) else {}

    @property
    def delta(self) -> str | None:
        """The piece of arguments that just came, on a partial tool."""
        return self._delta

    @property
    def error(self) -> ToolError | None:
        """Why this call cannot be used."""
        return self._error

    def call(self) -> Any:
        """Run the tool.

        Raises:
            ToolError: The call cannot be used (`error`), or the tool was defined without a `call`.
        """
        if self._error is not None:
            raise self._error
        raise ToolError("bad_tool", f"tool {name_of(type(self))} has no call() of its own")

    @classmethod
    def _name(cls) -> str:  # the ancestor's way to ask
        return name_of(cls)

    @classmethod
    @override
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        taken = [name for name in cls.model_fields if name in vars(OpenAITool)]
        if taken and issubclass(cls.__bases__[0], OpenAITool):
            raise TypeError(
                f"tool {cls.__name__}: {taken[0]!r} is a member of every tool; give the field another name "
                f"and the alias {taken[0]!r}"
            )

    @classmethod
    def tool_schema(cls) -> ChatCompletionToolParam:
        """What the request says about it."""
        strict = cls.strict or cls.tool_config.get("strict", False)
        if strict:
            sdk = pydantic_function_tool(cls)["function"]
            schema = cast("dict[str, Any]", _without_defaults(sdk.get("parameters", {})))
        else:
            schema = cls.model_json_schema(schema_generator=_WithoutTitles)
        schema.pop("title", None)
        description = schema.pop("description", None)
        function: dict[str, Any] = {"name": name_of(cls), "parameters": schema}
        if description:
            function["description"] = description
        if strict:
            function["strict"] = True
        return cast("ChatCompletionToolParam", {"type": "function", "function": function})

    @classmethod
    def from_tool_call(cls, tool_call: ChatCompletionMessageFunctionToolCall) -> Self:
        """The call with its arguments checked.

        Raises:
            ToolError: They are not JSON or do not fit.
        """
        try:
            tool = cls.model_validate(parse_arguments(tool_call.function.arguments))
        except ValidationError as error:
            flaws = "; ".join(_flaw(detail["loc"], detail["msg"]) for detail in error.errors())
            raise ToolError("bad_tool", f"arguments of {name_of(cls)} do not fit: {flaws}") from error
        except ValueError as error:
            raise ToolError("bad_tool", f"arguments of {name_of(cls)} are not JSON: {error}") from error
        tool._tool_call = tool_call  # noqa: SLF001 - a classmethod of its own class
        return tool

    @classmethod
    def broken(cls, tool_call: ChatCompletionMessageFunctionToolCall, error: ToolError) -> "OpenAITool":
        """A call that cannot be used."""
        tool = OpenAITool.model_construct()
        tool._tool_call = tool_call  # noqa: SLF001 - a classmethod of its own class
        tool._error = error  # noqa: SLF001 - a classmethod of its own class
        return tool

    @classmethod
    def partial(cls, source: ToolCall, source_id: str, delta: str) -> Self:
        """A call that is still coming in; its arguments are read when somebody asks."""
        tool = cls.model_construct()
        tool._source_id = source_id  # noqa: SLF001 - a classmethod of its own class
        object.__setattr__(tool, "__dict__", {})  # a default is no argument that came
        tool._source = source  # noqa: SLF001 - a classmethod of its own class
        tool._delta = delta  # noqa: SLF001 - a classmethod of its own class
        tool._seen = source.length  # noqa: SLF001 - a classmethod of its own class
        return tool

    @property
    def _raw_arguments(self) -> str:
        return self._tool_call.function.arguments if self._tool_call is not None else ""

    def __getattr__(self, item: str) -> Any:
        """Fields of a partial tool: what has come of them, else `None`."""
        field = type(self).model_fields.get(item)
        if field is not None and self._source is not None:
            return self.args.get(field.alias or item)
        return super().__getattr__(item)  # type: ignore[misc] - Pydantic defines it out of sight

    @classmethod
    def type_from_fn(cls, fn: Callable[..., Any]) -> "type[OpenAITool]":
        """The tool that calls `fn`: its parameters are the fields, its docstring the description."""
        fields: dict[str, Any] = {}
        unnamed: list[str] = []
        hints = inspect.get_annotations(fn, eval_str=True)
        doc, words = described(fn)
        for parameter in inspect.signature(fn).parameters.values():
            if parameter.name in {"self", "cls"} or parameter.kind in {
                parameter.VAR_POSITIONAL,
                parameter.VAR_KEYWORD,
            }:
                continue
            default = ... if parameter.default is parameter.empty else parameter.default
            kind = hints.get(parameter.name, Any)
            name = parameter.name
            if parameter.kind is parameter.POSITIONAL_ONLY:
                unnamed.append(name)
            about: dict[str, Any] = {"description": words[name]} if name in words else {}
            if hasattr(OpenAITool, name) or name.startswith(("_", "model_")):
                name, about["alias"] = f"arg_{name}", name
            fields[name] = (kind, Field(default, **about))

        class FunctionTool(cls):
            def call(self) -> Any:
                if self.error is not None:
                    raise self.error
                args = self.args
                return fn(*[args.pop(name) for name in unnamed], **args)

        made = create_model(fn.__name__, __base__=FunctionTool, __doc__=doc, **fields)
        return cast("type[OpenAITool]", made)

    @classmethod
    def type_from_base_model_type(cls, model: type[BaseModel]) -> "type[OpenAITool]":
        """The tool whose arguments are the fields of a Pydantic model."""
        made = create_model(model.__name__, __base__=(model, cls), __doc__=inspect.getdoc(model))
        return cast("type[OpenAITool]", made)


def name_of(kind: type[OpenAITool]) -> str:
    """The name under which the model knows a tool."""
    return kind.tool_name or kind.__name__


def tool_type(tool: Any) -> type[OpenAITool]:
    """The tool class for a class, a Pydantic model or a function."""
    if inspect.isclass(tool) and issubclass(tool, OpenAITool):
        return tool
    if inspect.isclass(tool) and issubclass(tool, BaseModel):
        return OpenAITool.type_from_base_model_type(tool)
    if inspect.isroutine(tool):
        return OpenAITool.type_from_fn(tool)
    raise TypeError(f"{tool!r} is no tool: give an OpenAITool class, a Pydantic model or a function")


def read_tool_call(call: ToolCall, call_id: str, types: dict[str, type[OpenAITool]]) -> OpenAITool:
    """The tool of a finished call; a call that cannot be used is one with its `error` set."""
    raw = _sdk_call(call_id, call.name or "", call.arguments)
    kind = types.get(call.name or "")
    if kind is None:
        return OpenAITool.broken(
            raw, ToolError("bad_tool", f"the model called {call.name!r}, which is no tool of this call")
        )
    try:
        return kind.from_tool_call(raw)
    except ToolError as error:
        return OpenAITool.broken(raw, error)


def _flaw(location: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, location)) or 'arguments'}: {message}"


def _sdk_call(call_id: str, name: str, arguments: str) -> ChatCompletionMessageFunctionToolCall:
    return ChatCompletionMessageFunctionToolCall.model_validate(
        {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
    )


def _without_defaults(schema: Any) -> Any:
    """OpenAI's strict schemas take no `default`; a property of that name is kept."""
    if is_array(schema):
        return [_without_defaults(item) for item in schema]
    if not is_object(schema):
        return schema
    return {
        key: {name: _without_defaults(inner) for name, inner in value.items()}
        if key in {"properties", "$defs"} and is_object(value)
        else _without_defaults(value)
        for key, value in schema.items()
        if key != "default"
    }
