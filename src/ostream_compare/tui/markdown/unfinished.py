"""The end of a text that is being written: emphasis, code and links that are open there are closed. Pure."""

import re
from typing import NamedTuple

UNFINISHED = "https://unfinished.invalid/"
"""Stands for an address that is being written: nobody is led to half of one."""
_SPENT = "]"
"""Stands for a bracket that encloses a link, so that it begins none: links do not nest."""
_BRACKETS = ("[", "![", _SPENT)
_REACH = 160
"""Characters from an opening mark to the end; what is open for longer was no mark."""
_LONGEST_MARK = 8
_MOST = 6
"""Marks that are open at once; with more of them it is no prose."""
_FAR_TOO_MANY = 4 * _MOST
"""Marks that are open at once anywhere in a text; each mark looks through them for its counterpart."""
_LONGEST = 4_000
"""Characters of a text that is looked through."""
_MARK = re.compile(r"\\.|``*|\*\**|__*|~~|!\[|\[|\]\(|\]", re.DOTALL)
"""Each alternative begins with a character: so plain text is passed over quickly."""
_HELD = re.compile(r"(?:\*+|(?<!_)_+|~+|!?\[|\\)\Z")
"""Marks at the very end: what they are, only the next character tells."""


class _Open(NamedTuple):
    mark: str
    at: int


def closed(source: str) -> str:
    """`source` with the marks closed that are open at its end; a mark at the very end is held back."""
    if len(source) > _LONGEST or _MARK.search(source) is None:
        return source
    opened: list[_Open] = []
    after = 0
    for found in _MARK.finditer(source):
        if found.start() < after:
            continue
        if len(opened) > _FAR_TOO_MANY:
            return source
        mark, end = found[0], found.end()
        if mark[0] == "`":
            close = re.compile(rf"(?<!`){mark}(?!`)").search(source, end)
            if close is None:
                return _with_code(source, found, opened)
            after = close.end()
        elif mark == "](":
            after = source.find(")", end) + 1
            if _end_link(opened) and not after:
                return _ended(source, source[:end] + UNFINISHED + ")", opened)
        elif end < len(source):
            _note(source, found, opened)
    held = _HELD.search(source, max(0, len(source) - _LONGEST_MARK))
    return _ended(source, source[: held.start()] if held else source, opened)


def _note(source: str, found: re.Match[str], opened: list[_Open]) -> None:
    """Emphasis that a mark begins or ends, or a bracket."""
    mark, before, behind = found[0], source[found.start() - 1 : found.start()], source[found.end()]
    if mark[0] == "\\":
        return
    if mark.endswith("["):
        opened.append(_Open(mark, found.start()))
    elif mark == "]":
        _drop_bracket(opened)
    else:
        left = _end_emphasis(mark, opened) if before and not before.isspace() else mark
        in_word = before.isascii() and before.isalnum()
        if left and not behind.isspace() and not in_word:
            opened.append(_Open(left, found.start()))


def _end_emphasis(mark: str, opened: list[_Open]) -> str:
    """What is left of a mark that ends the last emphasis of its kind."""
    place = next((at for at in range(len(opened) - 1, -1, -1) if opened[at].mark[0] == mark[0]), None)
    if place is None:
        return mark
    before = opened[place]
    del opened[place:]
    if len(before.mark) > len(mark):
        opened.append(_Open(before.mark[len(mark) :], before.at))
    return mark[len(before.mark) :]


def _drop_bracket(opened: list[_Open]) -> str | None:
    """The last bracket, which is open no longer."""
    place = next((at for at in range(len(opened) - 1, -1, -1) if opened[at].mark in _BRACKETS), None)
    return None if place is None else opened.pop(place).mark


def _end_link(opened: list[_Open]) -> bool:
    """Whether the last bracket begins a link or an image; what encloses a link begins none then."""
    begun = _drop_bracket(opened)
    for place in range(len(opened) - 1, -1, -1) if begun == "[" else ():
        mark, at = opened[place]
        if mark == "![":
            break  # a description may hold links
        if mark == "[":
            opened[place] = _Open(_SPENT, at)
    return begun in ("[", "![")


def _with_code(source: str, found: re.Match[str], opened: list[_Open]) -> str:
    """Code that is open at the end."""
    content = source[found.end() :].rstrip("`")
    if len(content) > _REACH:
        return source
    shown = source[: found.end()] + content + found[0] if content.strip() else source[: found.start()]
    return _ended(source, shown, opened)


def _ended(source: str, shown: str, opened: list[_Open]) -> str:
    """`shown`, with the emphasis closed that was opened near its end."""
    if len(opened) > _MOST:
        return source
    marks = [
        mark
        for mark, at in opened
        if mark not in _BRACKETS and len(source) - at <= _REACH and at + len(mark) < len(shown)
    ]
    return shown.rstrip() + "".join(reversed(marks)) if marks else shown
