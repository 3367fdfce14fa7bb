"""Which key goes with which call: each provider's key is looked up once, and never sent in the open."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Literal
from urllib.parse import urlsplit

from ostream_compare.collector.protocol import LaneOrder
from ostream_compare.domain.key_owners import foreign_host
from ostream_compare.domain.preset import Preset, Provider
from ostream_compare.domain.safe_text import clean_line, without_keys

COMMAND_LIMIT = 10.0
"""Seconds that a command of `api_key_cmd` may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What looking for a provider's key gave; both are `None` where none is needed."""

    value: str | None = field(default=None, repr=False)
    missing: str | None = None
    """Why there is none, and the remedy."""
    kind: Literal["missing_key", "insecure"] = "missing_key"
    """Whether there is none, or it must not be sent."""


def order_lanes(
    presets: Sequence[Preset],
    environ: Mapping[str, str],
    *,
    lanes: Sequence[int] | None = None,
    found: dict[Provider, Key] | None = None,
    limit: float = COMMAND_LIMIT,
    trusted: bool = False,
) -> tuple[LaneOrder, ...]:
    """The calls of a run, one a preset, each with its provider's key or with the reason why it has none.

    It may wait for commands, so it has no place on an event loop.

    Args:
        presets: One a lane.
        environ: Where `api_key_env` is looked up, and what `api_key_cmd` runs with.
        lanes: Only these indexes into `presets` (a rerun); all by default.
        found: Keys of earlier orders, by provider; those that are found now are added.
        limit: Seconds for each command.
        trusted: Whether the user allowed well-known keys for the addresses of this file.
    """
    known = {} if found is None else found
    refused: dict[Provider, Key] = {}
    orders: list[LaneOrder] = []
    for lane in range(len(presets)) if lanes is None else lanes:
        provider = presets[lane].provider
        key = known.get(provider) or refused.get(provider)
        if key is None:
            key = find_key(provider, environ, limit=limit, trusted=trusted)
            (refused if key.missing else known)[provider] = key
        orders.append(
            LaneOrder(
                lane=lane,
                preset=presets[lane],
                key=key.value,
                missing_key=key.missing,
                missing_kind=key.kind,
            )
        )
    return tuple(orders)


def find_key(
    provider: Provider, environ: Mapping[str, str], *, limit: float = COMMAND_LIMIT, trusted: bool = False
) -> Key:
    """The key of one provider; a well-known variable's goes to its owner alone, unless trusted."""
    if provider.kind == "demo" or not provider.needs_key:
        return Key()
    host = plain_http_host(provider.base_url)
    if host is not None:
        where = clean_line(host)
        why = f"the key of {provider.name} is not sent over plain http to {where}: use https"
        return Key(missing=why, kind="insecure")
    if provider.api_key_env is not None:
        name = provider.api_key_env
        value = environ.get(name, "").strip()
        if not value:
            return Key(missing=f"{name} is not set: export {name}=... and start again")
        stranger = None if trusted else foreign_host(name, provider.base_url or "")
        if stranger is not None:
            where = clean_line(stranger)
            why = f"{name} is not the key of {where}: give it a variable of its own, or allow it with --trust"
            return Key(missing=why, kind="insecure")
        return _usable(value, name)
    assert provider.api_key_cmd is not None
    return _from_command(provider.api_key_cmd, environ, limit)


def command_of(provider: Provider) -> str | None:
    """The command that prints the key of this provider, as one would type it: cleaned; if there is one."""
    return without_keys(clean_line(shlex.join(provider.api_key_cmd))) if provider.api_key_cmd else None


def key_commands(presets: Iterable[Preset]) -> dict[str, str]:
    """The commands that runs of `presets` start for keys, each with the names of its providers; cleaned."""
    names: dict[str, dict[str, None]] = {}
    for preset in presets:
        command = command_of(preset.provider)
        if command is not None:
            names.setdefault(command, {})[clean_line(preset.provider.name)] = None
    return {command: ", ".join(providers) for command, providers in names.items()}


def plain_http_host(url: str | None) -> str | None:
    """The host of `url` if what is sent there can be read on the way: http, and not to this machine."""
    try:
        parts = urlsplit(url or "")
        host = parts.hostname or ""
    except ValueError:  # not a URL; whatever it is, no key goes there
        return url
    if parts.scheme != "http":
        return None
    return None if is_loopback(host) else host


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: no proxy has a say, and what is sent there stays unread."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def _usable(value: str, source: str) -> Key:
    """A key goes into a header, so only visible ASCII will do."""
    if value.isascii() and value.isprintable() and " " not in value:
        return Key(value=value)
    return Key(
        missing=f"the key from {source} has characters that cannot be sent: check for spaces or quotes"
    )


def _from_command(command: tuple[str, ...], environ: Mapping[str, str], limit: float) -> Key:
    name = without_keys(clean_line(shlex.join(command)))
    if not command:
        return Key(missing="api_key_cmd is empty: name a command that prints the key")
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own command, run without a shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environ),
            start_new_session=True,  # ended with everything that it started
        )
    except OSError as error:
        return Key(missing=f"`{name}` could not be run: {error.strerror or error}")
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        _kill_group(process)
        process.communicate()
        return Key(missing=f"`{name}` printed no key within {limit:g} s")
    except BaseException:  # ctrl+c among them: the command does not outlive us
        _kill_group(process)
        raise
    if process.returncode != 0:
        said = clean_line(err.decode("utf-8", "replace").strip().rpartition("\n")[2])
        return Key(missing=f"`{name}` ended with code {process.returncode}" + (f": {said}" if said else ""))
    first, *_ = out.decode("utf-8", "replace").strip().splitlines() or [""]
    return _usable(first.strip(), f"`{name}`") if first else Key(missing=f"`{name}` printed nothing")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
