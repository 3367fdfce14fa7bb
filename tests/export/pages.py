"""Comparisons for the exports' tests: one that has something of everything, and an HTML page taken apart."""

from datetime import UTC, datetime
from html.parser import HTMLParser

from ostream_compare.domain.comparison import (
    Baseline,
    BaselineModel,
    Comparison,
    Estimate,
    Response,
    SavedChange,
    SavedConfig,
    SavedCost,
    SavedError,
    SavedPrompt,
    SavedToolCall,
    SavedUsage,
    Timing,
    Vote,
)
from ostream_compare.domain.summary import pairs, summary

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "<a href='javascript:alert(1)'>x</a>",
    "&lt;b&gt; ]]> <!-- -->",
    "</pre></div></main></body><iframe srcdoc='<script>1</script>'>",
    "[@click=app.quit]x[/nope]",
]
STARTED = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)


def full(text="hello", name="Swift", **more):
    """Two models; `text` stands wherever a server, a file or a person can put something."""
    responses = [
        Response(
            name=name,
            provider=text,
            model=text,
            served_model=text + "2",
            state="complete",
            finish_reason=text,
            content=text,
            reasoning=text,
            warnings=[text],
            tool_calls=[SavedToolCall(id="1", name=text, arguments=text)],
            timing=Timing(
                queue_ms=5,
                connect_ms=1,
                ttft_ms=210,
                ttfa_ms=300,
                e2e_ms=600,
                tokens_per_second=90,
                icl_p50_ms=4,
                icl_p99_ms=20,
                icl_max_ms=31,
            ),
            usage=SavedUsage(input_tokens=24, output_tokens=18, source="api"),
            cost=SavedCost(
                total_usd="0.00006", input_usd="0.000024", output_usd="0.000036", source="genai-prices"
            ),
        ),
        Response(
            name="Flaky",
            provider="p",
            model="m",
            state="failed",
            content=text,
            error=SavedError(kind="auth", message=text, code=text, hint=text),
            estimate=Estimate(output_tokens=4),
        ),
    ]
    made = {
        "id": text,
        "started_at": STARTED,
        "program_version": "0.1.0",
        "config": SavedConfig(path=text, sha256="ab" * 32),
        "prompts": [SavedPrompt(name=text, system=text, user=text, variables={text: text})],
        "responses": responses,
        "summary": summary(responses),
        "pairs": pairs(responses),
        "votes": [Vote(winner=text, loser="B"), Vote(winner="B", loser=text, tie=True)],
        "definitions": 1,
        "price_list": text,
        "baseline": Baseline(
            id=text,
            started_at=STARTED,
            models=[
                BaselineModel(
                    name=text,
                    n=1,
                    n_before=1,
                    complete=1,
                    complete_before=0,
                    failures=0,
                    failures_before=1,
                    finish_reasons={text: 1},
                    changes=[SavedChange(figure="ttft_ms", n=1, n_before=1, wording=text)],
                    new_failures=[text],
                )
            ],
            only_now=[text],
            only_before=[text],
            notes=[text],
        ),
    }
    return Comparison.model_validate(made | more)


def empty():
    """A run of which nothing came at all."""
    return Comparison(id="x", started_at=STARTED, program_version="0.1.0", prompts=[], responses=[])


def failed():
    """A run in which nobody answered, in all ways."""
    states = (
        ("failed", SavedError(kind="dns", message="no such host")),
        ("failed", SavedError(kind="missing_key", message="MY_KEY is not set")),
        ("truncated", None),
        ("cancelled", None),
    )
    responses = [
        Response(name=f"M{number}", provider="p", model="m", state=state, error=error)
        for number, (state, error) in enumerate(states)
    ]
    return empty().model_copy(
        update={
            "prompts": [SavedPrompt(user="hi")],
            "responses": responses,
            "summary": summary(responses),
        }
    )


class Page(HTMLParser):
    """Every element and the visible text of a page; an element that is not closed is an error."""

    VOID = frozenset({"meta", "br", "img", "link", "input"})

    def __init__(self, document):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.text = []
        self.open = []
        self.feed(document)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    @property
    def shown(self):
        return "".join(self.text)

    def all(self, tag):
        return [attrs for found, attrs in self.elements if found == tag]
