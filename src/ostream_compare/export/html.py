"""A comparison as one self-contained HTML page: no script, no address, light and dark."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ostream_compare.domain import baseline_rows, definitions, figures
from ostream_compare.domain.comparison import Comparison, Response, SavedPrompt
from ostream_compare.domain.counted import counted
from ostream_compare.domain.digest import Digest
from ostream_compare.domain.plain_words import warnings_of
from ostream_compare.domain.rows import (
    RANGES,
    certainty,
    differences,
    headline,
    is_repeated,
    remarks,
    table,
    total_cost,
)
from ostream_compare.domain.spelling import whole, whole_response
from ostream_compare.export import plots
from ostream_compare.export.answer_text import tool_calls, written
from ostream_compare.export.turns import names_of, not_sent, sent_answers
from ostream_compare.export.xml_text import legal, legal_line

_TEMPLATES = Path(__file__).parent / "templates"
_OPEN_GROUPS = 3
"""Groups of answers that are unfolded; the others are folded so that a long run stays easy to scroll."""
_MILLION = 1_000_000
_BUFFERED = 16
"""Parts of the page that are written together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response as the page shows it."""

    name: str
    state: str
    whole: bool
    model: str
    facts: str
    """Times, tokens and cost on one line."""
    reason: str
    """Why it is not whole, or ""."""
    reasoning: str
    text: str
    tools: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The answers to one prompt in one round, side by side."""

    title: str
    is_open: bool
    answers: tuple[Answer, ...]


def to_html(comparison: Comparison) -> str:
    """`comparison` as a page; every text from outside is cleaned of control codes and escaped."""
    return "".join(html_pieces(comparison, [comparison.responses]))


def html_pieces(comparison: Comparison, pages: Iterable[list[Response]]) -> Iterator[str]:
    """The same piece by piece.

    Args:
        comparison: What there is to say of all responses together; with them, where
            the table has a row for each.
        pages: The responses, a prompt's at a time and in the order of the prompts, or all of them at once;
            they are gone through twice.
    """
    saved = whole(comparison)
    found = _Findings(saved, pages)
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    stream = environment.get_template("report.html.jinja").stream(
        style=Markup(style),  # noqa: S704 - a file of the program
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        saved=saved,
        title=headline(saved, found.digest),
        rows=table(saved),
        said=[RANGES, *certainty(saved), *differences(saved.pairs)] if is_repeated(saved) else [],
        remarks=remarks(saved, found.digest),
        total=total_cost(saved, found.digest),
        race=Markup(plots.race_svg(found.race)),  # noqa: S704 - made of escaped parts
        race_rest=max(0, found.races - plots.MOST_ROWS),
        gaps=Markup(plots.gap_svg(found.gaps)),  # noqa: S704 - made of escaped parts
        gaps_rest=max(0, found.with_gaps - plots.MOST_ROWS),
        most_rows=plots.MOST_ROWS,
        groups=_groups(saved, pages),
        has_groups=len(found.places) > 1,
        prices=[price.row(name) for name, price in found.prices.items()],
        orders=_orders(saved),
        definitions=definitions,
        baseline=saved.baseline,
        against=baseline_rows,
        pairs=saved.pairs,
        votes=saved.votes,
        prompt_title=_prompt_title,
        names=names_of(saved, found.digest.names),
        not_sent=not_sent,
        sent_answers=sent_answers,
    )
    stream.enable_buffering(_BUFFERED)
    yield from stream
    yield "\n"


def _shown(value: object) -> object:
    """Every value on its way into the page: a text is cleaned before it is escaped, unknown is a dash."""
    if value is None:
        return figures.UNKNOWN
    return legal(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _groups(comparison: Comparison, pages: Iterable[list[Response]]) -> Iterator[Group]:
    order = (whole_response(response) for page in pages for response in sorted(page, key=_place))
    for count, ((prompt, number), responses) in enumerate(groupby(order, key=_place)):
        parts = [_prompt_title(comparison, prompt)] if len(comparison.prompts) > 1 else []
        parts += [f"round {number}"] if comparison.rounds > 1 else []
        answers = tuple(_answer(response) for response in responses)
        yield Group(title=", ".join(parts), is_open=count < _OPEN_GROUPS, answers=answers)


def _place(response: Response) -> tuple[int, int]:
    return response.prompt, response.round


def _prompt_title(comparison: Comparison, index: int) -> str:
    prompts: list[SavedPrompt] = comparison.prompts
    name = prompts[index].name if 0 <= index < len(prompts) else None
    return f"prompt {index + 1}" + (f", {legal_line(name)}" if name else "")


def _answer(response: Response) -> Answer:
    facts = [
        f"TTFT {figures.ttft(response)}",
        f"Total {figures.seconds(response.timing.e2e_ms)}",
        f"{figures.speed(response)} tok/s",
        f"{counted(figures.output_tokens(response), 'token')} out",
        figures.money(response.cost),
    ]
    attempt = f", attempt {response.attempt}" if response.attempt > 1 else ""
    served = response.served_model
    model = response.model if served in {None, response.model} else f"{response.model} (served: {served})"
    return Answer(
        name=legal_line(response.name) + attempt,
        state=figures.state(response),
        whole=response.state == "complete",
        model=legal_line(model),
        facts=" · ".join(facts),
        reason=figures.explain(response, key_of=None),
        reasoning=response.reasoning or "",
        text=written(response) or ("" if response.tool_calls else "(no text)"),
        tools=tuple(tool_calls(response)),
        warnings=tuple(warnings_of(response)),
    )


class _Findings:
    """What the page says of all responses before it shows any; they are gone through once."""

    def __init__(self, head: Comparison, pages: Iterable[list[Response]]) -> None:
        self.digest = Digest(head)
        self.race: list[plots.RaceRow] = []
        """Those that are in the picture, of all `races`."""
        self.races = 0
        self.gaps: list[plots.GapRow] = []
        self.with_gaps = 0
        self.places: set[tuple[int, int]] = set()
        self.prices: dict[str, _Price] = {}
        for page in pages:
            self._add([whole_response(response) for response in page], head)

    def _add(self, responses: list[Response], head: Comparison) -> None:
        self.digest.add(responses)
        self.places.update(map(_place, responses))
        for response in responses:
            self.prices.setdefault(response.name, _Price()).add(response)
            self.races += 1
            if len(self.race) < plots.MOST_ROWS:
                self.race.append(plots.race_row(response, head))
            gap = plots.gap_row(response, head)
            self.with_gaps += gap is not None
            if gap is not None and len(self.gaps) < plots.MOST_ROWS:
                self.gaps.append(gap)


class _Price:
    """Where a model's prices came from, what a million tokens came to each way, and the sum."""

    def __init__(self) -> None:
        self._sources: dict[str, None] = {}
        self._input, self._output = _Billed(), _Billed()
        self._total = figures.Total()

    def add(self, response: Response) -> None:
        cost, usage = response.cost, response.usage
        if cost.total_usd is not None:
            self._sources[cost.source] = None
        self._input.add(cost.input_usd, usage.input_tokens)
        self._output.add(cost.output_usd, usage.output_tokens)
        self._total.add(figures.costs_of([response]))

    def row(self, name: str) -> tuple[str, ...]:
        return (
            legal_line(name),
            ", ".join(self._sources) or figures.UNKNOWN,
            self._input.per_million,
            self._output.per_million,
            self._total.words,
        )


class _Billed:
    """What was billed over the tokens that it was billed for; unknown where either is."""

    def __init__(self) -> None:
        self._usd = Decimal(0)
        self._tokens = 0

    def add(self, usd: str | None, tokens: int | None) -> None:
        if usd and _is_amount(usd) and tokens:
            self._usd += Decimal(usd)
            self._tokens += tokens

    @property
    def per_million(self) -> str:
        if not self._tokens:
            return figures.UNKNOWN
        return figures.dollars(self._usd * _MILLION / self._tokens)


def _is_amount(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal() and text.isascii()


def _orders(comparison: Comparison) -> list[str]:
    """Of each round, who was launched after whom."""
    if not is_repeated(comparison):
        return []
    return [", ".join(names) for names in comparison.launch_order]
