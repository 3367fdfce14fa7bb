"""Keys that terminals send and Textual 8 does not know by themselves."""

from enum import Enum

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS


class MoreKeys(str, Enum):
    """Named as Textual names keys."""

    ALT_ENTER = "alt+enter"


def teach() -> None:
    """Let alt+enter be alt+enter where the terminal sends escape and return for it; it would come as enter."""
    ANSI_SEQUENCES_KEYS.setdefault("\x1b\r", (MoreKeys.ALT_ENTER,))  # pyright: ignore[reportArgumentType] - only the value is read
