import json
import subprocess
from decimal import Decimal

import pytest

from collector.rig import KEY, Grew, Retrying, Sent, order, run_lanes
from ostream_compare.collector.client import WORKER
from ostream_compare.collector.protocol import Cancel, LaneOrder, OverBudget, StartRun, to_line
from ostream_compare.domain.preset import Preset, Price, Prompt, Provider
from wire.cases import Answer, Frame
from wire.script import DONE, delta, event, finish, stream, text, tool, tools, usage

HELLO = (text("Hel"), text("lo"), finish("stop"), usage(3, 2), DONE)


def refusal(status, message, *headers, **error):
    """An answer that is an HTTP error."""
    data = json.dumps({"error": {"message": message, **error}}).encode()
    kind = ("content-type", "application/json")
    return Answer(status=status, headers=(kind, *headers), framing="length", frames=(Frame(data),))


def test_lanes_run_at_once_and_report_every_burst(serve):
    sites = [serve(stream(*HELLO)) for _ in range(3)]
    heard = run_lanes([order(lane, site.base_url) for lane, site in enumerate(sites)])
    for lane, site in enumerate(sites):
        response = heard.responses[lane]
        assert (response.state, response.content, response.finish_reason) == ("complete", "Hello", "stop")
        assert heard.text(lane) == "Hello"
        assert (response.usage.input_tokens, response.usage.output_tokens, response.usage.source) == (
            3,
            2,
            "api",
        )
        assert site.requests[0].headers["authorization"] == f"Bearer {KEY}"
        sent, first = heard.of(Sent, lane)[0], heard.of(Grew, lane)[0]
        assert 0 < sent.at < first.at
        assert response.timing.ttft_ms == pytest.approx((first.at - sent.at) / 1e6)


def test_faults_of_servers_are_verdicts_of_their_lanes_alone(serve, wire_server):
    page = Frame(b"<html><head><title>Just a moment</title></head><body>x</body></html>")
    html = Answer(headers=(("content-type", "text/html"),), frames=(page,))
    cases = {
        "refused": (wire_server.refuse(), "connect"),
        "401": (serve(refusal(401, f"Invalid key {KEY}")), "auth"),
        "404": (
            serve(refusal(404, "no model m", code="model_not_found")),
            "not_found",
        ),
        "429": (
            serve(refusal(429, "slow down", ("retry-after", "7"))),
            "rate_limit",
        ),
        "html": (
            serve(html),
            "not_a_stream",
        ),
        "cut": (serve(stream(text("Hel"), end="abort")), "connection_lost"),
        "truncated": (serve(stream(text("Hel"))), None),
        "right": (serve(stream(*HELLO)), None),
    }
    heard = run_lanes([order(lane, site.base_url) for lane, (site, _) in enumerate(cases.values())])
    got = dict(zip(cases, (heard.responses[lane] for lane in range(len(cases))), strict=True))
    kinds = {name: response.error.kind if response.error else None for name, response in got.items()}
    assert kinds == {name: kind for name, (_, kind) in cases.items()}
    assert got["truncated"].state == "truncated"
    assert got["right"].state == "complete"
    assert got["cut"].content == got["truncated"].content == "Hel"
    assert got["429"].error.retry_after == 7
    named = {name for name, response in got.items() if response.served_model is not None}
    assert named == {"cut", "truncated", "right"}
    assert "Just a moment" in got["html"].error.message
    assert not any(KEY in response.model_dump_json() for response in got.values())


def test_no_key_no_authorization_and_nothing_of_the_environment(serve, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-environment")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-leak: of-the-environment")
    site = serve(stream(*HELLO))
    heard = run_lanes([order(0, site.base_url, key=None)])
    assert heard.responses[0].state == "complete"
    assert "authorization" not in site.requests[0].headers
    assert b"of-the-environment" not in site.requests[0].head + site.requests[0].body


def test_a_missing_key_skips_its_model_without_a_request(serve):
    site = serve(stream(*HELLO))
    preset = Preset(name="no key", provider=Provider(name="p", base_url=site.base_url), model="m")
    orders = [LaneOrder(lane=0, preset=preset, missing_key="X is not set"), order(1, site.base_url)]
    heard = run_lanes(orders)
    assert heard.responses[0].error.kind == "missing_key"
    assert heard.responses[1].state == "complete"
    assert len(site.requests) == 1


def test_usage_is_asked_for_once_more_without_where_it_is_refused(serve):
    refused = refusal(400, "Validation error at #/stream_options: not permitted")
    site = serve(refused, stream(text("Hello"), finish("stop"), DONE))
    response = run_lanes([order(0, site.base_url)]).responses[0]
    assert response.state == "complete"
    assert response.attempt == 1
    assert ["stream_options" in request.json for request in site.requests] == [True, False]
    assert response.usage.source == "none"
    assert response.usage.output_tokens is None
    assert response.estimate.output_tokens == 1


def test_a_retry_is_told_and_counted(serve):
    site = serve(refusal(503, "loading", ("retry-after-ms", "1")), stream(*HELLO))
    heard = run_lanes([order(0, site.base_url, retries=1)])
    failed = heard.of(Retrying, 0)
    assert [(event.attempt, event.error.kind) for event in failed] == [(1, "server")]
    first, *_, last = (event.at / 1e6 for event in heard.of(Sent, 0))
    assert failed[0].queue_ms is not None
    assert failed[0].connect_ms == 0  # it was open before
    assert failed[0].cold_connect_ms == heard.responses[0].timing.cold_connect_ms > 0
    assert 0 < failed[0].ttfb_ms < last - first
    assert [event.attempt for event in heard.of(Sent, 0)][-1] == 2
    assert heard.responses[0].attempt == 2
    assert heard.responses[0].state == "complete"


@pytest.mark.parametrize(
    "first",
    [refusal(503, "loading", ("retry-after-ms", "1")), refusal(400, "Unknown parameter: stream_options")],
    ids=["a retry", "the try without stream_options"],
)
def test_the_queue_of_a_further_request_begins_when_it_is_due(serve, first):
    site = serve(first, stream(*HELLO))
    heard = run_lanes([order(0, site.base_url, retries=1)])
    timing = heard.responses[0].timing
    sent_first, *_, sent_last = (event.at / 1e6 for event in heard.of(Sent, 0))
    assert sent_last - timing.connect_ms - timing.queue_ms > sent_first


def test_a_stopped_lane_keeps_its_text_and_the_others_go_on(serve):
    endless = serve(stream(text("Hel"), end="hang"))
    other = serve(stream(*HELLO))

    def stop_the_endless(collector, report):
        if isinstance(report, Grew) and report.event.lane == 0:
            collector.send(Cancel(run="r", lane=0))

    heard = run_lanes([order(0, endless.base_url), order(1, other.base_url)], meanwhile=stop_the_endless)
    assert (heard.responses[0].state, heard.responses[0].content) == ("cancelled", "Hel")
    assert heard.responses[0].cost.bound is None
    assert heard.responses[1].state == "complete"
    assert endless.client_closed_first()


def test_a_provider_takes_so_many_at_once_and_the_next_ones_wait(serve):
    site = serve(stream(*HELLO))
    provider = Provider(name="one GPU", base_url=site.base_url, max_parallel=1)
    orders = [
        LaneOrder(lane=lane, preset=Preset(name=str(lane), provider=provider, model="m"), key=None)
        for lane in range(3)
    ]
    heard = run_lanes(orders)
    ends = {report.event.lane: at for at, report in enumerate(heard.reports) if hasattr(report, "event")}
    starts = {report.event.lane: at for at, report in enumerate(heard.reports) if isinstance(report, Sent)}
    assert ends[0] < starts[1]
    assert ends[1] < starts[2]
    queues = [heard.responses[lane].timing.queue_ms for lane in range(3)]
    assert queues == sorted(queues)


@pytest.mark.parametrize(
    ("price", "source", "total", "bound"),
    [
        (Price(input=Decimal(2), output=Decimal(6)), "preset", "0.000018", "exact"),
        (Price(free=True), "preset", "0", "exact"),
        (Price(provider="openai", model="gpt-4o-mini"), "genai-prices", "0.00000165", "exact"),
        (None, "none", None, None),
    ],
)
def test_money(serve, price, source, total, bound):
    site = serve(stream(*HELLO))
    cost = run_lanes([order(0, site.base_url, price=price)]).responses[0].cost
    assert (cost.source, cost.total_usd, cost.bound) == (source, total, bound)


def test_money_of_estimated_and_of_cut_answers_says_so(serve):
    price = Price(input=Decimal(2), output=Decimal(6))
    guessed = serve(stream(text("one two three"), finish("stop"), DONE))
    cut = serve(stream(text("one"), usage(3, 2), end="abort"))
    both = serve(stream(text("one two three"), end="abort"))
    sites = [guessed, cut, both]
    heard = run_lanes([order(lane, site.base_url, price=price) for lane, site in enumerate(sites)])
    costs = [heard.responses[lane].cost for lane in range(3)]
    assert [(cost.bound, cost.estimated) for cost in costs] == [
        ("estimated", None),
        ("lower", None),
        ("lower", True),
    ]
    assert [cost.total_usd for cost in costs] == ["0.000022", "0.000018", "0.000022"]


@pytest.mark.parametrize(
    ("said", "output", "total"),
    [
        ({"refusal": "I will not."}, 4, "0.00004"),
        ({"content": "Wait.", "refusal": "No."}, 4, "0.00004"),
        (
            {"tool_calls": [{"index": 0, "id": "1", "function": {"name": "f", "arguments": "{}"}}]},
            3,
            "0.00003",
        ),
        ({"content": ""}, None, None),
    ],
)
def test_everything_that_came_is_estimated(serve, said, output, total):
    site = serve(stream(event({"choices": [{"index": 0, "delta": said}]}), finish("stop"), DONE))
    price = Price(input=Decimal(0), output=Decimal(10))
    response = run_lanes([order(0, site.base_url, price=price)]).responses[0]
    assert (response.estimate.output_tokens, response.cost.total_usd) == (output, total)
    assert response.usage.output_tokens is None


@pytest.mark.parametrize(
    ("counts", "reasoning", "hidden", "tpot"),
    [
        ({}, None, None, 1 / 10),
        ({"total_tokens": 121}, None, True, 1 / 10),
        ({"total_tokens": 121, "reasoning_tokens": 100}, None, True, 1 / 10),
        ({"total_tokens": 121}, "hm", None, 1 / 110),
        ({"total_tokens": 121, "reasoning_tokens": 7}, None, True, 1 / 3),
    ],
)
def test_tokens_that_were_billed_and_not_streamed_are_in_no_pace(serve, counts, reasoning, hidden, tpot):
    record = {"prompt_tokens": 10, "completion_tokens": 11, "total_tokens": 21, **counts}
    thought = event({"choices": [{"index": 0, "delta": {"reasoning_content": reasoning}}]})
    pieces = (text("one "), Frame(text("two"), wait_ms=60))
    site = serve(stream(thought, *pieces, event({"choices": [], "usage": record}), finish("stop"), DONE))
    timing = run_lanes([order(0, site.base_url)]).responses[0].timing
    begin = timing.ttft_ms if hidden is None else timing.ttfa_ms
    assert timing.tpot_ms == pytest.approx((timing.e2e_ms - begin) * tpot)
    assert timing.hidden_reasoning is hidden


@pytest.mark.parametrize(
    ("record", "price", "end", "want"),
    [
        ({}, 1, "fin", ("0.000313", "exact", None)),
        ({"reasoning_tokens": 321}, 1, "fin", ("0.000313", "estimated", None)),
        ({"prompt_cache_hit_tokens": 21}, 1, "fin", ("0.000313", "estimated", None)),
        ({"reasoning_tokens": 321}, 1, "abort", ("0.000313", "lower", True)),
        ({"reasoning_tokens": 321}, 0, "fin", ("0", "exact", None)),
        ({"reasoning_tokens": 321, "cost": 0.5}, 1, "fin", ("0.5", "exact", None)),
        ({"total_tokens": -1}, 1, "fin", ("0.000313", "estimated", None)),
        ({"total_tokens": 400, "reasoning_tokens": 3}, 1, "fin", (None, None, None)),
    ],
    ids=repr,
)
def test_money_of_counts_that_cannot_be_right_is_no_exact_one(serve, record, price, end, want):
    counts = {"prompt_tokens": 20, "completion_tokens": 293, "total_tokens": 313, **record}
    ending = (finish("stop"), DONE) if end == "fin" else ()
    site = serve(stream(text("one"), event({"choices": [], "usage": counts}), *ending, end=end))
    rates = Price(input=Decimal(price), output=Decimal(price))
    response = run_lanes([order(0, site.base_url, price=rates)]).responses[0]
    assert (response.cost.total_usd, response.cost.bound, response.cost.estimated) == want
    assert response.usage.input_tokens == 20


def test_counts_that_are_odd_in_part_still_count_towards_the_bound(serve):
    record = {"prompt_tokens": 20, "completion_tokens": 293, "reasoning_tokens": 321}
    one = serve(stream(text("one"), event({"choices": [], "usage": record}), finish("stop"), DONE))
    other = serve(stream(text("one"), end="hang"))
    price = Price(input=Decimal(0), output=Decimal(1_000_000))
    orders = [order(0, one.base_url, price=price), order(1, other.base_url, price=price)]
    heard = run_lanes(orders, max_cost_usd=Decimal(100))
    assert any(isinstance(report, OverBudget) for report in heard.reports)
    assert heard.responses[1].state == "cancelled"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (text, "content"),
        (lambda said: delta(reasoning_content=said), "reasoning"),
        (lambda said: delta(refusal=said), "refusal"),
        (lambda said: tools(tool(0, said, call_id="c", name="f")), "tool_calls"),
    ],
    ids=["text", "reasoning", "refusal", "arguments of a tool"],
)
def test_a_run_that_has_cost_its_bound_is_stopped(serve, told, kept):
    price = Price(input=Decimal(0), output=Decimal(1_000_000))  # a dollar a word
    dear = serve(stream(*(told("word ") for _ in range(20)), end="hang"))
    cheap = serve(stream(text("one"), end="hang"))
    orders = [order(0, dear.base_url, price=price), order(1, cheap.base_url, price=price)]
    heard = run_lanes(orders, max_cost_usd=Decimal(5))
    assert sum(isinstance(report, OverBudget) for report in heard.reports) == 1
    assert [heard.responses[lane].state for lane in range(2)] == ["cancelled", "cancelled"]
    assert "word " in str(getattr(heard.responses[0], kept))


def test_a_run_below_its_bound_goes_on(serve):
    price = Price(input=Decimal(0), output=Decimal(1_000_000))
    site = serve(stream(*HELLO))
    heard = run_lanes([order(0, site.base_url, price=price)], max_cost_usd=Decimal("2.01"))
    assert heard.responses[0].state == "complete"
    assert not any(isinstance(report, OverBudget) for report in heard.reports)


def test_what_is_free_fits_into_any_bound(serve):
    site = serve(stream(*HELLO))
    heard = run_lanes([order(0, site.base_url, price=Price(free=True))], max_cost_usd=Decimal(0))
    assert heard.responses[0].state == "complete"


def test_connections_are_open_before_the_clock_starts(serve):
    warm, cold = serve(stream(*HELLO)), serve(stream(*HELLO))
    heard = run_lanes([order(0, warm.base_url), order(1, cold.base_url, provider={"warm": False})])
    assert heard.responses[0].timing.cold_connect_ms > 0
    assert heard.responses[0].timing.connect_ms == 0
    assert heard.responses[1].timing.cold_connect_ms is None
    assert heard.responses[1].timing.connect_ms > 0
    assert len(warm.connections) == len(warm.requests) == 1  # nothing was sent but the call


def test_chunks_of_one_read_are_one_burst(serve):
    pieces = (text("a"), text("b"), text("c"), finish("stop"), usage(3, 3), DONE)
    site = serve(stream(b"".join(pieces)))
    response = run_lanes([order(0, site.base_url)]).responses[0]
    assert response.content == "abc"
    assert response.timing.bursts == 1
    assert response.timing.tpot_ms is None


def test_the_child_ends_when_its_orders_do(serve):
    site = serve(stream(text("Hel"), end="hang"))
    child = subprocess.Popen([*WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    start = StartRun(run="r", origin=0, prompt=Prompt(user="x"), lanes=(order(0, site.base_url),))
    child.stdin.write(to_line(start))
    child.stdin.flush()
    while b'"delta"' not in child.stdout.readline():
        pass
    child.stdin.close()
    last = child.stdout.read()
    child.stdout.close()
    assert child.wait(20) == 0
    assert b'"cancelled"' in last
    assert site.client_closed_first()
