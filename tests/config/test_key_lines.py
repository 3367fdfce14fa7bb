"""Keys are found in the lines where they stand, whatever else looks like a key."""

import tomllib
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from ostream_compare.config.key_lines import KeyLines

TRICKY = '''\
# a = 1
title = "a = 1" # b = 2
text = """
fake = 1
[fake.table]
\\""" still = 2
two quotes at the end"""""
raw = \'\'\'
fake = "1"\'\'\'
"quoted key".'x.y'."\\u0061" = 1
a.b . c = 07:32:00
when = 1979-05-27 07:32:00 # a date
array = [ # [
  1, "]", # ]
  [2, 3],
  { x = "}", y = { z = 1 } },
]
inline = { one = 1, two.three = 'a, b = 2', when = 1979-05-27 07:32:00, four = [ "{" ] }
[late.inner]
k = 1
[late]
k = 2
[[models]]
name = "first"
[models.timeout]
idle = 1
[[models]]
name = "second"
[[models.deep]]
x = 1
[[models.deep]]
x = 2
'''

LINES = [
    (("title",), 2),
    (("text",), 3),
    (("raw",), 8),
    (("quoted key", "x.y", "a"), 10),
    (("a", "b", "c"), 11),
    (("when",), 12),
    (("array",), 13),
    (("array", 1), 14),
    (("array", 2, 0), 15),
    (("array", 3, "y", "z"), 16),
    (("inline", "two", "three"), 18),
    (("inline", "four", 0), 18),
    (("late", "inner", "k"), 20),
    (("late",), 21),
    (("late", "k"), 22),
    (("models", 0), 23),
    (("models", 0, "timeout", "idle"), 26),
    (("models", 0, "not there"), 23),
    (("models", 1, "name"), 28),
    (("models", 1, "deep", 1), 31),
    (("models", 1, "deep", 1, "x"), 32),
    (("fake",), None),
    ((), None),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(("path", "line"), LINES)
def test_a_key_is_found_in_its_line(path: tuple[str | int, ...], line: int | None, newline: str):
    assert KeyLines(TRICKY.replace("\n", newline)).of(path) == line


def shape(value: Any) -> Any:
    """A table or an array of anything by its keys alone."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return {index: shape(item) for index, item in enumerate(value)}
    return {}


def scanned(node: Any) -> Any:
    return {key: scanned(child) for key, child in node.children.items()}


def test_the_tricky_text_has_the_keys_that_tomllib_finds():
    assert scanned(KeyLines(TRICKY)._root) == shape(tomllib.loads(TRICKY))


TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12
) | st.sampled_from(["a = 1\n[b]\n", '"""', "'''", "\\", '"', "#", "x]y}z,", "a\n'''\n[c]"])
VALUES = st.recursive(
    TEXTS | st.integers(-9, 9) | st.booleans() | st.floats(allow_nan=False) | st.datetimes() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.booleans())
def test_any_text_has_the_keys_that_tomllib_finds(table: dict[str, Any], multiline: bool):
    text = tomli_w.dumps(table, multiline_strings=multiline)
    assert scanned(KeyLines(text)._root) == shape(tomllib.loads(text))
