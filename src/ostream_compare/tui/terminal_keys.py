"""Keys that terminals send and Textual 8 does not know by themselves."""

from enum import StrEnum
from typing import TYPE_CHECKING, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

if TYPE_CHECKING:
    from collections.abc import MutableMapping


class MoreKeys(StrEnum):
    """Named as Textual names keys."""

    ALT_ENTER = "alt+enter"


def teach() -> None:
    """Let alt+enter be that where the terminal sends escape and return for it; else it comes as enter."""
    known = cast("MutableMapping[str, object]", ANSI_SEQUENCES_KEYS)
    known.setdefault("\x1b\r", (MoreKeys.ALT_ENTER,))
