"""The body of `POST /v1/chat/completions`, checked as far as the demo reads it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

_ROLES = ("developer", "system", "user", "assistant", "tool", "function")


class BadRequestError(Exception):
    """A body that OpenAI's API would refuse, too, with status 400."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What the demo uses of a request; everything else, `temperature` for one, is ignored."""

    model: str
    prompt: str
    """Text of the last user message."""
    earlier: tuple[str, ...]
    """Texts of the user messages before it that were answered."""
    texts: tuple[str, ...]
    """Text of every message, for counting."""
    stream: bool
    include_usage: bool
    max_tokens: int | None
    """The smaller of `max_tokens` and `max_completion_tokens`."""
    seed: int | None


def parse_chat_request(body: bytes) -> ChatRequest:
    """`body` as a request.

    Raises:
        BadRequestError: it is not JSON, or a field that the demo reads is missing or wrong.
    """
    fields = _object(body)
    model = fields.get("model")
    if not isinstance(model, str) or not model:
        raise BadRequestError("you must provide a model parameter", param="model")
    messages = list(_messages(fields.get("messages")))
    stream = _flag(fields, "stream", "stream")
    limits = [_limit(fields, name) for name in ("max_tokens", "max_completion_tokens")]
    if fields.get("n") not in (None, 1):
        raise BadRequestError(
            "The demo gives one choice: leave 'n' out.", param="n", code="unsupported_value"
        )
    return ChatRequest(
        model=model,
        prompt=next((text for role, text in reversed(messages) if role == "user"), ""),
        earlier=tuple(
            text
            for (role, text), (following, _) in pairwise(messages)
            if role == "user" and following == "assistant"
        ),
        texts=tuple(text for _, text in messages),
        stream=stream,
        include_usage=_include_usage(fields, stream=stream),
        max_tokens=min((limit for limit in limits if limit is not None), default=None),
        seed=_integer(fields, "seed"),
    )


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequestError("We could not parse the JSON body of your request.") from error
    if not isinstance(value, dict):
        raise BadRequestError("The body of your request must be a JSON object.")
    return cast("dict[str, Any]", value)


def _messages(value: object) -> Iterator[tuple[str, str]]:
    if value is None:
        raise BadRequestError("Missing required parameter: 'messages'.", param="messages")
    if not isinstance(value, list) or not value:
        raise BadRequestError("'messages' must be a list of at least one message.", param="messages")
    for index, message in enumerate(cast("list[object]", value)):
        where = f"messages[{index}]"
        if not isinstance(message, dict):
            raise BadRequestError(f"'{where}' must be an object.", param=where)
        fields = cast("dict[str, object]", message)
        role = fields.get("role")
        if role not in _ROLES:
            raise BadRequestError(
                f"'{where}.role' must be one of {', '.join(_ROLES)}.", param=f"{where}.role"
            )
        yield str(role), _text(fields.get("content"), f"{where}.content")


def _text(content: object, where: str) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise BadRequestError(f"'{where}' must be a string or a list of parts.", param=where)
    parts = (
        cast("dict[str, object]", part) for part in cast("list[object]", content) if isinstance(part, dict)
    )
    return "\n".join(text for part in parts if isinstance(text := part.get("text"), str))


def _include_usage(fields: Mapping[str, Any], *, stream: bool) -> bool:
    options = fields.get("stream_options")
    if options is None:
        return False
    if not stream:
        raise BadRequestError(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options"
        )
    if not isinstance(options, dict):
        raise BadRequestError("'stream_options' must be an object.", param="stream_options")
    return _flag(cast("dict[str, Any]", options), "include_usage", "stream_options.include_usage")


def _flag(fields: Mapping[str, Any], name: str, where: str) -> bool:
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadRequestError(f"'{where}' must be true or false.", param=where)
    return value is True


def _integer(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise BadRequestError(f"'{name}' must be an integer.", param=name)
    return value


def _limit(fields: Mapping[str, Any], name: str) -> int | None:
    value = _integer(fields, name)
    if value is not None and value < 1:
        raise BadRequestError(f"'{name}' must be at least 1.", param=name, code="integer_below_min_value")
    return value
