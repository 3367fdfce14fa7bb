"""Colours that can be read: a theme's texts and frames are set apart from what they stand on. Pure."""

from collections.abc import Iterable, Mapping

from textual.color import BLACK, WHITE, Color, ColorParseError

_TEXT, _FRAME = 4.5, 3.0
"""Contrasts that WCAG 2 asks for (level AA): of text, and of what shows where something begins."""
_TOKENS = (
    "text-primary",
    "text-secondary",
    "text-warning",
    "text-error",
    "text-success",
    "text-accent",
)
_PANELS = ("panel", "panel-lighten-1")
"""What gives way to the text on it; the other grounds are the theme's face, so there the text does."""
_BORDER, _TRACK = "border", "scrollbar-background"
_THUMBS = ("scrollbar", "scrollbar-hover", "scrollbar-active")
_QUIET, _QUIET_SHARE = "border-blurred", 0.55
"""What frames what has no focus, and how much of the foreground is in it."""
_AUTO = "auto "
_FADED = {"text-muted": (0.7, _TEXT), "text-disabled": (0.45, _FRAME)}
"""Texts that let some of their ground through: how much of the foreground is in them, and their contrast."""
_SHADE, _FOCUS = 0.08, 0.05
"""How much of the foreground is mixed into what lies behind code, and into what has the focus."""
_FOOTER, _FOOTER_FRONT = "footer-background", "footer-description-foreground"
_FOOTER_TEXTS = ("footer-key-foreground", "footer-foreground")
_CHANGES = {"error-muted": "text-error", "success-muted": "text-success"}
"""What lies behind words that differ, and the colour of those words."""
_CURSOR, _CURSOR_FRONT, _CURSOR_TEXT = "block-cursor-background", "block-cursor-foreground", 0.87
"""What marks a row, the text on it, and how much black or white is in that where it has no colour."""
_MARK = "block-cursor-blurred-background"
"""What marks a row while something else has the focus."""
_OWN_GROUND, _BLACK = "ansi-background", "ansi_black"
_BRIGHT = {"ansi_blue": "ansi_bright_blue", "ansi_red": "ansi_bright_red"}
"""What few palettes make light enough for black, and what all do."""
_ACCENT, _SUCCESS, _UNLIKE = "text-accent", "text-success", "ansi_bright_cyan"
"""What comes in and what is done look different, in a palette that has one green for both."""
_GREY = 0.18
"""Luminance at which black and white stand out alike."""
_STEPS = 20


def readable(variables: Mapping[str, str]) -> dict[str, str]:
    """A theme's variables, its texts and frames standing out from whatever they stand on.

    Colours of the terminal's own palette are the terminal's affair. But a frame without the focus is the
    foreground there, for black has no frame on black, and texts on black are of the bright blue and red.
    """
    changed = dict(variables)
    background, surface, foreground = (
        _solid(variables.get(name)) for name in ("background", "surface", "foreground")
    )
    if background is not None and surface is not None and foreground is not None:
        _set_apart(changed, background, surface, foreground)
    elif "foreground" in variables:
        changed[_QUIET] = variables["foreground"]
        if variables.get(_OWN_GROUND) == _BLACK:
            _brighten(changed)
    if (color := _solid(variables.get(_CURSOR))) is not None:
        changed[_CURSOR] = _below_text(color, _solid(variables.get(_CURSOR_FRONT))).hex
    return changed


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _brighten(changed: dict[str, str]) -> None:
    for token in _TOKENS:
        changed[token] = _BRIGHT.get(changed[token], changed[token])
    if changed[_ACCENT] == changed[_SUCCESS]:
        changed[_ACCENT] = _UNLIKE


def _set_apart(changed: dict[str, str], background: Color, surface: Color, foreground: Color) -> None:
    text = _standing_out(foreground, [*_shaded([background, surface], foreground, _SHADE)])
    _replace(changed, foreground, text)
    for name in _PANELS:
        if (panel := _solid(changed.get(name))) is not None:
            _replace(changed, panel, _giving_way(panel, background, text))
    panels = [color for name in _PANELS if (color := _solid(changed.get(name))) is not None]
    grounds = [*_shaded([background, surface], text, _SHADE), *_shaded(panels[:1], text, _FOCUS), *panels[1:]]
    for token in _TOKENS:
        _set(changed, token, grounds)
    for name, (share, least) in _FADED.items():
        if changed.get(name, "").startswith(_AUTO):
            changed[name] = _faded(text, share, grounds, least)
    framed = [*_shaded([background, surface], text, _FOCUS), *panels]
    _set_frames(changed, framed, surface.blend(text, _QUIET_SHARE, alpha=1))
    _set_grounds(changed, background)
    if (mark := _parsed(changed.get(_MARK))) is not None:
        changed[_MARK] = _giving_way(surface + mark, _away_from(text), text).hex


def _set_frames(changed: dict[str, str], grounds: list[Color], quiet: Color) -> None:
    changed[_QUIET] = _standing_out(quiet, grounds, _FRAME).hex
    border = _solid(changed.get(_BORDER))
    if border is None or any(contrast(border, ground) < _FRAME for ground in grounds):
        changed[_BORDER] = changed.get(
            "primary", changed[_QUIET]
        )  # some themes have a grey there, as all frames are
        _set(changed, _BORDER, grounds, _FRAME)
    if (track := _solid(changed.get(_TRACK))) is not None:
        for name in _THUMBS:
            _set(changed, name, [track], _FRAME)


def _set_grounds(changed: dict[str, str], background: Color) -> None:
    """What texts of other colours than the foreground stand on."""
    for ground, front in _CHANGES.items():
        below, text = _solid(changed.get(ground)), _solid(changed.get(front))
        if below is not None and text is not None:
            changed[ground] = _giving_way(below, background, text).hex
    below, text = _solid(changed.get(_FOOTER)), _solid(changed.get(_FOOTER_FRONT))
    if below is not None and text is not None:
        below = _giving_way(below, _away_from(text), text)
        changed[_FOOTER] = below.hex
        for name in _FOOTER_TEXTS:
            _set(changed, name, [below])


def _set(changed: dict[str, str], name: str, grounds: list[Color], least: float = _TEXT) -> None:
    if (color := _solid(changed.get(name))) is not None:
        changed[name] = _standing_out(color, grounds, least).hex


def _shaded(grounds: Iterable[Color], foreground: Color, share: float) -> Iterable[Color]:
    """Each ground, plain and with some of the foreground in it."""
    for ground in grounds:
        yield ground
        yield ground.blend(foreground, share, alpha=1)


def _replace(changed: dict[str, str], before: Color, after: Color) -> None:
    """In everything that a theme has this colour for."""
    if after != before:
        changed.update({name: after.hex for name, value in changed.items() if value == before.hex})


def _standing_out(color: Color, grounds: list[Color], least: float = _TEXT) -> Color:
    """The first of ever darker (or lighter) shades of `color` that stands out from all `grounds`."""
    aims = sorted((BLACK, WHITE), key=lambda aim: -min(contrast(aim, ground) for ground in grounds))
    for step in range(_STEPS):
        shade = color.blend(aims[0], step / _STEPS, alpha=1)
        if all(contrast(shade, ground) >= least for ground in grounds):
            return shade
    return aims[0]


def _giving_way(panel: Color, aim: Color, text: Color) -> Color:
    """The first shade of `panel`, ever more like `aim`, on which `text` can be read."""
    shades = (panel.blend(aim, step / _STEPS, alpha=1) for step in range(_STEPS))
    legible = (
        shade for shade in shades if all(contrast(text, at) >= _TEXT for at in _shaded([shade], text, _FOCUS))
    )
    return next(legible, aim)


def _away_from(text: Color) -> Color:
    return BLACK if _luminance(text) > _GREY else WHITE


def _faded(text: Color, share: float, grounds: list[Color], least: float) -> str:
    """`text` with so much of itself, or as much more as it takes on every ground.

    One colour, not Textual's `auto 60%`: its content styles take only the first word of a variable, and all
    of `auto` is brighter than any text.
    """
    steps = range(round(share * _STEPS), _STEPS)
    shades = (text.with_alpha(step / _STEPS).hex for step in steps)
    return next((it for it in shades if _stands_out(Color.parse(it), grounds, least)), text.hex)


def _stands_out(color: Color, grounds: list[Color], least: float) -> bool:
    return all(contrast(ground + color, ground) >= least for ground in grounds)


def _below_text(color: Color, front: Color | None) -> Color:
    """The first shade of `color` on which `front`, or the black or white that Textual takes, can be read."""
    text, share = (color.get_contrast_text(1), _CURSOR_TEXT) if front is None else (front, 1)
    away = BLACK if text.brightness > color.brightness else WHITE
    shades = (color.blend(away, step / _STEPS, alpha=1) for step in range(_STEPS))
    return next((s for s in shades if contrast(s.blend(text, share, alpha=1), s) >= _TEXT), away)


def _solid(value: str | None) -> Color | None:
    """A colour that is known and lets nothing through."""
    color = _parsed(value)
    return color if color is not None and color.a == 1 else None


def _parsed(value: str | None) -> Color | None:
    try:
        color = None if value is None else Color.parse(value)
    except ColorParseError:
        return None
    return color if color is not None and color.ansi is None else None


def _luminance(color: Color) -> float:
    red, green, blue = (_linear(part) for part in color.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - the definition of sRGB
