"""Tool calls from their fragments: merged by index, with the id as the fallback. Pure."""

import bisect
from dataclasses import dataclass, field
from typing import Any

import jiter

from ostream.delta import ToolFragment
from ostream.json_text import finite, repaired
from ostream.text_field import TextField


@dataclass(slots=True, eq=False)
class ToolCall:
    """One call as far as it has come in."""

    index: int | None
    id: str | None = None
    name: str | None = None
    text: TextField = field(default_factory=TextField)
    """The arguments' JSON text."""
    length: int = 0
    """Characters in `text`."""
    extra: dict[str, Any] = field(default_factory=dict[str, Any])
    legacy: bool = False
    finished: bool = False
    """It was given out as finished."""
    _depth: int = 0
    _in_string: bool = False
    _escaped: bool = False
    _closed: bool = False

    @property
    def arguments(self) -> str:
        """The arguments' JSON text so far."""
        return str(self.text)

    @property
    def is_closed(self) -> bool:
        """Whether the arguments' outermost bracket was closed: nothing can follow it."""
        return self._closed

    def add(self, text: str) -> str:
        """Append a piece of the arguments, linear in all that is added; returns what became visible."""
        text = self.text.add(text)
        self.length += len(text)
        for char in text:
            if self._in_string:
                if self._escaped:
                    self._escaped = False
                elif char == "\\":
                    self._escaped = True
                elif char == '"':
                    self._in_string = False
            elif char == '"':
                self._in_string = True
            elif char in "{[":
                self._depth += 1
            elif char in "}]":
                self._depth -= 1
                self._closed = self._depth <= 0
        return text


def _index_of(call: ToolCall) -> int:
    return call.index or 0


class ToolMerger:
    """The calls of one choice, in the order of the server's indexes."""

    __slots__ = ("_by_id", "_came", "_given", "_latest", "_order")

    def __init__(self) -> None:
        self._came: list[ToolCall] = []
        self._order: list[ToolCall] = []
        """By index; those that came, where one has no index."""
        self._given = 0
        """So many of the first calls are closed and were told."""
        self._latest: dict[int | None, ToolCall] = {}
        self._by_id: dict[str, ToolCall] = {}

    def __bool__(self) -> bool:
        return bool(self._order)

    def __len__(self) -> int:
        return len(self._order)

    @property
    def calls(self) -> list[ToolCall]:
        """All calls; by index where every call has one, else as they came."""
        return list(self._order)

    def newly_closed(self) -> list[ToolCall]:
        """Calls that can be given out now, marked so: in order, up to the first that may still grow."""
        fresh: list[ToolCall] = []
        while self._given < len(self._order) and (call := self._order[self._given]).is_closed:
            if not call.finished:
                call.finished = True
                fresh.append(call)
            self._given += 1
        return fresh

    def settled_length(self) -> int:
        """Characters of all arguments, the pieces of which are joined."""
        return sum(len(call.arguments) for call in self._order)

    def _place(self, call: ToolCall) -> None:
        """Take up a new call."""
        self._came.append(call)
        if call.index is not None and self._order is not self._came:
            at = bisect.bisect_right(self._order, call.index, key=_index_of)
            self._order.insert(at, call)
            self._given = min(self._given, at)
        elif self._order is not self._came:
            self._order, self._given = self._came, 0

    def add(self, fragment: ToolFragment) -> tuple[ToolCall, str] | None:
        """Merge one fragment: its call and the arguments that it adds, `None` for one that says nothing."""
        call = self._find(fragment)
        if call is None:
            if not (fragment.id or fragment.name or fragment.arguments):
                return None
            call = ToolCall(fragment.index, legacy=fragment.legacy)
            self._place(call)
        self._latest[fragment.index] = call
        resent = fragment.id is not None and fragment.id == call.id and fragment.name == call.name
        if fragment.id:
            call.id = call.id or fragment.id
            self._by_id[fragment.id] = call
        if fragment.name:
            call.name = call.name or fragment.name
        if fragment.raw:
            call.extra.update(fragment.raw)
        if fragment.arguments and not (resent and self._is_repetition(call, fragment.arguments)):
            return call, call.add(fragment.arguments)
        return call, ""

    def _find(self, fragment: ToolFragment) -> ToolCall | None:
        call = self._latest.get(fragment.index)
        if fragment.index is None:
            return self._find_without_index(fragment, call)
        if call is None or not fragment.id or call.id is None or fragment.id == call.id:
            if call is not None and fragment.name and not fragment.id and call.is_closed:
                return None  # an index that is used again, without ids
            return call
        known = self._by_id.get(fragment.id)
        if known is not None and known.index == fragment.index:
            return known
        return None if fragment.name else call

    def _find_without_index(self, fragment: ToolFragment, latest: ToolCall | None) -> ToolCall | None:
        if fragment.id and fragment.id in self._by_id:
            return self._by_id[fragment.id]
        if fragment.id and (latest is None or latest.id is not None):
            return None
        if latest is None or (fragment.name and (latest.is_closed or fragment.name != latest.name)):
            return None
        return latest

    @staticmethod
    def _is_repetition(call: ToolCall, arguments: str) -> bool:
        return call.is_closed and call.length == len(arguments) and call.arguments == arguments


def parse_arguments(text: str, *, partial: bool = False) -> Any:
    """The arguments' JSON text as a value, NaN as null; an empty text is an empty object.

    Raises:
        ValueError: It is not JSON.
    """
    if not text.strip():
        return {}
    data = repaired(text).encode()
    return finite(jiter.from_json(data, partial_mode="trailing-strings" if partial else False))
