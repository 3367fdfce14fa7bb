"""A comparison as one self-contained HTML page: no script, no address, light and dark."""

import base64
import hashlib
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ostream_compare.domain import baseline_rows, definitions, figures
from ostream_compare.domain.comparison import Comparison, Response, SavedPrompt
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
from ostream_compare.domain.spelling import whole
from ostream_compare.export import plots
from ostream_compare.export.xml_text import legal, legal_line

_TEMPLATES = Path(__file__).parent / "templates"
_OPEN_GROUPS = 3
"""Groups of answers that are unfolded; the others are folded so that a long run stays easy to scroll."""
_MILLION = 1_000_000


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
    saved = whole(comparison)
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    race, gaps = plots.race_rows(saved), plots.gap_rows(saved)
    page = environment.get_template("report.html.jinja").render(
        style=Markup(style),  # noqa: S704 - a file of the program
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        saved=saved,
        title=headline(saved),
        rows=table(saved),
        said=[RANGES, *certainty(saved), *differences(saved.pairs)] if is_repeated(saved) else [],
        remarks=remarks(saved),
        total=total_cost(saved),
        race=Markup(plots.race_svg(race)),  # noqa: S704 - made of escaped parts
        race_rest=max(0, len(race) - plots.MOST_ROWS),
        gaps=Markup(plots.gap_svg(gaps)),  # noqa: S704 - made of escaped parts
        gaps_rest=max(0, len(gaps) - plots.MOST_ROWS),
        most_rows=plots.MOST_ROWS,
        groups=_groups(saved),
        prices=_prices(saved),
        orders=_orders(saved),
        definitions=definitions,
        baseline=saved.baseline,
        against=baseline_rows,
        pairs=saved.pairs,
        votes=saved.votes,
        prompt_title=_prompt_title,
    )
    return page + "\n"


def _shown(value: object) -> object:
    """Every value on its way into the page: a text is cleaned before it is escaped, unknown is a dash."""
    if value is None:
        return figures.UNKNOWN
    return legal(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _groups(comparison: Comparison) -> list[Group]:
    order = sorted(comparison.responses, key=_place)
    groups: list[Group] = []
    for (prompt, number), responses in groupby(order, key=_place):
        parts = [_prompt_title(comparison, prompt)] if len(comparison.prompts) > 1 else []
        parts += [f"round {number}"] if comparison.rounds > 1 else []
        answers = tuple(_answer(response) for response in responses)
        is_open = len(groups) < _OPEN_GROUPS
        groups.append(Group(title=", ".join(parts), is_open=is_open, answers=answers))
    return groups


def _place(response: Response) -> tuple[int, int]:
    return response.prompt, response.round


def _prompt_title(comparison: Comparison, index: int) -> str:
    prompts: list[SavedPrompt] = comparison.prompts
    name = prompts[index].name if 0 <= index < len(prompts) else None
    return f"prompt {index + 1}" + (f", {legal_line(name)}" if name else "")


def _answer(response: Response) -> Answer:
    timing, usage, estimate = response.timing, response.usage, response.estimate
    output = figures.tokens(usage.output_tokens, estimate.output_tokens)
    facts = [
        f"TTFT {figures.ttft(response)}",
        f"Total {figures.seconds(timing.e2e_ms)}",
        f"{figures.speed(response)} tok/s",
        f"{output} tokens out",
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
        reason=figures.explain(response, keys=False),
        reasoning=response.reasoning or "",
        text=response.content or response.refusal or "(no text)",
        tools=tuple(f"{call.name}({call.arguments})" for call in response.tool_calls),
        warnings=tuple(warnings_of(response)),
    )


def _prices(comparison: Comparison) -> list[tuple[str, ...]]:
    """Model, where its price came from, what a million tokens came to each way, and the sum."""
    rows: list[tuple[str, ...]] = []
    for name in dict.fromkeys(response.name for response in comparison.responses):
        responses = [response for response in comparison.responses if response.name == name]
        sources = dict.fromkeys(r.cost.source for r in responses if r.cost.total_usd is not None)
        rows.append(
            (
                legal_line(name),
                ", ".join(sources) or figures.UNKNOWN,
                _per_million([(r.cost.input_usd, r.usage.input_tokens) for r in responses]),
                _per_million([(r.cost.output_usd, r.usage.output_tokens) for r in responses]),
                figures.total_money(figures.costs_of(responses)),
            )
        )
    return rows


def _per_million(parts: list[tuple[str | None, int | None]]) -> str:
    """What was billed over the tokens that it was billed for; unknown where either is."""
    known = [(Decimal(usd), count) for usd, count in parts if _is_amount(usd) and usd and count]
    if not known:
        return figures.UNKNOWN
    usd = sum((amount for amount, _ in known), Decimal(0))
    return figures.dollars(usd * _MILLION / sum(count for _, count in known))


def _is_amount(text: str | None) -> bool:
    return text is not None and text.replace(".", "", 1).isdecimal() and text.isascii()


def _orders(comparison: Comparison) -> list[str]:
    """Of each round, who was launched after whom."""
    if not is_repeated(comparison):
        return []
    return [", ".join(names) for names in comparison.launch_order]
