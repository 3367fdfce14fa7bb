r"""How the demo counts tokens: one a word or punctuation mark, `\w+|[^\w\s]`.

No tokenizer of a real model counts like this; the demo needs a count that is the same on every machine
and that a reader can check by hand. White space belongs to the token after it, as with real ones.
"""

import re

_TOKEN = re.compile(r"\w+|[^\w\s]")


def count(text: str) -> int:
    """Tokens in `text`."""
    return len(_TOKEN.findall(text))


def split(text: str) -> list[str]:
    """`text` cut into its tokens; joined they are `text` again. White space alone is one piece."""
    ends = [match.end() for match in _TOKEN.finditer(text)]
    if not ends:
        return [text] if text else []
    ends[-1] = len(text)
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
