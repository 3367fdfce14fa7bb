"""What a call costs: the order of sources, tokens billed once, and the traps of the price list."""

import socket
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
from genai_prices.data_snapshot import get_snapshot

from ostream.pricing import Cost, Price, PriceKey, cost_of, load_prices
from ostream.usage import Usage
from wire.driver import both_modes, drive
from wire.runner import Mode
from wire.script import DONE, as_model, finish, stream, text, usage
from wire.server import Serve

MINI = PriceKey(model="gpt-4o-mini", provider_id="openai")
OWN = Price(input=Decimal(2), output=Decimal(6))
COUNTS = Usage(input_tokens=100, output_tokens=50, source="api")


def counted(**counts: Any) -> Usage:
    return Usage(**{"input_tokens": 100, "output_tokens": 50, "source": "api", **counts})


def test_the_providers_own_word_wins_over_everything() -> None:
    said = counted(provider_cost=Decimal("0.5"))
    for own in (None, OWN):
        assert cost_of(said, key=MINI, price=own, free=True) == Cost(total=Decimal("0.5"), source="provider")
    assert cost_of(Usage(provider_cost=Decimal(0))).total == 0  # without any count


def test_then_the_caller_then_the_list_then_nothing() -> None:
    own = cost_of(COUNTS, key=MINI, price=OWN)
    assert (own.total, own.source) == (Decimal("0.0005"), "preset")
    listed = cost_of(COUNTS, key=MINI)
    assert (listed.total, listed.source) == (Decimal("0.000045"), "genai-prices")
    assert cost_of(COUNTS) == Cost(reason="no price is known")


def test_free_is_the_only_zero() -> None:
    free = cost_of(Usage(), key=MINI, free=True)
    assert (free.total, free.source) == (Decimal(0), "preset")


@pytest.mark.parametrize(
    "counts", [Usage(), Usage(input_tokens=5), Usage(output_tokens=5), counted(unattributed=7)], ids=repr
)
def test_no_counts_no_cost(counts: Usage) -> None:
    for cost in (cost_of(counts, key=MINI), cost_of(counts, price=OWN)):
        assert (cost.total, cost.input, cost.output, cost.source) == (None, None, None, "none")
        assert cost.reason


OWN_PRICES: dict[str, tuple[dict[str, str], dict[str, int], str]] = {
    "input and output": ({}, {}, "0.0005"),
    "cached is billed at input when left out": ({}, {"cached_tokens": 80}, "0.0005"),
    # 20 x 2.00 + 80 x 0.50 + 50 x 6.00
    "cached is billed once": ({"cached_input": "0.5"}, {"cached_tokens": 80}, "0.00038"),
    # 40 x 2.00 + 60 x 2.50 + 50 x 6.00
    "cache writes are billed once": ({"cache_write": "2.5"}, {"cache_write_tokens": 60}, "0.00053"),
    "cache writes are billed at input when left out": ({}, {"cache_write_tokens": 60}, "0.0005"),
    # 10 x 2.00 + 80 x 0.50 + 10 x 2.50 + 50 x 6.00
    "all three": (
        {"cached_input": "0.5", "cache_write": "2.5"},
        {"cached_tokens": 80, "cache_write_tokens": 10},
        "0.000385",
    ),
    # 100 x 0.50 + 50 x 6.00: no more than the prompt can be cached
    "cached above the input": ({"cached_input": "0.5"}, {"cached_tokens": 900}, "0.00035"),
    "reasoning is part of the output": ({}, {"reasoning_tokens": 40}, "0.0005"),
}


@pytest.mark.parametrize(("rates", "counts", "want"), OWN_PRICES.values(), ids=OWN_PRICES.keys())
def test_a_price_of_the_callers_own(rates: dict[str, str], counts: dict[str, int], want: str) -> None:
    price = Price(input=Decimal(2), output=Decimal(6), **{k: Decimal(v) for k, v in rates.items()})
    cost = cost_of(counted(**counts), price=price)
    assert cost.total == Decimal(want)
    assert cost.input is not None
    assert cost.output is not None
    assert cost.input + cost.output == cost.total


def test_money_is_exact() -> None:
    third = Price(input=Decimal("0.1"), output=Decimal("0.2"))
    cost = cost_of(Usage(input_tokens=1, output_tokens=1), price=third)
    assert cost.total == Decimal("0.0000003")  # 0.1 + 0.2 as floats is another number
    assert cost_of(Usage(input_tokens=3, output_tokens=7), key=MINI).total == Decimal("0.00000465")


# The price list's traps


def test_with_neither_provider_nor_url_the_list_is_not_asked_to_guess() -> None:
    guess = cost_of(COUNTS, key=PriceKey(model="deepseek-r1:8b"))
    assert guess == Cost(reason="neither provider nor URL is known")


@pytest.mark.parametrize(
    "key",
    [
        PriceKey(model="deepseek-r1:8b", provider_url="http://127.0.0.1:11434/v1"),
        PriceKey(model="gpt-4o-mini", provider_url="http://localhost:8080/v1"),
        PriceKey(model="gpt-4o-mini", provider_id="my-own-server"),
        PriceKey(model="gpt-4o-mini", provider_id="my-own-server", provider_url="http://127.0.0.1:1/v1"),
        PriceKey(model="deepseek-r1:8b", provider_id="openai", provider_url="https://api.deepseek.com"),
        PriceKey(model="", provider_id="openai"),
    ],
    ids=repr,
)
def test_what_the_list_does_not_know_is_unknown_with_a_reason(key: PriceKey) -> None:
    cost = cost_of(COUNTS, key=key)
    assert (cost.total, cost.source) == (None, "none")
    assert cost.reason
    assert cost.reason.startswith("the price list has no")


def test_an_unknown_provider_with_a_known_url_is_priced_by_the_url() -> None:
    key = PriceKey(
        model="gpt-4o-mini", provider_id="my-own-server", provider_url="https://api.openai.com/v1/"
    )
    assert cost_of(COUNTS, key=key) == cost_of(COUNTS, key=MINI)


def test_a_known_provider_wins_over_the_url() -> None:
    key = PriceKey(model="gpt-4o-mini", provider_id="openai", provider_url="https://api.deepseek.com/v1")
    assert cost_of(COUNTS, key=key) == cost_of(COUNTS, key=MINI)


def test_no_model_of_the_list_comes_out_as_nothing() -> None:
    empty = 0
    for provider in get_snapshot().providers:
        for model in provider.models:
            cost = cost_of(COUNTS, key=PriceKey(model=model.id, provider_id=provider.id))
            assert cost.total is None or cost.total > 0, (provider.id, model.id)
            assert (cost.total is None) == bool(cost.reason)
            empty += cost.total is None
    assert empty >= 179


def test_cached_above_the_input_is_no_error() -> None:
    assert cost_of(counted(cached_tokens=900), key=MINI).total == Decimal("0.0000375")  # all of it cached
    assert cost_of(counted(cached_tokens=80, cache_write_tokens=900), key=MINI).total == Decimal("0.000039")


@pytest.mark.parametrize(
    ("counts", "want"),
    [
        ({"output_audio_tokens": 40}, "0.00291"),  # 100 x 2.50 + 10 x 10 + 40 x 64
        ({"input_audio_tokens": 60}, "0.00252"),  # 40 x 2.50 + 60 x 32 + 50 x 10
        ({"input_audio_tokens": 900, "output_audio_tokens": 900}, "0.0064"),
    ],
)
def test_audio_is_billed_as_audio(counts: dict[str, int], want: str) -> None:
    cost = cost_of(counted(**counts), key=PriceKey(model="gpt-audio", provider_id="openai"))
    assert cost.total == Decimal(want)


@pytest.mark.parametrize("counts", [{"input_audio_tokens": 1}, {"output_audio_tokens": 1}])
def test_audio_without_a_price_of_its_own_is_not_billed_as_text(counts: dict[str, int]) -> None:
    cost = cost_of(counted(**counts), key=PriceKey(model="gpt-4o-audio-preview", provider_id="openai"))
    assert (cost.total, cost.reason) == (
        None,
        "the price list has no price for the audio of gpt-4o-audio-preview",
    )


def test_nothing_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise AssertionError(f"a socket was opened: {args}")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    load_prices()
    for key in (MINI, PriceKey(model="gpt-4o-mini", provider_url="https://api.openai.com/v1")):
        assert cost_of(COUNTS, key=key).total == Decimal("0.000045")


def test_importing_and_pricing_opens_no_socket_and_loads_no_sdk() -> None:
    script = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(event) if event.startswith("socket.") else None)
from decimal import Decimal
from ostream.pricing import PriceKey, cost_of, load_prices
from ostream.usage import Usage
load_prices()
counts = Usage(input_tokens=100, output_tokens=50)
cost = cost_of(counts, key=PriceKey(model="gpt-4o-mini", provider_id="openai"))
assert cost.total == Decimal("0.000045"), cost
assert opened == [], opened
assert "openai" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@both_modes
def test_openai_call_prices_as_openai_whatever_the_base_url(serve: Serve, mode: Mode) -> None:
    details = usage(100, 50, prompt_tokens_details={"cached_tokens": 80})
    answer = stream(text("Hello"), finish(), details, DONE)
    run = drive(serve(as_model(answer, "gpt-4o-mini-2024-07-18")), mode, model="gpt-4o-mini")
    # 20 at 0.15, 80 cached at 0.075 and 50 at 0.60 USD a million.
    assert run.stream.cost == run.response.cost == Decimal("0.000039")
    assert run.stream.provider == "openai"
    assert run.stream.cost_details.source == "genai-prices"


@both_modes
def test_a_model_that_openai_does_not_sell_has_no_cost_and_a_reason(serve: Serve, mode: Mode) -> None:
    run = drive(serve(stream(text("Hello"), finish(), usage(100, 50), DONE)), mode, model="deepseek-r1:8b")
    for side in (run.stream, run.response):
        assert side.cost is None
        assert side.cost_details.reason == "the price list has no deepseek-r1:8b of openai"


def test_the_cost_is_unknown_until_counts_came(serve: Serve) -> None:
    run = drive(serve(stream(text("Hello"), finish(), DONE)), "sync", model="gpt-4o-mini")
    assert run.stream.cost is None
    assert run.stream.cost_details.reason == "the server reported no usable token counts"
