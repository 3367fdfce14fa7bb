"""What the calls of one run have cost so far, and the bound at which they are stopped."""

from collections.abc import Callable
from decimal import Decimal


class Budget:
    """Counts while answers grow, by estimated tokens, and settles each call when its verdict is in.

    Args:
        limit: USD.
        reached: Called once, when the calls together have cost so much.
    """

    def __init__(self, limit: Decimal, reached: Callable[[], None]) -> None:
        self._limit = limit
        self._reached = reached
        self._amounts: dict[int, Decimal] = {}
        self._over = False

    def note(self, lane: int, amount: Decimal) -> None:
        """What the call of `lane` has cost so far."""
        self._amounts[lane] = amount
        spent = sum(self._amounts.values())
        if not self._over and spent >= self._limit and spent > 0:  # what is free fits into any bound
            self._over = True
            self._reached()
