"""Reasoning inside the answer: only a leading tag counts, at any split."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostream.think import ThinkSplitter


def separated(*pieces: str) -> tuple[str, str]:
    """Answer and reasoning."""
    splitter = ThinkSplitter()
    found = [*map(splitter.feed, pieces), splitter.flush()]
    return "".join(answer for answer, _ in found), "".join(reasoning for _, reasoning in found)


@pytest.mark.parametrize(
    ("text", "answer", "reasoning"),
    [
        ("Hello", "Hello", ""),
        ("<think>why</think>Hello", "Hello", "why"),
        ("<think>\nwhy\n\nso\n</think>\n\nHello\n", "Hello\n", "why\n\nso"),
        ("\n <think>why</think>Hello", "Hello", "why"),
        ("<think></think>Hello", "Hello", ""),
        ("<think>\n\n</think>\n\nHello", "Hello", ""),
        ("<think>why", "", "why"),
        ("<think>a < b </ c </thin", "", "a < b </ c </thin"),
        ("<think>a</thinking>b</think>c", "c", "a</thinking>b"),
        ("<think>a<think>b</think>c</think>d", "c</think>d", "a<think>b"),
        ("Hi <think>why</think>", "Hi <think>why</think>", ""),
        ("why</think>Hello", "why</think>Hello", ""),
        ("<thinker>x", "<thinker>x", ""),
        ("<THINK>x</THINK>", "<THINK>x</THINK>", ""),
        ("<thi", "<thi", ""),
        ("  ", "  ", ""),
        ("  Hello", "  Hello", ""),
        ("<think>why</think>  ", "", "why"),
        ("", "", ""),
    ],
)
def test_a_text_at_every_split(text: str, answer: str, reasoning: str) -> None:
    assert separated(text) == (answer, reasoning)
    assert separated(*text) == (answer, reasoning)
    for first, second in itertools.combinations_with_replacement(range(len(text) + 1), 2):
        assert separated(text[:first], text[first:second], text[second:]) == (answer, reasoning)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "</th", "ink>", "a", " ", "\n"])), st.data())
def test_any_text_at_any_split(tokens: list[str], data: st.DataObject) -> None:
    text = "".join(tokens)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in itertools.pairwise([0, *cuts, len(text)])]
    assert separated(*pieces) == separated(text)


def test_text_is_given_out_as_soon_as_it_is_certain() -> None:
    splitter = ThinkSplitter()
    pieces = ("<th", "ink>wh", "y <", "b", "</think>", "\n", "Hi", " <think>")
    assert [splitter.feed(piece) for piece in pieces] == [
        ("", ""), ("", "wh"), ("", "y"), ("", " <b"), ("", ""), ("", ""), ("Hi", ""), (" <think>", ""),
    ]  # fmt: skip
    assert splitter.is_plain
