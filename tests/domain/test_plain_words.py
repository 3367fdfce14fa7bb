import re
from pathlib import Path

import pytest

import ostream
from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Response, SavedError
from ostream_compare.domain.plain_words import (
    LIMIT_WORDS,
    WARNINGS,
    ending_words,
    error_words,
    is_limited,
    warnings_of,
)


def response(**more):
    return Response(**{"name": "A", "provider": "p", "model": "m", "state": "complete"} | more)


def test_every_code_that_the_library_warns_with_has_words():
    sources = Path(ostream.__file__).parent.glob("*.py")
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    codes = set(re.findall(r'(?:warn|note)\("(\w+)"\)', text))
    codes |= set(re.findall(r'warnings\s*=\s*\(\*?(?:warnings, )?"(\w+)"', text))
    codes |= {"lenient_json", "bad_unicode", "usage_odd"}
    assert codes == set(WARNINGS)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            "no connection: [Errno 111] Connect call failed ('127.0.0.1', 9)",
            "no connection: nothing answers at 127.0.0.1 port 9",
        ),
        ("[Errno 111] Connect call failed ('::1', 9, 0, 0)", "nothing answers at ::1 port 9"),
        ("[Errno -2] Name or service not known", "Name or service not known"),
        ("wrong key", "wrong key"),
    ],
)
def test_errors_have_no_numbers_of_the_system(message, words):
    assert error_words(SavedError(kind="connect", message=message)) == words


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        ("retry_after:2.0", "the server asks to wait 2 s"),
        ("retry_after:0.5", "the server asks to wait 0.5 s"),
        ("retry_after:119.0", "the server asks to wait 119 s"),
        ("retry_after:7199.0", "the server asks to wait 120 min"),
        ("retry_after:99999.0", "the server asks to wait 28 hours"),
        ("retry_after:200000.0", "the server asks to wait 2 days"),
        ("retry_after:2300871848.7", "the server asks to wait more than a year"),
        ("wrong_path", "the path of base_url looks wrong: most end in /v1"),
        ("unsupported_param:top_k", "the server does not know the parameter top_k: leave it out"),
        ("set the variable MY_KEY", "set the variable MY_KEY"),
    ],
)
def test_hints_are_words(hint, words):
    error = SavedError(kind="not_found", message="no", hint=hint)
    failed = response(state="failed", error=error)
    assert figures.explain(failed) == f"no ({words}; M leaves it out)"
    assert figures.explain(failed, alone=True) == f"no ({words})"


def test_a_count_that_came_too_late_says_how_long_it_was_waited_for():
    waited = "nothing more came within 2.5 s after the finish reason, so usage is unknown (timeout.grace)"
    assert warnings_of(response(content="Y", warnings=["no_done", "usage_late:2.5"])) == [waited]
    assert warnings_of(response(content="Y", warnings=["no_done"])) == [WARNINGS["no_done"]]


def test_an_answer_at_its_limit_says_so_once_and_a_broken_one_does_not():
    cut = response(finish_reason="length", warnings=["cut_by_length", "usage_absent", "as it stands"])
    assert warnings_of(cut) == [LIMIT_WORDS, WARNINGS["usage_absent"], "as it stands"]
    assert is_limited(response(finish_reason="length"))
    assert not is_limited(response(finish_reason="stop"))
    assert not is_limited(response(finish_reason="length", state="failed"))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"content": "Yes."}, ""),
        ({"content": "Y", "finish_reason": "length"}, LIMIT_WORDS),
        ({"refusal": "No."}, "the model refused to answer"),
        (
            {"content": "Y", "finish_reason": "content_filter"},
            "the provider's content filter ended the answer",
        ),
        (
            {"tool_calls": [{"id": "1", "name": "look", "arguments": "{}"}]},
            "calls a tool; tools are not run here",
        ),
        ({"content": " \n"}, "the answer is empty"),
        ({"state": "failed"}, ""),
    ],
)
def test_a_whole_answer_without_a_text_says_what_it_is(said, words):
    response = Response.model_validate(
        {"name": "a", "provider": "p", "model": "m", "state": "complete", **said}
    )
    assert ending_words(response) == words
