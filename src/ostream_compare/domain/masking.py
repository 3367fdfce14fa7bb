"""Names of models in an answer's text made unreadable: "I am Claude" would tell whose answer it is. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ostream_compare.domain.preset import Preset
from ostream_compare.domain.vendors import VENDORS

MASK = "█████"
"""As long for every name."""
_SHORTEST = 3
"""Characters; a shorter name stands in too many other words."""
_FAMILY = re.compile(r"[^\W\d_]{3,}")
_MAKERS = {
    "claude": "anthropic",
    "gemini": "google deepmind",
    "gemma": "google deepmind",
    "gpt": "chatgpt openai",
    "chatgpt": "gpt openai",
    "grok": "xai",
    "llama": "meta",
    "mistral": "mixtral",
    "qwen": "alibaba",
    "kimi": "moonshot",
    "glm": "zhipu z.ai",
}
"""How models of a family speak of themselves, beside the family's name."""
_HOSTS = frozenset(vendor.name for vendor in VENDORS)
_NO_NAMES = frozenset({"accounts", "models", "model", "latest"})
"""Parts of ids that say nothing of a model, and much else in a text."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides the names of a run's models."""

    pattern: re.Pattern[str] | None
    """`None`: there is nothing to hide."""

    def hide(self, text: str) -> str:
        """`text` with a mask in each name's place."""
        return text if self.pattern is None else self.pattern.sub(MASK, text)


def mask_of(presets: Iterable[Preset], served: Iterable[str] = ()) -> Mask:
    """Hides the presets' names and model ids, in any case, and words that tell some of them from others.

    Such words are the parts of a model's id, its family (`claude`, with a version behind it), the family's
    maker and a well-known provider. What all presets have in common tells nothing, and stays.

    Args:
        presets: The models of the run.
        served: Under what other names servers answered.
    """
    presets = list(presets)
    names = {name for preset in presets for name in (preset.name, preset.model)} | set(served)
    words = [set(_words(preset)) for preset in presets]
    common = words[0].intersection(*words[1:]) if len(words) > 1 else set[str]()
    telling = set[str]().union(*words) - common
    whole = sorted((name.strip() for name in names if len(name.strip()) >= _SHORTEST), key=len, reverse=True)
    parts = sorted((word for word in telling if len(word) >= _SHORTEST), key=len, reverse=True)
    pieces = [
        *(re.escape(name) for name in whole),
        *(rf"{re.escape(word)}(?:[-. ]?\d\w*(?:[.-]\w+)*)?" for word in parts),
    ]
    if not pieces:
        return Mask(None)
    return Mask(re.compile(rf"(?<!\w)(?:{'|'.join(pieces)})(?!\w)", re.IGNORECASE))


def _words(preset: Preset) -> Iterator[str]:
    """Words that a model may call itself by, folded."""
    if preset.provider.name.casefold() in _HOSTS:
        yield preset.provider.name.casefold()
    for part in preset.model.casefold().split("/"):
        if part in _NO_NAMES:
            continue
        yield part
        family = _FAMILY.match(part)
        if family is not None:
            yield family[0]
            yield from _MAKERS.get(family[0], "").split()
