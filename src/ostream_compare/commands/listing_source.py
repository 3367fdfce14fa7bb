"""What an endpoint that the user names lists, as a part of a starter file."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from ostream_compare.collector.keys import find_key
from ostream_compare.collector.listing import Listing
from ostream_compare.collector.probe import Question, ask_all
from ostream_compare.config.fields import BaseUrl, EnvironmentVariable
from ostream_compare.config.starter import Found, table_name, usable_ids
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.preset import Provider
from ostream_compare.domain.vendors import vendor_at

LIMIT = 10.0
"""Seconds; a list of hundreds of models takes a while."""
_ENABLED = 4
"""Models that are turned on: as many as fit a screen, and no bill of fifty."""
_ENDINGS = ("/chat/completions", "/models")


def listed_at(url: str, key_env: str | None, environ: Mapping[str, str]) -> Found:
    """The models that the endpoint at `url` lists; `/v1` is tried where it is not given.

    Args:
        url: With or without `/v1`, and with or without `/models`.
        key_env: The variable of its key; a well-known host's own by default.
        environ: Where the key is looked up.

    Raises:
        UserError: It is no URL, its key is missing or must not be sent there, or it lists nothing.
    """
    given = _base(url)
    vendor = vendor_at(given)
    variable = key_env or (vendor.variable if vendor else None)
    if variable is not None:
        _check(EnvironmentVariable, variable, "--key-env")
    host = urlsplit(given).netloc
    key = find_key(Provider(name=host, base_url=given, api_key_env=variable), environ, trusted=True)
    if key.missing is not None:
        raise UserError("No key", Problem(key="--key-env", message=key.missing), exit_code=3)
    bases = _candidates(given)
    answers = ask_all([Question(base_url=base, key=key.value) for base in bases], limit=LIMIT)
    for base, answer in zip(bases, answers, strict=True):
        if answer.models is not None and usable_ids(answer.models.ids):
            return Found(
                name=vendor.name if vendor else table_name(host),
                title=f"what {host} lists",
                base_url=base,
                models=answer.models.ids,
                enabled=_ENABLED,
                key_variable=variable,
                token_param=vendor.token_param if vendor and vendor.token_param != "max_tokens" else None,  # noqa: S105 - a parameter's name
            )
    raise _nothing(given, answers, has_key=key.value is not None)


def _base(url: str) -> str:
    """`url` without what follows its base; a host alone is reached securely unless it is this machine."""
    text = url.strip()
    if "://" not in text:
        host = urlsplit(f"//{text}").hostname or ""
        text = ("http" if host in {"localhost", "127.0.0.1", "::1"} else "https") + f"://{text}"
    text = text.rstrip("/")
    for ending in _ENDINGS:
        text = text.removesuffix(ending)
    return _check(BaseUrl, text, "--from")


def _check(kind: Any, text: str, flag: str) -> str:
    """`text` as a file would take it; it is not shown, for it may hold what is secret."""
    try:
        return cast("str", TypeAdapter(kind).validate_python(text))
    except ValidationError as error:
        ((_, message, hint), *_) = error.errors()[0].get("ctx", {})["flaws"]
        raise UserError("Not usable", Problem(key=flag, message=message, hint=hint)) from None


def _candidates(base: str) -> list[str]:
    last = base.rpartition("/")[2]
    has_version = last.startswith("v") and last[1:2].isdigit()
    return [base] if has_version else [f"{base}/v1", base]


def _nothing(base: str, answers: tuple[Listing, ...], *, has_key: bool) -> UserError:
    telling = next((answer for answer in answers if answer.state != "no_list"), answers[0])
    message = "lists no model that can be asked" if telling.models is not None else telling.message
    hint = "name its key's variable with --key-env" if telling.state == "auth" and not has_key else None
    return UserError("No list", Problem(path=base, message=message, hint=hint), exit_code=3)
