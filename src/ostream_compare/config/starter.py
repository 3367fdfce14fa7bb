"""A starter file as text: providers and models that were found, whatever others called them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import tomli_w

from ostream_compare.domain.safe_text import clean_line

MOST_MODELS = 50
"""Presets of one provider; what else it lists follows as comments."""
_MOST_COMMENTS = 200
_LONGEST_NAME = 60
_LONGEST_ID = 200
_NO_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|moderation|rerank|transcribe|(^|[-/])image|imagen|sora|stable-diffusion|realtime",
    re.IGNORECASE,
)
"""Ids of models that answer no chat, as they are usually called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An endpoint and the models that are known of it."""

    name: str
    """Of its table."""
    title: str
    """For the comment above it."""
    base_url: str
    models: tuple[str, ...]
    """Ids as the server spells them, not cleaned."""
    enabled: int
    """How many of them are turned on; the others are there to be."""
    key_variable: str | None = None
    token_param: str | None = None
    max_parallel: int | None = None
    is_free: bool = False
    """Whether nobody pays for it."""


_HEAD = """\
# Models for ostream-compare. `ostream-compare validate FILE` checks this file, `ostream-compare models FILE`
# says what can run. For editors: `ostream-compare schema > models.schema.json`, and as the first line here
# #:schema ./models.schema.json
version = 1

[defaults]                # any key of a model may stand here and holds for all of them
max_tokens = 2000         # of an answer, thinking included
max_cost_usd = 0.25       # of a whole run
"""
_FREE = """\
price = { free = true }   # it is on this machine; remove this if it passes calls on to someone who bills
"""
_DEMO = """\

# ---- The built-in demo: on this machine, no key, no cost
[providers.demo]
kind = "demo"
"""
_DEMO_MODELS = (("Swift", "demo/swift"), ("Careful", "demo/careful"))
_EXAMPLE = """\

# ---- A provider with a key: remove the # and set the variable. The key itself never stands in a file.
# [providers.openai]
# base_url = "https://api.openai.com/v1"
# api_key_env = "OPENAI_API_KEY"
# token_param = "max_completion_tokens"   # how this endpoint calls max_tokens
#
# [[models]]
# name = "GPT"
# provider = "openai"
# model = "gpt-6-luna"
"""
_PROMPT = """\

# ---- What they are asked, unless you say otherwise with -p, -f or on stdin
[[prompts]]
name = "mutex"
user = "Explain mutex versus semaphore."
"""


def starter(found: Sequence[Found], *, demo: bool = True, all_free: bool = False) -> str:
    """A file with these endpoints and their models.

    Args:
        found: What is put in; names of tables are made unique.
        demo: Whether the built-in demo's models are put in too; they are on when nothing else is.
        all_free: Whether nobody pays for any of them, unless a model says otherwise.
    """
    tables, names = _Names("demo"), _Names()
    parts = [_HEAD, _FREE if all_free else ""]
    for endpoint in found:
        parts += ["\n", "\n".join(_section(endpoint, tables.unique(endpoint.name), names)), "\n"]
    if not any(endpoint.key_variable for endpoint in found):
        parts.append(_EXAMPLE)
    if demo:
        is_on = not any(on for endpoint in found for _, on in _plan(endpoint))
        parts.append(_DEMO)
        parts += [
            "\n" + "\n".join(_model(names.unique(name), "demo", model, on=is_on)) + "\n"
            for name, model in _DEMO_MODELS
        ]
    return "".join([*parts, _PROMPT])


def table_name(text: str) -> str:
    """`text` as the name of a table that needs no quotes."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))[:_LONGEST_NAME].strip("-") or "server"


class _Names:
    """Names that are taken, in whatever case."""

    def __init__(self, *taken: str) -> None:
        self._taken = {name.casefold() for name in taken}

    def unique(self, name: str) -> str:
        """`name`, or with the first number that nobody has."""
        wanted, number = name, 1
        while wanted.casefold() in self._taken:
            number += 1
            wanted = f"{name} {number}" if " " in name or not name.islower() else f"{name}-{number}"
        self._taken.add(wanted.casefold())
        return wanted


def _section(endpoint: Found, table: str, names: _Names) -> Iterator[str]:
    yield f"# ---- {clean_line(endpoint.title)}"
    yield f"[providers.{table}]"
    yield _pair("base_url", endpoint.base_url)
    if endpoint.key_variable is not None:
        yield _pair("api_key_env", endpoint.key_variable) + "   # the variable's name, never the key"
    if endpoint.token_param is not None:
        yield _pair("token_param", endpoint.token_param)
    if endpoint.max_parallel is not None:
        yield (
            _pair("max_parallel", endpoint.max_parallel)
            + "   # the next model waits, which is shown as queue"
        )
    for model, is_on in _plan(endpoint):
        yield ""
        yield from _model(names.unique(_shown(model)), table, model, on=is_on, is_free=endpoint.is_free)
    yield from _comments(endpoint.models)


def _plan(endpoint: Found) -> list[tuple[str, bool]]:
    """The ids that become presets, each with whether it is turned on."""
    models = usable_ids(endpoint.models)[:MOST_MODELS]
    chatting = [model for model in models if not _NO_CHAT.search(model)]
    turned_on = set(chatting[: endpoint.enabled])
    return [(model, model in turned_on) for model in models]


def _comments(models: Sequence[str]) -> Iterator[str]:
    usable = usable_ids(models)
    rest = usable[MOST_MODELS:]
    if rest:
        yield ""
        yield f"# {len(rest)} more that it lists:"
        yield from (f"#   {model}" for model in rest[:_MOST_COMMENTS])
    if len(rest) > _MOST_COMMENTS:
        yield f"#   and {len(rest) - _MOST_COMMENTS} more"
    if refused := len(set(models)) - len(usable):
        yield ""
        yield f"# Left out: {refused} that it lists under what is no name."


def _model(name: str, table: str, model: str, *, on: bool, is_free: bool = False) -> Iterator[str]:
    yield "[[models]]"
    yield _pair("name", name)
    yield _pair("provider", table)
    yield _pair("model", model)
    if is_free:
        yield "price = { free = true }"
        yield "timeout = { first_token = 120, idle = 60, total = 600 }   # seconds; the first call loads it"
    if not on:
        yield "enabled = false"


def usable_ids(models: Iterable[str]) -> list[str]:
    """The ids that can stand in a file and in a request as they are; a changed one would name nothing."""
    return [
        model
        for model in dict.fromkeys(models)
        if model.isprintable()
        and model == model.strip()
        and model == clean_line(model)
        and 0 < len(model) <= _LONGEST_ID
    ]


def _shown(model: str) -> str:
    short = model.removeprefix("models/")
    return short if len(short) <= _LONGEST_NAME else short[: _LONGEST_NAME - 1].rstrip() + "…"


def _pair(key: str, value: object) -> str:
    return tomli_w.dumps({key: value}).rstrip("\n")
