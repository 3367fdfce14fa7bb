"""Text and frames stand out from what they stand on, in every theme."""

from collections.abc import Iterator
from typing import Any

import pytest
from textual.color import Color
from textual.screen import ModalScreen
from textual.style import Style
from textual.theme import BUILTIN_THEMES

from ostream_compare.tui.readable import contrast, readable
from tui.harness import Stage
from tui.snapshots.scenes import SCENES
from tui.snapshots.stages import Clock

LEGIBLE, IN_SIGHT = 4.5, 3.0
COLOURED = sorted(name for name, theme in BUILTIN_THEMES.items() if not theme.ansi)
OF_THE_TERMINAL = sorted(name for name, theme in BUILTIN_THEMES.items() if theme.ansi)
FRAMES = {*map(chr, range(0x2500, 0x2580)), *"▔▁▏▕▎▌▐▊▍▋▉"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54)],
)
def test_contrast_is_that_of_wcag(one, other, expected):
    assert contrast(Color.parse(one), Color.parse(other)) == pytest.approx(expected, abs=0.01)


def colors_of(name: str) -> dict[str, str]:
    theme = BUILTIN_THEMES[name]
    return readable({**theme.to_color_system().generate(), **theme.variables})


def lowest(colors: dict[str, str], front: str, grounds: tuple[str, ...]) -> float:
    """The least contrast of a text with one of the grounds."""
    found: list[float] = []
    for ground in (Color.parse(colors[name]) for name in grounds):
        value = colors[front]
        if value.startswith("auto "):
            share = float(value.removeprefix("auto ").removesuffix("%")) / 100
            color = ground.blend(ground.get_contrast_text(1), share, alpha=1)
        else:
            color = ground + Color.parse(value)
        found.append(contrast(color, ground))
    return min(found)


FACES = ("background", "surface", "panel", "panel-lighten-1")


@pytest.mark.parametrize("name", COLOURED)
@pytest.mark.parametrize(
    ("front", "grounds", "least"),
    [
        ("foreground", (*FACES, "block-cursor-blurred-background"), LEGIBLE),
        ("text-primary", FACES, LEGIBLE),
        ("text-secondary", FACES, LEGIBLE),
        ("text-success", (*FACES, "success-muted"), LEGIBLE),
        ("text-warning", FACES, LEGIBLE),
        ("text-error", (*FACES, "error-muted"), LEGIBLE),
        ("text-accent", FACES, LEGIBLE),
        ("text-muted", FACES, LEGIBLE),
        ("block-cursor-foreground", ("block-cursor-background",), LEGIBLE),
        ("footer-key-foreground", ("footer-background",), LEGIBLE),
        ("footer-description-foreground", ("footer-background",), LEGIBLE),
        ("text-disabled", FACES, IN_SIGHT),
        ("border", FACES, IN_SIGHT),
        ("border-blurred", FACES, IN_SIGHT),
        ("scrollbar", ("scrollbar-background",), IN_SIGHT),
    ],
)
def test_every_theme_sets_apart(name, front, grounds, least):
    assert lowest(colors_of(name), front, grounds) >= least


@pytest.mark.parametrize("name", COLOURED)
def test_muted_words_in_content_do_not_outshine_the_rest(name):
    colors = colors_of(name)
    text = Style.parse("$foreground on $surface", colors)
    ground = Color.parse(colors["surface"])
    muted, plain = (
        contrast(Color.from_rich_color(style.rich_style.color), ground)
        for style in (text + Style.parse("$text-muted", colors), text)
    )
    assert LEGIBLE <= muted <= plain


@pytest.mark.parametrize("name", COLOURED)
def test_what_has_the_focus_is_framed_in_another_colour(name):
    colors = colors_of(name)
    assert Color.parse(colors["border"]) != Color.parse(colors["border-blurred"])


ON_BLACK = {
    "text-primary": "ansi_bright_blue",
    "text-error": "ansi_bright_red",
    "text-accent": "ansi_bright_cyan",
}


@pytest.mark.parametrize(("name", "brighter"), [("ansi-dark", ON_BLACK), ("ansi-light", {})])
def test_of_a_terminals_own_colours_only_those_change_that_are_dark_on_black(name, brighter):
    theme = BUILTIN_THEMES[name]
    before = {**theme.to_color_system().generate(), **theme.variables}
    assert readable(before) == before | {"border-blurred": before["foreground"]} | brighter


@pytest.mark.parametrize("theme", OF_THE_TERMINAL)
@pytest.mark.parametrize(
    ("name", "keys", "marked"),
    [
        ("prompt_picker", (), "Explain mutex versus semaphore."),
        ("prompt_picker", ("down",), "{topic} {audience}"),
        ("links", (), "https://example.com/sync"),
        ("model_picker", (), "demo/careful"),
        ("history", ("slash",), "Why? Why?"),
    ],
)
def test_the_marked_row_is_seen_in_the_terminals_own_colours(name, keys, marked, theme, tmp_path):
    scene, clock = SCENES[name], Clock()

    async def perform(stage: Stage) -> None:
        stage.app.theme = theme
        await scene.play(stage, clock)
        await stage.press(*keys)
        rows = [
            strip
            for strip in stage.app.screen._compositor.render_strips()
            if marked in strip.text and any(_stands_apart(part.style) for part in strip)
        ]
        (row,) = rows
        part = next(part for part in row if marked.split()[0] in part.text and _stands_apart(part.style))
        assert part.style.color != part.style.bgcolor or part.style.color.is_default

    scene.played(perform, tmp_path, clock)


def _stands_apart(style: Any) -> bool:
    """Turned round, or on a ground of its own."""
    return style is not None and (style.reverse or not (style.bgcolor is None or style.bgcolor.is_default))


def test_what_can_be_read_stays_as_it_is():
    own = {"surface": "#000000", "background": "#000000", "foreground": "#FFFFFF", "text-error": "#FF9999"}
    changed = readable(own)
    assert {name: changed[name] for name in own} == own


def hardly_seen(stage: Stage) -> set[str]:
    """The texts and frames on the uppermost screen that do not stand out."""
    return {
        f"{text.strip()}: {front.hex} on {back.hex}"
        for text, front, back in painted(stage)
        if contrast(front, back) < (LEGIBLE if any(map(str.isalnum, text)) else IN_SIGHT)
    }


def painted(stage: Stage) -> Iterator[tuple[str, Color, Color]]:
    """Each text or frame with its colours; not what shines through from below a dialog, nor placeholders."""
    screen = stage.app.screen
    asked = [getattr(widget, "placeholder", "") for widget in screen.query("Input, TextArea")]
    for y, strip in enumerate(screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            at, x = x, x + segment.cell_length
            text, style = segment.text, segment.style
            if style is None or style.color is None or style.bgcolor is None:
                continue
            if not any(sign.isalnum() or sign in FRAMES for sign in text):
                continue
            if any(text.strip() in placeholder for placeholder in asked):
                continue
            below = isinstance(screen, ModalScreen) and screen.get_widget_at(at, y)[0] is screen
            front, back = style.color.triplet, style.bgcolor.triplet
            if below or front is None or back is None:
                continue
            yield (text, *_turned(Color(*front), Color(*back), style))


def _turned(front: Color, back: Color, style: Any) -> tuple[Color, Color]:
    return (back, front) if style.reverse else (front, back)


@pytest.mark.parametrize(
    "name",
    [
        "done_and_failed",
        "results",
        "diff_of_words",
        "toasts",
        "history_without_runs",
        "history",
        "question_before_deleting",
        "past_run",
        "model_picker",
        "links",
        "prompt_picker",
        "before_the_first_run",
        "race",
        "help_page",
    ],
)
def test_every_text_and_frame_of_a_screen_stands_out_in_every_theme(name, tmp_path):
    scene, clock = SCENES[name], Clock()

    async def perform(stage: Stage) -> None:
        await scene.play(stage, clock)
        for theme in COLOURED:
            stage.app.theme = theme
            await stage.pilot.pause()
            await stage.until(
                lambda: not hardly_seen(stage), lambda theme=theme: f"in {theme}: {hardly_seen(stage)}"
            )

    scene.played(perform, tmp_path, clock)
