"""The lanes of a run as the screen shows them: words and figures, once a frame, for every widget alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Response
from ostream_compare.domain.conversation import earlier_turns
from ostream_compare.domain.counted import counted
from ostream_compare.domain.figures import KeyOf, usual_key
from ostream_compare.domain.lane import Ended, Lane, Streaming, Waiting
from ostream_compare.domain.plain_words import ending_words, error_words
from ostream_compare.domain.preset import Preset
from ostream_compare.domain.rope import Rope
from ostream_compare.domain.run import Run, round_words
from ostream_compare.domain.safe_text import clean, clean_line
from ostream_compare.tui.charts.rates import Rates
from ostream_compare.tui.rows import Part
from ostream_compare.tui.tally import Tally

MILLION = 1_000_000
COLUMNS = ("State", "TTFT", "Total", "tok/s", "In", "Out", "Cost")
_ENOUGH_MS = 500
_ENOUGH_TOKENS = 10
"""Less decoding than this gives no rate."""

_SPARK = 8
"""Cells for the speeds of an answer over its time."""


class _Call(NamedTuple):
    """One request of a lane; no two have the same."""

    run: str
    round: int
    attempt: int
    first_at: int
    """Stamp of its first content."""

    @classmethod
    def of(cls, run: Run, state: Streaming) -> "_Call":
        """The one that is answered now."""
        return cls(run.id, run.round, state.attempt, state.first_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """Everything that any widget shows of one lane."""

    lane: int
    """Index; shown from 1."""
    name: str
    """The preset's name, cleaned."""
    phase: figures.Phase | None
    """`None` before the first run."""
    state: str
    """Glyph and word."""
    brief: str
    """The shortest account: `✓1.9s`, `✗cut`."""
    figures: tuple[str, ...]
    """For the pane's frame, longest first; the first that fits is shown."""
    parts: Mapping[Part, Rope | str] = field(repr=False)
    """What the pane has to say."""
    cells: tuple[str, ...]
    """One for each of `COLUMNS`."""
    spark: str = ""
    """How fast the tokens came, over the time of the answer: estimated."""
    round: str = ""
    """`round 2 of 3`; empty where there is but one."""
    call: "_Call | None" = None
    """Which call the figures are of, while its answer comes in."""

    @property
    def title(self) -> str:
        """Number and name."""
        return f"{self.lane + 1} {self.name}"

    @property
    def problem(self) -> bool:
        """Whether the answer is missing or cut."""
        return self.phase in {"failed", "truncated"}

    @property
    def over(self) -> bool:
        """Whether there is a verdict."""
        return self.phase not in {None, "queued", "waiting", "streaming"}


class Board:
    """Turns runs into views; remembers what has been counted of each lane, nothing else.

    Args:
        presets: One a lane.
        key_of: Names the key of an action, for advice; `None` where no key asks a model again.
    """

    def __init__(self, presets: tuple[Preset, ...], *, key_of: KeyOf | None = usual_key) -> None:
        self.key_of = key_of
        self._presets = presets
        self._tallies = [Tally() for _ in presets]
        self._rates = [Rates() for _ in presets]
        self._sparks: dict[tuple[str, int, int], str] = {}
        """Of answers of rounds that are over, by run, round and lane."""
        self._back: tuple[Run, tuple[LaneView, ...]] | None = None
        """The round that was looked back at last."""

    def idle(self) -> tuple[LaneView, ...]:
        """The lanes before the first run."""
        return tuple(self._idle(lane, preset) for lane, preset in enumerate(self._presets))

    def _idle(self, lane: int, preset: Preset) -> LaneView:
        about = f"{clean_line(preset.model)} · {clean_line(preset.provider.name)}"
        if preset.is_demo:
            about += "\ndemo: canned answers, no real model"
        return LaneView(
            lane=lane,
            name=clean_line(preset.name),
            phase=None,
            state=figures.UNKNOWN,
            brief="",
            figures=("ready", ""),
            parts=_parts(note=about),
            cells=("ready", *((figures.UNKNOWN,) * (len(COLUMNS) - 1))),
        )

    def lane(self, run: Run, lane: int, now: int) -> LaneView:
        """One lane at `now`, nanoseconds since the run's origin."""
        view = self._now(run, lane, now)
        return replace(view, round=_round(run)) if run.rounds > 1 or run.is_warmup else view

    def earlier(self, run: Run, lane: int) -> LaneView:
        """One lane of a round that is over; nothing can be asked of it. The same view for the same run."""
        if self._back is None or self._back[0] is not run:
            self._back = run, tuple(self._look_back(run, lane) for lane in range(len(run.lanes)))
        return self._back[1][lane]

    def _look_back(self, run: Run, lane: int) -> LaneView:
        view = replace(_ended(run, lane, run.lanes[lane], key_of=None), round=_round(run))
        return _sparkling(view, self._sparks.get((run.id, run.round, lane), ""))

    def close(self, run: Run) -> None:
        """Remember the speeds of a round that is over."""
        for lane in range(len(run.lanes)):
            self._now(run, lane, 0)
        self._sparks = {place: spark for place, spark in self._sparks.items() if place[0] == run.id}
        for lane, rates in enumerate(self._rates):
            self._sparks[run.id, run.round, lane] = rates.spark(_SPARK)
            rates.clear()

    def _now(self, run: Run, lane: int, now: int) -> LaneView:
        state = run.lanes[lane]
        match state:
            case Waiting():
                self._rates[lane].clear()
                return self._waiting(run, lane, state, now)
            case Streaming():
                self._rates[lane].sample(state.first_at, now, self._count(lane, state))
                return _with_spark(self._streaming(run, lane, state, now), self._rates[lane])
            case _:
                self._rates[lane].end(self._count(lane, state))
                key_of = None if run.over_budget else self.key_of  # nothing reruns what is over budget
                return _with_spark(_ended(run, lane, state, key_of=key_of), self._rates[lane])

    def _count(self, lane: int, state: Streaming | Ended) -> int:
        return self._tallies[lane].count(
            content=state.content,
            reasoning=state.reasoning,
            refusal=state.refusal,
            tools=state.tools,
        )

    def _waiting(self, run: Run, lane: int, state: Waiting, now: int) -> LaneView:
        since = brief_time((now - state.sent_at) / MILLION) if state.sent_at is not None else ""
        note = "waiting for the first token" if since else "queued: the request has not left yet"
        if state.last_error is not None:
            reason = error_words(state.last_error)
            note = f"attempt {state.attempt} failed: {reason}; the next one follows"
        glyph = figures.glyph(state)
        return LaneView(
            lane=lane,
            name=clean_line(run.presets[lane].name),
            phase=figures.phase(state),
            state=figures.state(state),
            brief=f"{glyph}{since}",
            figures=(f"{figures.state(state)} {since}".rstrip(), figures.state(state)),
            parts=_parts(turns=_turns(run, lane), note=note),
            cells=(figures.state(state), *((figures.UNKNOWN,) * (len(COLUMNS) - 1))),
        )

    def _streaming(self, run: Run, lane: int, state: Streaming, now: int) -> LaneView:
        elapsed, ttft = (now - state.sent_at) / MILLION, (state.first_at - state.sent_at) / MILLION
        decoding = (state.last_at - state.first_at) / MILLION
        count = self._count(lane, state)
        enough = decoding >= _ENOUGH_MS and count >= _ENOUGH_TOKENS
        per_second = (count - 1) / decoding * 1000 if enough else None
        tokens = figures.tokens(None, count)
        speed = f"~{figures.rate(per_second)}" if per_second is not None else figures.UNKNOWN
        first = figures.seconds(ttft)
        glyph = figures.glyph(state)
        brief = brief_time(elapsed)
        return LaneView(
            lane=lane,
            name=clean_line(run.presets[lane].name),
            phase="streaming",
            state=figures.state(state),
            brief=f"{glyph}{brief}",
            figures=_figures(state, brief, first=first, speed=speed, tokens=tokens),
            parts=_lane_parts(state, turns=_turns(run, lane)),
            cells=(
                figures.state(state),
                first,
                brief,
                speed,
                figures.UNKNOWN,
                tokens,
                figures.UNKNOWN,
            ),
            call=_Call.of(run, state),
        )


def _ended(run: Run, lane: int, state: Lane, *, key_of: KeyOf | None) -> LaneView:
    assert isinstance(state, Ended)
    response = state.response
    timing, usage = response.timing, response.usage
    total_ms = timing.e2e_ms
    glyph, tokens = figures.glyph(response), figures.output_tokens(response)
    speed, first = figures.speed(response), figures.ttft(response)
    brief = brief_time(total_ms)
    whole = response.state == "complete"
    return LaneView(
        lane=lane,
        name=clean_line(run.presets[lane].name),
        phase=response.state,
        state=figures.state(response),
        brief=f"{glyph}{brief if whole else figures.word(response, numbered=False)}",
        figures=_figures(state, brief, first=first, speed=speed, tokens=tokens),
        parts=_lane_parts(state, turns=_turns(run, lane), note=_note(run, lane, response, key_of=key_of)),
        cells=(
            figures.state(response),
            first,
            figures.seconds(total_ms),
            speed,
            figures.tokens(usage.input_tokens, response.estimate.input_tokens),
            tokens,
            figures.money(response.cost),
        ),
    )


def with_text(view: LaneView, run: Run) -> LaneView | None:
    """A lane with the text that came since, its figures as they were; `None` where more than text is new.

    A text of another call is more: between two looks a round may end and the answer of the next one begin.
    """
    state = run.lanes[view.lane]
    if not isinstance(state, Streaming) or view.call != _Call.of(run, state):
        return None
    return replace(view, parts=_lane_parts(state, turns=str(view.parts["turns"])))


def _with_spark(view: LaneView, rates: Rates) -> LaneView:
    """With the speeds over time, where there is room for them and some are known."""
    return _sparkling(view, rates.spark(_SPARK))


def _sparkling(view: LaneView, spark: str) -> LaneView:
    if len(spark.strip()) <= 1:  # one bar has nothing to be higher or lower than
        return view
    longest, compact, _, without_ttft, rate_alone, *_ = view.figures
    beside = (longest, compact)
    if view.phase == "streaming":  # how fast it is now is worth more than what stays as it is
        beside = (longest, compact, without_ttft, rate_alone)
    return replace(view, spark=spark, figures=(*(f"{said}  ~{spark}" for said in beside), *view.figures))


def _note(run: Run, lane: int, response: Response, *, key_of: KeyOf | None) -> str:
    """Why it is not whole, what helps, and with which key."""
    alone = len(run.presets) == 1
    explained = figures.explain(response, key_of=key_of, preset=run.presets[lane], alone=alone)
    sentence = clean(explained) or ending_words(response)
    return f"{figures.glyph(response)} {sentence}" if sentence else ""


def _figures(of: Lane, total: str, *, first: str, speed: str, tokens: str) -> tuple[str, ...]:
    """Longest first; what is unknown takes no room, and the state's word is there to the last."""
    state, short = (figures.state(of, numbered=numbered) for numbered in (True, False))
    time, ttft = _known(total), _known(first, "TTFT {}")
    rate, count = _known(speed, "{} tok/s"), _known(tokens, "{} tok")
    whole = [counted(tokens, "token")] if count else []
    said = " ".join([short, *time])
    return (
        "  ".join([" ".join([state, *time]), *ttft, *rate, *whole]),
        "  ".join([" ".join([state, *time]), *ttft, *rate, *count]),
        "  ".join([said, *ttft, *rate, *count]),
        "  ".join([said, *rate, *count]),
        "  ".join([said, *rate]),
        said,
        short,
    )


def _known(text: str, form: str = "{}") -> list[str]:
    return [] if text in {figures.UNKNOWN, "~0"} else [form.format(text)]


def _round(run: Run) -> str:
    """`round_words` as they are written out."""
    return round_words(run).replace("/", " of ")


def _turns(run: Run, lane: int) -> str:
    return earlier_turns(run.prompt, run.presets[lane].name)


def _parts(
    *,
    turns: str = "",
    reasoning: Rope | None = None,
    answer: Rope | None = None,
    tools: Rope | None = None,
    refusal: Rope | None = None,
    note: str = "",
) -> dict[Part, Rope | str]:
    """All parts, absent ones empty: a pane forgets what it showed before."""
    return {
        "turns": turns,
        "reasoning": reasoning or _EMPTY,
        "answer": answer or _EMPTY,
        "tools": tools or _EMPTY,
        "refusal": refusal or _EMPTY,
        "note": note,
    }


_EMPTY = Rope()


def _lane_parts(lane: Streaming | Ended, *, turns: str, note: str = "") -> dict[Part, Rope | str]:
    return _parts(
        turns=turns,
        reasoning=lane.reasoning,
        answer=lane.content,
        tools=lane.tools,
        refusal=lane.refusal,
        note=note,
    )


def brief_time(ms: float | None) -> str:
    """Seconds to one decimal, as they fit into a frame: `1.9s`; the rest as in the table."""
    if ms is None or not 50 <= ms < 59_950:  # noqa: PLR2004 - 0.0s would not be true, and a minute has its own words
        return figures.seconds(ms)
    return f"{ms / 1000:.1f}s"
