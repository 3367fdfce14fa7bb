"""The authored answers: which text a demo model gives to a prompt."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ostream_compare.domain.safe_text import clean_line

_UNKNOWN = "unknown.toml"
_QUOTE_LENGTH = 80
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says to one prompt."""

    content: str
    """Markdown."""
    reasoning: str = ""
    """Streamed before the content; empty for a model that does not reason."""


Voices = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Library:
    """Every authored answer."""

    by_prompt: Mapping[str, Voices]
    """From a prompt, normalised, to each voice's answer."""
    unknown: Voices
    """For any other prompt; `{prompt}` stands for the user's."""
    prompts: tuple[str, ...]
    """The prompts that have an authored answer, as a user would write them."""


def normalised(prompt: str) -> str:
    """`prompt` without what users write differently: case, white space, punctuation, width of letters."""
    return " ".join(_WORDS.findall(unicodedata.normalize("NFKC", prompt).casefold()))


@cache
def library() -> Library:
    """The answers from the package's own files, read once."""
    by_prompt: dict[str, Voices] = {}
    prompts: list[str] = []
    unknown: Voices = {}
    folder = files("ostream_compare.demo").joinpath("canned")
    tables = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    for file in sorted(tables, key=lambda entry: entry.name):
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        voices = _voices(table)
        if file.name == _UNKNOWN:
            unknown = voices
            continue
        prompts.append(table["prompt"])
        by_prompt |= dict.fromkeys(map(normalised, [table["prompt"], *table["also"]]), voices)
    return Library(by_prompt, unknown, tuple(prompts))


def answer(voice: str, prompt: str, earlier: Sequence[str] = ()) -> Answer:
    """What `voice` says to `prompt`: the authored answer, or that this is a demo.

    Args:
        voice: Of the model.
        prompt: The last question.
        earlier: Those before it in the same conversation.
    """
    shelf = library()
    voices = shelf.by_prompt.get(normalised(prompt))
    if voices is not None:
        return voices[voice]
    template = shelf.unknown[voice]
    content = template.content.replace("{prompt}", _quoted(prompt))
    if earlier:
        asked = _quoted(earlier[-1])
        content += f"\n\nThis is turn {len(earlier) + 1}: “{asked}” and its answer came along with it."
    return Answer(content, template.reasoning)


def _voices(table: Mapping[str, str | list[str] | dict[str, str]]) -> Voices:
    return {
        voice: Answer(texts["answer"].strip(), texts.get("reasoning", "").strip())
        for voice, texts in table.items()
        if isinstance(texts, dict)
    }


def _quoted(prompt: str) -> str:
    """The beginning of `prompt` on one line, safe inside a sentence."""
    line = " ".join(clean_line(prompt[: 4 * _QUOTE_LENGTH]).split())
    if len(line) > _QUOTE_LENGTH or len(prompt) > 4 * _QUOTE_LENGTH:
        line = line[: _QUOTE_LENGTH - 1].rstrip() + "…"
    return line or "(no text)"
