import pytest

from export.test_formats import comparison
from ostream_compare.domain.comparison import SavedPrompt, SavedTurn
from ostream_compare.export.formats import export, read

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
