"""What the responses of a run say together, gathered some at a time, so that texts need not stay. Pure."""

from collections.abc import Iterable, Sequence

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Comparison, Response
from ostream_compare.domain.plain_words import warnings_of
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.domain.summary import final_attempts


class Digest:
    """Costs, remarks and rounds of all responses that were added.

    Args:
        head: The run; its own responses are not looked at.
    """

    def __init__(self, head: Comparison) -> None:
        self._is_set = len(head.prompts) > 1
        self.names = {row.name for row in head.summary}
        """Of all models."""
        self.rounds_begun = 0
        self._prompts: set[int] = set()
        self.costs = figures.Total(head.discarded)
        self.said: dict[tuple[str, str], list[int]] = {}
        """By model and remark, the prompts of a set in which it holds, else the rounds."""

    @property
    def prompts_begun(self) -> int:
        """Prompts that somebody was asked."""
        return len(self._prompts)

    @classmethod
    def of(cls, comparison: Comparison) -> "Digest":
        """Of all responses of `comparison`."""
        return cls.over(comparison, [comparison.responses])

    @classmethod
    def over(cls, head: Comparison, pages: Iterable[Sequence[Response]]) -> "Digest":
        """Of the responses in `pages`; all attempts at a prompt and round stand on one of them."""
        digest = cls(head)
        for page in pages:
            digest.add(page)
        return digest

    def add(self, responses: Sequence[Response]) -> None:
        """Gather some more."""
        finals = {id(response) for response in final_attempts(responses)}
        self.costs.add(figures.costs_of(responses))
        for response in responses:
            self.names.add(response.name)
            self.rounds_begun = max(self.rounds_begun, response.round)
            self._prompts.add(response.prompt)
            reason = figures.explain(response, key_of=None)
            name = clean_line(response.name)
            if id(response) not in finals:
                name += f", attempt {response.attempt}"
            for text in ([reason] if reason else []) + warnings_of(response):
                place = response.prompt + 1 if self._is_set else response.round
                self.said.setdefault((name, text), []).append(place)
