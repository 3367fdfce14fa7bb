"""Prompts: messages by role, and templates that become messages."""

import functools
import inspect
import re
import string
import textwrap
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import FunctionType
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar, cast, overload

from openai.types.chat import (
    ChatCompletionAssistantMessageParam,
    ChatCompletionContentPartParam,
    ChatCompletionContentPartTextParam,
    ChatCompletionMessageParam,
    ChatCompletionSystemMessageParam,
    ChatCompletionToolMessageParam,
    ChatCompletionUserMessageParam,
)

from ostream.json_text import is_object

P = ParamSpec("P")
Arguments = tuple[tuple[Any, ...], dict[str, Any]]
"""Positional and keyword arguments of a decorated function."""
Returned = str | Sequence[ChatCompletionMessageParam] | Mapping[str, object] | None
"""What a function with a template may return."""

_TEMPLATE = "_ostream_prompt_template"
_ROLE = re.compile(r"^(SYSTEM|USER|ASSISTANT|MESSAGES):[ \t]?", re.MULTILINE)

TextPart = str | ChatCompletionContentPartTextParam
"""Text among the parts of a message."""
Part = str | ChatCompletionContentPartParam
"""A part of the user's message."""
PartT = TypeVar("PartT")


def _parts(content: Iterable[str | PartT]) -> list[PartT | ChatCompletionContentPartTextParam]:
    return [{"type": "text", "text": part} if isinstance(part, str) else part for part in content]


class Messages:
    """Messages by role: `Messages.User("Hello")`."""

    Type = list[ChatCompletionMessageParam]
    """What a decorated function that returns messages is annotated with."""

    @staticmethod
    def System(content: str | Iterable[TextPart]) -> ChatCompletionSystemMessageParam:  # noqa: N802 - the ancestor's name
        """Instructions for the model; text or parts of text."""
        return {"role": "system", "content": content if isinstance(content, str) else _parts(content)}

    @staticmethod
    def User(content: str | Iterable[Part]) -> ChatCompletionUserMessageParam:  # noqa: N802 - the ancestor's name
        """What the user says; text or parts (texts, images, audio)."""
        return {"role": "user", "content": content if isinstance(content, str) else _parts(content)}

    @staticmethod
    def Assistant(content: str | Iterable[TextPart]) -> ChatCompletionAssistantMessageParam:  # noqa: N802 - the ancestor's name
        """What the model said; text or parts of text."""
        return {"role": "assistant", "content": content if isinstance(content, str) else _parts(content)}

    @staticmethod
    def Tool(content: str, tool_call_id: str) -> ChatCompletionToolMessageParam:  # noqa: N802 - the ancestor's name
        """What a tool gave."""
        return {"role": "tool", "content": content, "tool_call_id": tool_call_id}


class TemplateDecorator(Protocol):
    """Gives a function its template; called by itself, the function then gives its messages."""

    @overload
    def __call__(
        self, fn: Callable[P, Awaitable[Returned]], /
    ) -> Callable[P, Awaitable[list[ChatCompletionMessageParam]]]: ...
    @overload
    def __call__(self, fn: Callable[P, Returned], /) -> Callable[P, list[ChatCompletionMessageParam]]: ...


def prompt_template(text: str) -> TemplateDecorator:
    """Give a function's prompt as a template; the function itself then returns `None` or a dynamic config.

    `SYSTEM:`, `USER:`, `ASSISTANT:` and `MESSAGES:` at the start of a line begin a message; text before
    the first of them is the user's. `{name}` is filled in from the arguments and the computed fields,
    `{name:list}` one item a line, `{name:lists}` one inner list a paragraph; `{{` and `}}` are braces.
    Without `openai_call` above it, the function gives its messages.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def arender(*args: Any, **kwargs: Any) -> list[ChatCompletionMessageParam]:
                returned = await function(*args, **kwargs)
                return read_prompt(function, (args, kwargs), returned, text).messages

            setattr(arender, _TEMPLATE, (arender, function, text))
            return arender

        @functools.wraps(function)
        def render(*args: Any, **kwargs: Any) -> list[ChatCompletionMessageParam]:
            return read_prompt(function, (args, kwargs), function(*args, **kwargs), text).messages

        setattr(render, _TEMPLATE, (render, function, text))
        return render

    return cast("TemplateDecorator", decorate)


def without_template(function: Callable[..., Any]) -> tuple[Callable[..., Any], str | None]:
    """The function that `prompt_template` decorated, and its template."""
    wrapper, inner, text = getattr(function, _TEMPLATE, (None, function, None))
    # Another decorator's `functools.wraps` copies the attribute; that decorator must not be left out.
    return (inner, text) if wrapper is function else (function, None)


class Prompt(NamedTuple):
    """What one use of a prompt function comes to."""

    fn_args: dict[str, Any]
    """Its arguments by name."""
    config: Mapping[str, Any]
    """The dynamic config that it returned, or nothing."""
    messages: list[ChatCompletionMessageParam]
    """What is sent."""


def read_prompt(
    function: Callable[..., Any], arguments: Arguments, returned: object, template: str | None
) -> Prompt:
    """What `function` returned, its template filled in where it returned no messages.

    Raises:
        ValueError: There is nothing to send.
        KeyError: A variable of the template has no value.
    """
    fn_args = _by_name(function, arguments)
    config: Mapping[str, Any] = {}
    given: object = returned
    if is_object(returned) and "role" not in returned:
        config, given = returned, returned.get("messages")
    if given is None:
        if template is None:
            raise ValueError("there is nothing to send: no prompt was returned, and there is no template")
        given = render_template(template, {**fn_args, **(config.get("computed_fields") or {})})
    return Prompt(fn_args, config, to_messages(given))


def _by_name(function: Callable[..., Any], arguments: Arguments) -> dict[str, Any]:
    """The arguments of one use of `function`, defaults included."""
    code = function.__code__ if isinstance(function, FunctionType) else None
    if code is not None and not any(arguments) and not hasattr(function, "__wrapped__"):
        takes = code.co_argcount + code.co_kwonlyargcount
        if not takes and not code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
            return {}  # looking at its signature would be the half of what it takes to make a call
    bound = inspect.signature(function).bind(*arguments[0], **arguments[1])
    bound.apply_defaults()
    return dict(bound.arguments)


class _Filler(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "list":
            return "\n".join(str(item) for item in value)
        if format_spec == "lists":
            return "\n\n".join("\n".join(str(item) for item in inner) for inner in value)
        if value is None and not format_spec:
            return ""
        return str(super().format_field(value, format_spec))


def render_template(text: str, fields: Mapping[str, Any]) -> list[ChatCompletionMessageParam]:
    """The messages of a template; `None` is no text, and a message without any is left out.

    Values are filled in after the template was split, so that no value can begin a message.

    Raises:
        KeyError: A variable has no value; it names the variable.
        TypeError: What `MESSAGES:` names is no list of messages.
    """
    pieces = _ROLE.split(_dedented(text))
    parts = [("USER", pieces[0])] if pieces[0].strip() else []
    parts += list(zip(pieces[1::2], pieces[2::2], strict=True))
    messages: list[ChatCompletionMessageParam] = []
    for role, body in parts:
        if role == "MESSAGES":
            messages += _named_messages(body, fields)
            continue
        content = _fill(_trimmed(body), fields)
        if content:
            messages.append(cast("ChatCompletionMessageParam", {"role": role.lower(), "content": content}))
    return messages


def _dedented(text: str) -> str:
    """`text` without the indentation of the code around it; its first line may stand beside the quotes."""
    first, _, rest = text.partition("\n")
    if first.strip() and _ROLE.search(textwrap.dedent(rest)):
        return f"{first.lstrip()}\n{textwrap.dedent(rest)}"
    return textwrap.dedent(text).strip("\n")


def _trimmed(body: str) -> str:
    """One message's text; the indentation of its own first line is kept where it stands below its role."""
    text = textwrap.dedent(body).rstrip()
    return text.lstrip("\n") if text.startswith("\n") else text.lstrip()


def _fill(text: str, fields: Mapping[str, Any]) -> str:
    try:
        return _Filler().vformat(text, (), fields)
    except (KeyError, IndexError) as error:
        raise KeyError(f"the prompt template names a variable that has no value: {error}") from None


def _named_messages(body: str, fields: Mapping[str, Any]) -> Sequence[ChatCompletionMessageParam]:
    name = body.strip().removeprefix("{").removesuffix("}").strip()
    try:
        found, _ = _Filler().get_field(name, (), fields)
    except KeyError:
        raise KeyError(f"the prompt template names a variable that has no value: {name!r}") from None
    if not isinstance(found, list | tuple):
        raise TypeError(f"MESSAGES: {{{name}}} is no list of messages")
    return cast("Sequence[ChatCompletionMessageParam]", found)


def to_messages(prompt: object) -> list[ChatCompletionMessageParam]:
    """What a decorated function returned, as messages.

    Raises:
        ValueError: There is nothing to send.
        TypeError: It is nothing that a prompt can be.
    """
    if not isinstance(prompt, str | dict | list | tuple):
        raise TypeError(f"a prompt is a string, messages or a dynamic config, not {type(prompt).__name__}")
    items = cast("Sequence[Any]", [prompt] if isinstance(prompt, str | dict) else prompt)
    for item in items:
        if not isinstance(item, str | Mapping):
            raise TypeError(f"a message is a dictionary or a string, not {type(item).__name__}")
    messages = [Messages.User(item) if isinstance(item, str) else item for item in items]
    if not messages or not any(message.get("content") or len(message) > 2 for message in messages):  # noqa: PLR2004 - role and content
        raise ValueError("there is nothing to send: the prompt is empty")
    return cast("list[ChatCompletionMessageParam]", messages)
