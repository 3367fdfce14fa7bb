"""What a provider itself says that a call cost, and amounts that no call can have cost."""

from decimal import Decimal
from typing import Any

import pytest

from ostream.usage import normalize


@pytest.mark.parametrize(
    ("money", "want"),
    [
        ({"cost": 0.1}, "0.1"),
        ({"cost": "0.1"}, "0.1"),
        ({"cost": 5e-06}, "0.000005"),
        ({"cost": 0}, "0"),
        ({"cost_in_usd_ticks": 1}, "0.0000000001"),
        ({"cost_in_usd_ticks": 0, "cost": 3}, "0"),
        ({"cost": -1}, None),
        ({"cost": True}, None),
        ({"cost": "free"}, None),
        ({"cost": float("nan")}, None),
        ({"cost": "Infinity"}, None),
        ({"cost": 1e308}, None),
        ({"cost": "1e999999"}, None),
        ({"cost": 10**400}, None),
        ({"cost": 1e-300}, None),
        ({"cost": "1e-999999"}, None),
        ({"cost_in_usd_ticks": 10**16}, "1000000"),
        ({"cost_in_usd_ticks": 10**17}, None),
        ({"cost": None}, None),
        ({"cost": {"total": 1}}, None),
        ({"cost": 0, "is_byok": True}, None),
        ({"cost": 0, "is_byok": True, "cost_details": {}}, None),
        ({"cost": 0, "is_byok": True, "cost_details": {"upstream_inference_cost": None}}, None),
        ({"cost": 1, "is_byok": False, "cost_details": {"upstream_inference_cost": 9}}, "1"),
    ],
    ids=repr,
)
def test_the_providers_own_price(money: dict[str, Any], want: str | None) -> None:
    found = normalize({"prompt_tokens": 10, "completion_tokens": 3, **money}, has_output=True).provider_cost
    assert found == (None if want is None else Decimal(want))
