"""Text from outside as XML 1.0 and HTML can hold it."""

import re

from ostream_compare.domain.safe_text import clean, clean_line

# What is left of these after cleaning; all other characters outside XML 1.0 are cleaned away.
_NO_CHARACTERS = re.compile("[\ufffe\uffff]")


def legal(text: str) -> str:
    """`text` cleaned, and without the two code points that are no characters."""
    return _NO_CHARACTERS.sub("\ufffd", clean(text))


def legal_line(text: str) -> str:
    """The same on one line, as an attribute needs it: XML would turn its newlines into spaces anyway."""
    return _NO_CHARACTERS.sub("\ufffd", clean_line(text))
