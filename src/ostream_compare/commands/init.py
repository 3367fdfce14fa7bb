"""`init`: a starter file from the keys and servers of this machine, or from what an endpoint lists."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from cyclopts import Parameter

from ostream_compare.collector.keys import is_loopback
from ostream_compare.config.reading import loads
from ostream_compare.config.starter import Found, starter, table_name
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.domain.vendors import with_key
from ostream_compare.storage.atomic import create_file, replace_file
from ostream_compare.storage.places import why_not
from ostream_compare.terminal import complain, print_data

if TYPE_CHECKING:
    from ostream_compare.collector.discovery import LocalServer

_MOST_LOCAL = 8
"""Models of one local server that are turned on."""


def init(
    path: Annotated[str, Parameter(allow_leading_hyphen=True)] = "models.toml",
    /,
    *,
    from_url: Annotated[str | None, Parameter(name="--from")] = None,
    key_env: str | None = None,
    force: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    no_discover: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
) -> int:
    """Write a starter TOML.

    Args:
        path: The file to write; - is stdout.
        from_url: Put in the models that this endpoint lists, and nothing else.
        key_env: With --from: the environment variable that holds its key.
        force: Write over a file that is there.
        no_discover: Do not look for model servers on this machine.
    """
    if key_env is not None and from_url is None:
        problem = Problem(key="--key-env", message="belongs to --from: name the endpoint of the key")
        raise UserError("No endpoint", problem)
    target = None if path == "-" else _target(path, force=force)
    if from_url is not None:
        # Imported here, because the HTTP client takes long to load.
        from ostream_compare.commands.listing_source import listed_at  # noqa: PLC0415 - see above

        listed = listed_at(from_url, key_env, os.environ)
        is_local = is_loopback(urlsplit(listed.base_url).hostname or "")
        text = starter([listed], demo=False, all_free=is_local)
    else:
        text = starter(_on_this_machine(os.environ, discover=not no_discover))
    enabled = _checked(text, path)
    if target is None:
        print_data(text)
        return 0
    _write(target, text, force=force)
    complain(clean_line(f"written: {path}, models enabled: {enabled}; next: ostream-compare {path}"))
    return 0


def _on_this_machine(environ: Mapping[str, str], *, discover: bool) -> list[Found]:
    found = [
        Found(
            name=vendor.name,
            title=f"{vendor.host}: {vendor.variable} is set",
            base_url=vendor.base_url,
            models=(vendor.model,),
            enabled=1,
            key_variable=vendor.variable,
            token_param=None if vendor.token_param == "max_tokens" else vendor.token_param,  # noqa: S105 - a parameter's name
        )
        for vendor in with_key(environ)
    ]
    if discover:
        from ostream_compare.collector.discovery import find_local_servers  # noqa: PLC0415 - as above

        found += found_locally(find_local_servers())
    return found


def found_locally(servers: Sequence["LocalServer"]) -> list[Found]:
    """Servers of this machine as parts of a starter file."""
    return [
        Found(
            name=table_name(server.place.name),
            title=f"found on this machine, where {server.place.name} usually listens",
            base_url=server.base_url,
            models=server.models,
            enabled=_MOST_LOCAL,
            max_parallel=server.place.max_parallel,
            is_free=True,
        )
        for server in servers
    ]


def _target(path: str, *, force: bool) -> Path:
    """Where to write, checked before anything is asked."""
    target = Path(path)
    if reason := why_not(target):
        raise _refusal(path, reason)
    if not force and os.path.lexists(target):
        raise _taken(path)
    return target


def _taken(path: str) -> UserError:
    return _refusal(path, "is there already and is kept", "name another file, or write over it with --force")


def _refusal(path: str, message: str, hint: str | None = None) -> UserError:
    return UserError("Not written", Problem(path=path, message=message, hint=hint))


def _checked(text: str, path: str) -> int:
    """How many models of the file are enabled; it is loaded as a run would load it."""
    loaded = loads(text.encode(), path)
    if loaded.problems:  # a fault of this program
        raise UserError("Not written", *loaded.problems, exit_code=3)
    return len(loaded.config.enabled)


def _write(target: Path, text: str, *, force: bool) -> None:
    try:
        (replace_file if force else create_file)(target, text.encode())
    except FileExistsError:  # it came meanwhile
        raise _taken(str(target)) from None
    except OSError as error:
        raise _refusal(str(target), f"could not be written: {error.strerror or error}") from None
