"""Messages that more than one part of the UI knows; past tense, posted by workers and read by handlers."""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class CollectorLost(Message):
    """The process that makes the calls ended by itself."""

    reason: str


@dataclass
class RunChanged(Message):
    """A run began, ended or was asked to stop: what the keys can do may be another thing now."""


@dataclass
class LaunchFailed(Message):
    """A run could not be begun."""

    reason: str
