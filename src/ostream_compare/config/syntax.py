"""What is wrong with a text that is no TOML: where, and what to write instead. Pure."""

import re
from collections.abc import Iterator

from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.safe_text import clean_line

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_NAME = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_HEADER = re.compile(rf"\s*(\[\[?)\s*((?:{_NAME.pattern})(?:\s*\.\s*(?:{_NAME.pattern}))*)\s*\]\]?\s*")
_NO_LINES = re.compile(
    r'''(?P<text>"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5}|\Z)'''
    r"""|'''(?:[^']|'(?!''))*+(?:'{3,5}|\Z))"""
    r'''|"(?:[^"\\\n]|\\.)*"'''
    r"""|'[^'\n]*'|(?P<comment>\#[^\n]*)""",
    re.DOTALL,
)
"""What may hold anything: texts and comments; the last text may be open."""
_KEY = re.compile(r"""\s*(?P<key>[A-Za-z0-9_.-]+|"[^"\n]*"|'[^'\n]*')\s*=""")
_LONG_TEXT = 'text of several lines stands in """'
_LINE = "a line is key = value, a [table] or a # comment"
_TWICE = "a key is given twice"
_REMEDIES = (
    ("Invalid value", 'text stands in quotes: key = "text"'),
    ("Cannot overwrite a value", _TWICE),
    ("Duplicate inline table key", _TWICE),
    ("Cannot declare", "a table is given twice; each table of a list is a [[table]]"),
    ("Cannot mutate", "it was given whole above: keep its keys together"),
    ("Cannot redefine", "it was given whole above: keep its keys together"),
    ("Expected newline", "one key a line"),
    ("Expected '='", _LINE),
    ("Expected ']]'", "a table of a list is [[name]]"),
    ("Expected ']'", "a table is [name]"),
    ("Expected", f"close it with the same quotes; {_LONG_TEXT}"),
    ("Invalid initial character", _LINE),
    ("Invalid statement", _LINE),
    ("Unclosed array", "close it with ]"),
    ("Unclosed inline table", "close it with } in the same line"),
    ("Unterminated string", f"close it with a quote; {_LONG_TEXT}"),
    ("Illegal character '\\n'", f"close it with a quote; {_LONG_TEXT}"),
    ("Illegal character", "write it as \\u and its four hexadecimal digits"),
    ("Found invalid character", "write it as \\u and its four hexadecimal digits"),
    ("Unescaped '\\'", "write \\\\, or put the text into single quotes"),
    ("Escaped character", "\\u takes the four hexadecimal digits of a character"),
    ("Invalid hex value", "\\u takes four hexadecimal digits, \\U eight"),
    ("Invalid date", "a date is 2026-11-22; text stands in quotes"),
    ("Exceeds the limit", "no number is that long; text stands in quotes"),
)
"""By how `tomllib`'s message begins; the first one that fits."""
_ANY = "compare it with what ostream-compare init writes"
_BY_TEXT = (
    ("Invalid value", re.compile(r"true\b|false\b", re.IGNORECASE), "true and false are written small"),
    ("Invalid value", re.compile(r"[+-]?\.\d"), "a number begins with a digit: 0.5"),
    ("Invalid value", re.compile(r"\s*(?:#.*)?$"), "a value is missing or not closed"),
    ("Expected newline", re.compile(r",\s*\d"), "a number has a point, not a comma: 0.5"),
)
"""Better remedies where what stands at the place tells more."""


def syntax_error(error: str, text: str, path: str) -> UserError:
    """`tomllib`'s message as a problem with its place and its remedy."""
    position = _POSITION.search(error)
    message = error[: position.start()] if position else error
    line, column = (int(position[1]), position[2]) if position and position[1] else (None, None)
    if position and line is None:
        line = text.rstrip().count("\n") + 1
    where = f", column {column}" if column else ""
    rest = text.split("\n")[line - 1][int(column) - 1 :] if line and column else ""
    problem = Problem(
        path=path,
        line=line,
        key=None if line is None else _key_at(text, line),
        message=f"this is no TOML: {message}{where}",
        hint=_remedy(message, rest),
    )
    return UserError("The file is no TOML", problem)


def _remedy(message: str, rest: str) -> str:
    exact = (said for beginning, at, said in _BY_TEXT if message.startswith(beginning) and at.match(rest))
    general = (said for beginning, said in _REMEDIES if message.startswith(beginning))
    return next(exact, None) or next(general, _ANY)


def _key_at(text: str, line: int) -> str | None:
    """The key that a line gives, with its table: `models[1].temperature`; `None` if it gives none."""
    *before, own = text.split("\n")[:line]
    lines = _NO_LINES.sub(_without_content, "\n".join([*before, ""])).split("\n")
    given = _KEY.match(lines[-1] or own)
    if given is None:
        return None
    table, counts = "", dict[str, int]()
    for opens, names in _headers(lines):
        table = ""
        for depth, name in enumerate(names, 1):
            table = f"{table}.{name}" if table else name
            if opens == "[[" and depth == len(names):
                counts[table] = counts.get(table, -1) + 1
            if table in counts:
                table = f"{table}[{counts[table]}]"
    return clean_line(f"{table}.{given['key']}" if table else given["key"])


def _without_content(found: re.Match[str]) -> str:
    """A text of several lines as an empty one, a comment as nothing."""
    if found["text"] is not None:
        return '""'
    return found[0] if found["comment"] is None else ""


def _headers(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The brackets and the names of each table's line; a list's lines may look like one."""
    depth = 0
    for line in lines:
        header = _HEADER.fullmatch(line) if depth == 0 else None
        if header is not None:
            yield header[1], _NAME.findall(header[2])
            continue
        bare = _NAME.sub("", line)
        depth += sum((character in "[{") - (character in "]}") for character in bare)
