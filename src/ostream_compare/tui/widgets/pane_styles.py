"""The colours of a pane: a component class for every meaning, from theme tokens alone."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.style import Style

from ostream_compare.tui.rows import Part, SpanStyle

if TYPE_CHECKING:
    from textual.widget import Widget

PART_STYLES: dict[Part | None, str] = {
    None: "pane--answer",
    "turns": "pane--turns",
    "answer": "pane--answer",
    "reasoning": "pane--reasoning",
    "tools": "pane--tools",
    "refusal": "pane--refusal",
    "note": "pane--note",
}
FIGURES_STYLES: dict[str | None, str] = {
    "complete": "pane--good",
    "streaming": "pane--busy",
    "cancelled": "pane--stopped",
    "failed": "pane--problem",
    "truncated": "pane--problem",
}
SPAN_STYLES: dict[SpanStyle, str] = {
    style: f"pane--{style}"
    for style in (
        "heading",
        "subheading",
        "strong",
        "emphasis",
        "strike",
        "code",
        "link",
        "quote",
        "marker",
        "rule",
        "code-block",
        "code-keyword",
        "code-name",
        "code-string",
        "code-number",
        "code-comment",
        "code-operator",
        "label",
    )
}
COMPONENTS = frozenset(
    {
        *PART_STYLES.values(),
        *FIGURES_STYLES.values(),
        *SPAN_STYLES.values(),
        "pane--frame",
        "pane--frame-focus",
        "pane--title",
        "pane--figures",
        "pane--new",
        "pane--thumb",
        "pane--selection",
    }
)
CSS = """
Pane {
    background: $surface;
    color: $foreground;
    .pane--answer { color: $foreground; }
    .pane--turns { color: $text-muted; }
    .pane--reasoning { color: $text-muted; text-style: italic; }
    .pane--tools { color: $text-accent; }
    .pane--refusal { color: $text-warning; }
    .pane--note { color: $text-muted; }
    .pane--problem { color: $text-error; }
    .pane--frame { color: $border-blurred; }
    .pane--frame-focus { color: $border; }
    .pane--title { color: $foreground; text-style: bold; }
    .pane--figures { color: $foreground; }
    .pane--good { color: $text-success; }
    .pane--busy { color: $text-accent; }
    .pane--stopped { color: $text-warning; }
    .pane--new { color: $surface; background: $text-warning; text-style: bold; }
    .pane--thumb { color: $foreground 85%; }
    .pane--selection { background: $screen-selection-background; }
    .pane--heading { color: $text-primary; text-style: bold underline; }
    .pane--subheading { color: $text-primary; text-style: bold; }
    .pane--strong { text-style: bold; }
    .pane--emphasis { text-style: italic; }
    .pane--strike { text-style: strike; }
    .pane--code { color: $text-warning; background: $foreground 8%; }
    .pane--link { color: $text-accent; text-style: underline; }
    .pane--quote { color: $text-muted; text-style: italic; }
    .pane--marker { color: $text-accent; text-style: bold; }
    .pane--rule { color: $border-blurred; }
    .pane--code-block { color: $foreground; background: $foreground 6%; }
    .pane--code-keyword { color: $text-primary; text-style: bold; }
    .pane--code-name { color: $text-accent; }
    .pane--code-string { color: $text-success; }
    .pane--code-number { color: $text-warning; }
    .pane--code-comment { color: $text-muted; text-style: italic; }
    .pane--code-operator { color: $text-secondary; }
    .pane--label { color: $text-muted; text-style: italic; }

    &:ansi {
        .pane--frame, .pane--rule, .pane--note, .pane--label, .pane--code-comment { text-style: dim; }
        .pane--reasoning, .pane--quote { text-style: dim italic; }
        .pane--new { color: ansi_black; }
        .pane--selection { color: $screen-selection-foreground; }
    }
}
"""
"""A terminal's own 16 colours know no shades: what is muted elsewhere is dim there."""


class Palette:
    """Styles of names laid over each other: the last colour wins, bold and italic add up."""

    def __init__(self, widget: "Widget") -> None:
        self._widget = widget
        self._found: dict[tuple[str, ...], Style] = {}

    def clear(self) -> None:
        """The theme is another one."""
        self._found.clear()

    def __call__(self, *names: str) -> Style:
        """The style of component classes, lowest first."""
        style = self._found.get(names)
        if style is None:
            style = self._found[names] = self._made(names)
        return style

    def _made(self, names: tuple[str, ...]) -> Style:
        style = self._widget.get_component_rich_style(names[0])
        for name in names[1:]:
            rules = self._widget.get_component_styles(name)
            own = self._widget.get_component_rich_style(name)
            style += Style(
                color=own.color if rules.has_rule("color") else None,
                bgcolor=own.bgcolor if rules.has_rule("background") else None,
            )
            style += rules.text_style
        return style


StyleOf = Callable[..., Style]
"""A palette, or a test's own."""
