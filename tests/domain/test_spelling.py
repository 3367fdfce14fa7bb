import json
import tomllib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostream_compare.domain.comparison import (
    Comparison,
    Response,
    SavedCost,
    SavedError,
    SavedPrompt,
    SavedToolCall,
    SavedUsage,
    Summary,
    Timing,
    Vote,
)
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.safe_text import clean
from ostream_compare.domain.spelling import from_json, from_toml, to_json, to_toml, whole

SPELLINGS = pytest.mark.parametrize(("spell", "read"), [(to_toml, from_toml), (to_json, from_json)])


def comparison_with(text, number=1.5):
    return Comparison(
        id="20261122-073012-4f2a",
        started_at=datetime(2026, 11, 22, 7, 30, 12, 123456, tzinfo=UTC),
        program_version="0.1.0",
        demo=True,
        prompts=[SavedPrompt(user=text, variables={"key " + text: text})],
        responses=[
            Response(
                name=text,
                provider="p",
                model="../" + text,
                state="failed",
                content=text,
                reasoning=text + "\n" + text,
                warnings=[text],
                error=SavedError(kind="auth", message=text, retry_after=number),
                tool_calls=[SavedToolCall(id="1", name=text, arguments=text)],
                timing=Timing(ttft_ms=number, bursts=0),
                usage=SavedUsage(input_tokens=0, source="api"),
                cost=SavedCost(total_usd="0.0000000001", source="preset", bound="exact"),
            ),
            Response(name="B", provider="p", model="m", state="complete"),
        ],
        votes=[Vote(winner=text)],
        summary=[Summary(name=text, n=1, failures=1)],
    )


HOSTILE = [
    "",
    "plain",
    "\x1b]52;c;YQ==\x07",
    "".join(chr(code) for code in range(0x20)) + "\x7f",
    "".join(chr(code) for code in range(0x80, 0xA0)),
    "\u202eevil\u202c \u2066x\u2069 \U000e0041 \u2028\u2029",
    "quotes \"\"\" and ''' and \\ and \\u0000",
    "line\r\nline\rline\nline\n",
    '\n"""\n\\\n',
    "=cmd|' /C calc'!A0",
    "\U0001f600 漢字 é e\u0301",
    "\ufeff\ufffe\uffff",
]


@SPELLINGS
@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_spelled_is_read_back_unchanged(spell, read, text):
    saved = comparison_with(text)
    document = spell(saved)
    assert read(document) == saved
    assert clean(document) == document, "a terminal must not obey the file"


@SPELLINGS
@given(text=st.text(), number=st.floats())
def test_any_text_and_number_survives_as_far_as_a_file_can_hold_it(spell, read, text, number):
    saved = comparison_with(text, number)
    assert read(spell(saved)) == whole(saved)


def test_a_lone_surrogate_and_a_number_that_is_none_are_repaired():
    saved = whole(comparison_with("a\udcffb", float("nan")))
    assert saved.responses[0].content == "a\ufffdb"
    assert saved.responses[0].timing.ttft_ms is None
    assert saved.prompts[0].variables == {"key a\ufffdb": "a\ufffdb"}


def test_unknown_is_left_out_in_toml_and_null_in_json():
    saved = comparison_with("x")
    in_toml = tomllib.loads(to_toml(saved))["responses"][1]
    in_json = json.loads(to_json(saved))["responses"][1]
    assert "served_model" not in in_toml
    assert "output_tokens" not in in_toml["usage"]
    assert in_json["served_model"] is None
    assert in_json["usage"]["output_tokens"] is None
    assert tomllib.loads(to_toml(saved))["responses"][0]["usage"]["input_tokens"] == 0


def test_an_answer_of_many_lines_stays_readable_in_toml():
    assert "\nfirst\nsecond\n" in to_toml(comparison_with("\nfirst\nsecond\n"))


@pytest.mark.parametrize(
    ("read", "text", "why"),
    [
        (from_toml, "= 1", "not TOML"),
        (from_json, "{", "not JSON"),
        (from_json, '{"version": NaN}', "NaN is no number"),
        (from_json, "[]", "this is no saved comparison (give what -o or s wrote"),
        (from_json, "[" * 100_000, "not JSON: it is nested too deeply"),
        (from_toml, "a = " + "[" * 100_000, "not TOML: it is nested too deeply"),
        (from_toml, "a = " + "9" * 5000, "not TOML: Exceeds the limit"),
        (from_json, "9" * 5000, "not JSON: Exceeds the limit"),
        (from_toml, "", "this file is empty (give"),
        (from_toml, '[[models]]\nname = "A"', "this is a configuration, and no saved comparison (give"),
        (from_json, '{"user": "{who}", "variables": {"who": 1}}', "this is no saved comparison"),
        (from_toml, "version = 2", "newer version"),
        (from_toml, "version = 1", "this is no saved comparison (give what -o or s wrote as TOML or JSON"),
    ],
)
def test_what_is_no_comparison_is_refused_by_name(read, text, why):
    with pytest.raises(UserError) as refused:
        read(text, path="saved.file")
    assert why in str(refused.value)
    assert str(refused.value).startswith("saved.file: ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": None}, "saved.json: id: must be text"),
        ({"started_at": "noon"}, "saved.json: started_at: must be a time, such as 2026-11-22T07:30:00Z"),
        ({"prompts": {}}, "saved.json: prompts: must be a list"),
        ({"prompts": [{"user": "hi"}, {"user": 1}]}, "saved.json: prompts[1].user: must be text"),
        ({"prompts": [1]}, "saved.json: prompts[0]: must be a table"),
        ({"prompts": [{}]}, "saved.json: prompts[0].user: is missing"),
        ({"rounds": 1.5}, "saved.json: rounds: must be a whole number"),
        ({"demo": "perhaps"}, "saved.json: demo: must be a valid boolean, unable to interpret input"),
        ({"prompts": [{}] * 9}, "saved.json: and 4 more of this kind"),
    ],
)
def test_what_is_wrong_in_a_comparison_is_named_in_words(change, said):
    data = json.loads(to_json(comparison_with("x"))) | change
    with pytest.raises(UserError) as refused:
        from_json(json.dumps(data), path="saved.json")
    assert str(refused.value).splitlines()[-1] == said


def test_fields_of_a_later_minor_version_are_read_over():
    saved = comparison_with("x")
    data = json.loads(to_json(saved)) | {"weather": "fine"}
    assert from_json(json.dumps(data)) == saved
