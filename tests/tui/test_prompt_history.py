import pytest

from ostream_compare.tui.prompt_history import PromptHistory


def walk(history, text, keys):
    """What the box shows after each key, `^` up or `v` down."""
    seen = []
    for key in keys:
        found = history.older(text) if key == "^" else history.newer(text)
        text = text if found is None else found
        seen.append(text)
    return seen


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        ("^", ["c"]),
        ("^^^^", ["c", "b", "a", "a"]),
        ("^^v", ["c", "b", "c"]),
        ("^^vv", ["c", "b", "c", ""]),
        ("^v^", ["c", "", "c"]),
        ("v", [""]),
        ("^vv", ["c", "", ""]),
    ],
)
def test_up_and_down_from_an_empty_box(keys, seen):
    history = PromptHistory()
    history.load(["a", "b", "c"])
    assert walk(history, "", keys) == seen


def test_a_text_that_is_being_written_stays():
    history = PromptHistory()
    history.load(["a"])
    assert walk(history, "mine", "^v") == ["mine", "mine"]
    assert history.older("") == "a"
    assert walk(history, "a, changed", "^v") == ["a, changed", "a, changed"]


def test_a_text_that_was_put_there_comes_back():
    history = PromptHistory()
    history.put("of the file")
    history.load(["a", "b"])
    assert walk(history, "of the file", "^^vv") == ["b", "a", "b", "of the file"]


def test_up_after_sending_leads_past_what_stands_there():
    history = PromptHistory()
    history.load(["a", "b"])
    history.add("a")
    assert walk(history, "a", "^^") == ["b", "b"]


def test_what_had_to_make_room_is_found_first():
    history = PromptHistory()
    history.load(["a"])
    history.keep("half written")
    history.put("picked")
    assert walk(history, "picked", "^^") == ["half written", "a"]


def test_earlier_sessions_come_before_this_one_whenever_they_are_read():
    history = PromptHistory()
    history.add("b")
    assert history.older("b") is None
    history.add("c")
    history.load(["a", "b"])
    history.put("")
    assert walk(history, "", "^^^^") == ["c", "b", "a", "a"]


def test_what_the_user_wrote_elsewhere_is_not_replaced():
    history = PromptHistory()
    history.load(["a"])
    history.put(None)
    assert history.older("from the editor") is None
