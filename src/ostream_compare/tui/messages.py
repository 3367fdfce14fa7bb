"""Messages that more than one part of the UI knows; past tense, posted by workers and read by handlers."""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class RecorderSaid(Message):
    """The disk does not take what is logged, or something was found wrong in the history."""

    text: str


@dataclass
class CollectorLost(Message):
    """The process that makes the calls ended by itself."""

    reason: str
