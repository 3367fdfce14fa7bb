"""What is told while a run without a screen goes on: progress on stderr, or plain lines on stdout."""

from collections.abc import Callable
from typing import Protocol

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Response
from ostream_compare.domain.events import AttemptFailed
from ostream_compare.domain.lane import Ended, Lane, Streaming
from ostream_compare.domain.plain_words import ending_words
from ostream_compare.domain.run import Run
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.export import plain


class Watch(Protocol):
    """Told what happens."""

    def asked(self, place: str, run: Run, lanes: tuple[int, ...]) -> None:
        """These models are asked."""

    def moved(self, place: str, run: Run, lane: int, before: Lane) -> None:
        """A lane of `run` is no longer what it was."""

    def failed(self, place: str, run: Run, event: AttemptFailed) -> None:
        """An attempt failed, and another one follows."""

    def note(self, line: str) -> None:
        """Something about the whole run."""


class Progress:
    """A line at each verdict.

    Args:
        tell: Takes a line.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def asked(self, place: str, run: Run, lanes: tuple[int, ...]) -> None:
        """No news."""

    def moved(self, place: str, run: Run, lane: int, before: Lane) -> None:
        """A verdict, and how many of the round there are."""
        now = run.lanes[lane]
        if isinstance(now, Ended) and not isinstance(before, Ended):
            done = f"{run.ended}/{len(run.lanes)}"
            self._tell(" ".join(part for part in (place, done, _verdict(now.response)) if part))

    def failed(self, place: str, run: Run, event: AttemptFailed) -> None:
        """No news: the verdict tells its attempt."""

    def note(self, line: str) -> None:
        """As it is."""
        self._tell(line)


class Plain:
    """A sentence at each event, and each answer as a whole when it is done: nothing is drawn or changed.

    Args:
        write: Takes text for stdout.
        tell: Takes what is said of the whole run.
    """

    def __init__(self, write: Callable[[str], None], tell: Callable[[str], None]) -> None:
        self._write = write
        self._tell = tell

    def asked(self, place: str, run: Run, lanes: tuple[int, ...]) -> None:
        """A line for each model."""
        for lane in lanes:
            self._write(plain.starts(run.presets[lane].name, place))

    def moved(self, place: str, run: Run, lane: int, before: Lane) -> None:
        """The first token, and the end."""
        now = run.lanes[lane]
        name = run.presets[lane].name
        if isinstance(now, Streaming) and not isinstance(before, Streaming):
            self._write(plain.first_token(name, place, (now.first_at - now.sent_at) / 1e6))
        elif isinstance(now, Ended) and not isinstance(before, Ended):
            self._write(plain.ended(now.response, place))

    def failed(self, place: str, run: Run, event: AttemptFailed) -> None:
        """Why it is tried again."""
        self._write(plain.tried_again(run.presets[event.lane].name, place, event))

    def note(self, line: str) -> None:
        """As it is."""
        self._tell(line)


def _verdict(response: Response) -> str:
    parts = [figures.glyph(response), clean_line(response.name), figures.seconds(response.timing.e2e_ms)]
    reason = figures.explain(response, key_of=None) or ending_words(response)
    if reason:
        parts.append(reason)
    return " ".join(parts)
