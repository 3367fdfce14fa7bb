"""A screenshot as a small file that is the same on every machine."""

import re
from collections.abc import Iterable, Iterator

_FONTS = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
_CLIPS = re.compile(r"\s*<clipPath id=\"[^\"]*-line-\d+\">.*?</clipPath>", re.DOTALL)
_CLIP = re.compile(r' clip-path="url\([^)]*-line-\d+\)"')
_CLASS = re.compile(r"terminal-\d+-")
_NUMBER = re.compile(r"(?<=[\"( ,])\d+\.\d{3,}(?=[^<>]*>)")
"""A place or a size, not a figure that the screen shows."""
_BOX = re.compile(
    r'<rect fill="(?P<fill>[^"]+)" x="(?P<x>[^"]+)" y="(?P<y>[^"]+)" width="(?P<width>[^"]+)"(?P<rest>.*)'
)


def compact(svg: str) -> str:
    """`svg` as Rich draws it, without what says the same in every picture or changes with its text."""
    for pattern in (_FONTS, _CLIPS, _CLIP, _CLASS):
        svg = pattern.sub("", svg)
    svg = _NUMBER.sub(lambda number: f"{float(number[0]):g}", svg)
    svg = (
        svg.replace("&#160;", "\N{NO-BREAK SPACE}").replace("/><", "/>\n<").replace("</text><", "</text>\n<")
    )
    lines = (line.rstrip() for line in svg.splitlines())
    return "\n".join(_joined(line for line in lines if line)) + "\n"


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Backgrounds that touch in a row and are of one colour become one."""
    held: dict[str, str] | None = None
    for line in lines:
        found = _BOX.match(line)
        box = found.groupdict() if found else None
        if held and box and _touch(held, box):
            held["width"] = f"{float(held['width']) + float(box['width']):g}"
            continue
        if held:
            yield _drawn(held)
        held = box
        if box is None:
            yield line
    if held:
        yield _drawn(held)


def _touch(left: dict[str, str], right: dict[str, str]) -> bool:
    alike = all(left[key] == right[key] for key in ("fill", "y", "rest"))
    return alike and abs(float(left["x"]) + float(left["width"]) - float(right["x"])) < 1


def _drawn(box: dict[str, str]) -> str:
    return '<rect fill="{fill}" x="{x}" y="{y}" width="{width}"{rest}'.format_map(box)
