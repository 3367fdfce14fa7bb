"""A mistake of our own is told in clean lines: what, where, to whom; no key and no value among them."""

import re

import pytest

from ostream_compare import cli, opening
from ostream_compare.collector import child
from ostream_compare.tui import early

KEY = "canary-0123456789abcdef"


def broken(*_arguments):
    answer = "an answer"
    assert answer
    try:
        return {}[f"with {KEY}"]
    except KeyError as cause:
        raise ValueError(f"bad \x1b]0;title\x07 {KEY}\nsk-abcdefghijklmnop x" + "y" * 999) from cause


def told(capsys):
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.splitlines()


@pytest.mark.parametrize("flags", [["validate"], ["--headless"], ["--headless", "-v"]])
def test_a_mistake_is_told_without_values_and_without_keys(monkeypatch, capsys, flags):
    monkeypatch.setattr(cli, "find_config", broken)
    monkeypatch.setenv("MY_API_KEY", KEY)
    assert cli.start(flags) == 70
    first, *places, last = told(capsys)
    assert first.startswith("unexpected ValueError: bad ")
    assert "[key]" in first
    assert len(first) < 400
    assert "report" in last
    every = "\n".join([first, *places])
    assert not re.search(r"canary|sk-abc|[\x00-\x09\x0b-\x1f]|an answer|raise ", every)
    assert any(re.fullmatch(r"    ostream_compare/cli.py:[0-9]+ in start", place) for place in places)
    assert any(re.fullmatch(r"    test_mishap.py:[0-9]+ in broken", place) for place in places)
    assert any(place.startswith("  KeyError: ") for place in places)


def test_a_recursion_is_told_in_few_lines(monkeypatch, capsys):
    def deep(*_arguments):
        return deep()

    monkeypatch.setattr(cli, "find_config", deep)
    assert cli.start(["validate"]) == 70
    assert len(told(capsys)) < 60


def test_the_quick_way_into_the_screen_tells_it_too(monkeypatch, capsys):
    class Process:
        def poll(self):
            return 0

    class Child:
        process = Process()

    monkeypatch.setattr(child, "start_child", lambda hidden: Child())
    monkeypatch.setattr(early, "open_early", broken)
    seen = opening.Glance(path="x", names=(), demo=False, prompt="", hidden=frozenset())
    assert opening.open_plainly(seen) == 70
    assert told(capsys)[0].startswith("unexpected ValueError")


@pytest.mark.parametrize(("interrupt", "code"), [(KeyboardInterrupt(), 130), (SystemExit(7), 7)])
def test_who_interrupts_makes_no_mistake(monkeypatch, capsys, interrupt, code):
    def stopped(*_arguments):
        raise interrupt

    monkeypatch.setattr(cli, "find_config", stopped)
    with pytest.raises(SystemExit) as end:
        cli.start(["validate"])
    assert end.value.code == code
    assert told(capsys) == []
