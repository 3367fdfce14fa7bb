"""What the calls of one run have cost so far, and the bound at which they are stopped."""

from collections.abc import Callable, Hashable
from decimal import Decimal


class Budget:
    """Counts while answers grow, by estimated tokens, and settles each call when its verdict is in.

    Args:
        limit: USD.
        reached: Called when the calls together have cost so much; once.
    """

    def __init__(self, limit: Decimal, reached: Callable[[], None]) -> None:
        self._limit = limit
        self._reached = reached
        self._growing: dict[Hashable, Decimal] = {}
        self._settled = Decimal(0)
        self._over = False

    def note(self, call: Hashable, amount: Decimal) -> None:
        """What a call has cost so far."""
        self._growing[call] = amount
        self._check()

    def settle(self, call: Hashable, amount: Decimal | None) -> None:
        """What a call cost in the end; `None` leaves it at what was noted last."""
        noted = self._growing.pop(call, Decimal(0))
        self._settled += noted if amount is None else amount
        self._check()

    def _check(self) -> None:
        spent = self._settled + sum(self._growing.values())
        if not self._over and spent >= self._limit and spent > 0:  # what is free fits into any bound
            self._over = True
            self._reached()
