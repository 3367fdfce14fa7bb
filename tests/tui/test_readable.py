"""Text stands out from what it stands on, in every theme that has colours of its own."""

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from ostream_compare.tui.readable import contrast, readable
from tui.harness import Stage, play
from tui.snapshots.scenes import SCENES, Clock

LEGIBLE = 4.5
COLOURED = [name for name, theme in BUILTIN_THEMES.items() if not theme.ansi]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54)],
)
def test_contrast_is_that_of_wcag(one, other, expected):
    assert contrast(Color.parse(one), Color.parse(other)) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("name", COLOURED)
def test_texts_of_every_theme_stand_out(name):
    theme = BUILTIN_THEMES[name]
    colors = readable({**theme.to_color_system().generate(), **theme.variables})
    grounds = [Color.parse(colors[ground]) for ground in ("background", "surface", "panel")]
    for token in ("text-success", "text-warning", "text-error", "text-accent", "text-primary"):
        text = Color.parse(colors[token])
        assert min(contrast(text, ground) for ground in grounds) >= LEGIBLE, token
    key = Color.parse(colors["footer-key-foreground"])
    assert contrast(key, Color.parse(colors["footer-background"])) >= LEGIBLE


def test_what_can_be_read_and_the_terminals_own_colours_stay_as_they_are():
    own = {
        "surface": "#000000",
        "foreground": "#ffffff",
        "text-error": "#ff9999",
        "text-success": "ansi_green",
    }
    assert readable(own) == own | {"text-error": "#FF9999"}


def hardly_legible(stage: Stage) -> set[str]:
    """The texts on the screen that do not stand out."""
    found = set[str]()
    for strip in stage.app.screen._compositor.render_strips():
        for text, style, _ in strip:
            if style is None or style.color is None or style.bgcolor is None:
                continue
            front, back = style.color.triplet, style.bgcolor.triplet
            if any(map(str.isalnum, text)) and front is not None and back is not None:
                colors = Color(*front), Color(*back)
                if contrast(*colors) < LEGIBLE:
                    found.add(f"{text.strip()}: {colors[0].hex} on {colors[1].hex}")
    return found


@pytest.mark.parametrize("name", ["done_and_failed", "results", "toasts", "diff_of_words"])
def test_every_text_of_a_screen_stands_out_after_a_change_of_the_theme_too(name, tmp_path):
    scene, clock = SCENES[name], Clock()

    async def perform(stage: Stage) -> None:
        await scene.play(stage, clock)
        for theme in ("textual-light", "textual-dark"):
            stage.app.theme = theme
            await stage.until(lambda: not hardly_legible(stage), f"{hardly_legible(stage)}")

    play(
        perform,
        tmp_path / "results",
        configuration=scene.configuration(),
        size=(120, 40),
        start_now=scene.start_now,
        machine=scene.machine(tmp_path, clock),
    )
