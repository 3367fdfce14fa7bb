"""What lies below a dialog is dimmed, whatever the theme."""

import pytest

from tui.harness import Stage, play


def shown(stage: Stage, row: int) -> list[tuple[str, bool]]:
    """Each text of a row, and whether the terminal is asked to dim it."""
    strip = stage.app.screen._compositor.render_strips()[row]
    return [
        (text, bool(style and style.dim)) for text, style, _ in strip if any(sign.isalnum() for sign in text)
    ]


@pytest.mark.parametrize("key", ["question_mark", "M", "f2"])
@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
def test_the_terminals_own_colours_are_dimmed_by_the_terminal(key, theme, tmp_path):
    async def scene(stage: Stage) -> None:
        stage.app.theme = theme
        await stage.pilot.pause()
        assert {dim for _, dim in shown(stage, 0)} == {False}
        await stage.press(key)
        await stage.until(lambda: stage.app.screen is not stage.main)
        await stage.pilot.pause()
        assert {dim for _, dim in shown(stage, 0)} == {True}, "the header lies below"
        dialog = [dim for row in range(3, 20) for _, dim in shown(stage, row)]
        assert False in dialog, "the dialog itself is as bright as ever"
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.main)
        await stage.pilot.pause()
        assert {dim for _, dim in shown(stage, 0)} == {False}

    play(scene, tmp_path)


def test_other_themes_mix_their_colours_instead(tmp_path):
    async def scene(stage: Stage) -> None:
        before = [style.color for _, style, _ in stage.app.screen._compositor.render_strips()[0] if style]
        await stage.press("question_mark")
        await stage.pilot.pause()
        below = stage.app.screen._compositor.render_strips()[0]
        assert not any(style.dim for _, style, _ in below if style)
        assert [style.color for _, style, _ in below if style] != before

    play(scene, tmp_path)
