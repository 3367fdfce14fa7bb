import pytest

from tui.fake_collector import config
from tui.harness import Stage, play


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_header_says_what_was_asked_once_the_box_has_something_else(size, tmp_path):
    async def scene(stage: Stage) -> None:
        for lane in range(2):
            stage.fake.end(lane, "Locks.")
        await stage.ended()
        first = lambda: stage.screen_text().splitlines()[0]  # noqa: E731 - read anew each time
        assert "answers to" not in first()
        await stage.press("i", "X")
        await stage.until(lambda: 'answers to "Explain mu' in first())
        assert "2/2 done" in first()
        await stage.press("backspace")
        await stage.until(lambda: "answers to" not in first())

    play(scene, tmp_path, size=size, configuration=config("Swift", "Careful"))
