"""Colours that can be read: a theme's text tokens are darkened or lightened until they stand out. Pure."""

from collections.abc import Mapping

from textual.color import BLACK, WHITE, Color, ColorParseError

_TEXT = 4.5
"""Contrast of text that WCAG 2 asks for (level AA)."""
_TOKENS = (
    "text-primary",
    "text-secondary",
    "text-warning",
    "text-error",
    "text-success",
    "text-accent",
)
_GROUNDS = ("background", "surface", "panel", "panel-lighten-1")
_SHADE = 0.08
"""How much of the foreground is mixed into what lies behind code."""
_KEY, _KEY_GROUND = "footer-key-foreground", "footer-background"
_CURSOR, _CURSOR_TEXT = "block-cursor-background", 0.87
"""What marks a row, and how much black or white is in the text on it."""
_STEPS = 20


def readable(variables: Mapping[str, str]) -> dict[str, str]:
    """A theme's variables, its text tokens readable on whatever text stands on.

    Colours of the terminal's own palette are left alone: what they look like is the terminal's affair.
    """
    changed = dict(variables)
    grounds = [color for name in _GROUNDS if (color := _solid(variables.get(name))) is not None]
    surface, foreground = (_solid(variables.get(name)) for name in ("surface", "foreground"))
    if surface is not None and foreground is not None:
        grounds.append(surface.blend(foreground, _SHADE, alpha=1))
    for token in _TOKENS:
        if (color := _solid(variables.get(token))) is not None:
            changed[token] = _standing_out(color, grounds).hex
    key, below = (_solid(variables.get(name)) for name in (_KEY, _KEY_GROUND))
    if key is not None and below is not None:
        changed[_KEY] = _standing_out(key, [below]).hex
    if (color := _solid(variables.get(_CURSOR))) is not None:
        changed[_CURSOR] = _below_text(color).hex
    return changed


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _standing_out(color: Color, grounds: list[Color]) -> Color:
    """The first of ever darker (or lighter) shades of `color` that can be read on all `grounds`."""
    aims = sorted((BLACK, WHITE), key=lambda aim: -min(contrast(aim, ground) for ground in grounds))
    for step in range(_STEPS):
        shade = color.blend(aims[0], step / _STEPS, alpha=1)
        if all(contrast(shade, ground) >= _TEXT for ground in grounds):
            return shade
    return aims[0]


def _below_text(color: Color) -> Color:
    """The first shade of `color` on which black or white text, whichever Textual takes, can be read."""
    text = color.get_contrast_text(1)
    away = BLACK if text.brightness > color.brightness else WHITE
    shades = (color.blend(away, step / _STEPS, alpha=1) for step in range(_STEPS))
    return next((s for s in shades if contrast(s.blend(text, _CURSOR_TEXT, alpha=1), s) >= _TEXT), away)


def _solid(value: str | None) -> Color | None:
    """A colour that is known and lets nothing through."""
    try:
        color = None if value is None else Color.parse(value)
    except ColorParseError:
        return None
    return color if color is not None and color.ansi is None and color.a == 1 else None


def _luminance(color: Color) -> float:
    red, green, blue = (_linear(part) for part in color.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - the definition of sRGB
