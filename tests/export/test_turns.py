import pytest

from export.test_formats import comparison
from ostream_compare.domain.comparison import SavedPrompt, SavedTurn
from ostream_compare.export.formats import export, read
from ostream_compare.export.plain import conclusion
from ostream_compare.export.text import to_text

TURNS = [
    SavedTurn(run="r1", user="# first <b>\x1b[31m", answers={"Swift": "a"}, left_out={"Flaky": "it failed"}),
    SavedTurn(run="r2", user="second", answers={"Swift": "b"}),
]
SAVED = comparison().model_copy(
    update={"prompts": [SavedPrompt(user="third", system="be kind", follows="r2", turns=TURNS)]}
)


def test_markdown_quotes_the_questions_before_the_last_one():
    lines = export(SAVED, "md").splitlines()
    quoted = [line for line in lines if line.startswith((">", "Turn"))][:7]
    first, second = lines.index("Turn 1, run r1:"), lines.index("Turn 2, run r2:")
    assert first < second < next(place for place, line in enumerate(lines) if "third" in line)
    assert any("# first" in line for line in quoted)
    assert "\x1b" not in export(SAVED, "md")


@pytest.mark.parametrize("kind", ["toml", "json"])
def test_a_conversation_is_read_back(kind):
    assert read(export(SAVED, kind), kind) == SAVED


@pytest.mark.parametrize("kind", ["text", "md", "html", "plain"])
def test_it_is_told_who_was_not_sent_a_turn_and_what_the_others_had_answered(kind):
    answered = [response.model_copy(update={"name": "New"}) for response in SAVED.responses[:1]]
    saved = SAVED.model_copy(update={"responses": [*SAVED.responses, *answered], "summary": []})
    writers = {"text": to_text, "plain": conclusion}
    said = writers[kind](saved) if kind in writers else export(saved, kind)
    told = [
        "not sent to Flaky: it failed",
        "not sent to New: it was not asked",
        "not sent to Flaky, New: it was not asked",
    ]
    places = [said.find(words) for words in told]
    assert -1 < places[0] == min(places)
    assert max(places) == places[2]
    assert said.count("not sent to") == len(told)
    if kind in {"md", "html"}:
        answers = ("> a\n", "> b\n") if kind == "md" else (">a</div>", ">b</div>")
        assert places[0] < said.find(answers[0]) < said.find(answers[1]) < said.find("third")
