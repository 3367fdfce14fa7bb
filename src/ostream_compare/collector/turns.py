"""Whose turn it is: calls wait here for their provider's, and for one of those that there may be at once."""

import asyncio
from types import TracebackType

from ostream_compare.domain.preset import Provider

_NO_LIMIT = 1_000_000


class Turn:
    """Entered by a call; its provider's turn comes first, so that no other call waits for it meanwhile."""

    def __init__(self, provider: asyncio.Semaphore, every: asyncio.Semaphore) -> None:
        self._provider = provider
        self._every = every

    def locked(self) -> bool:
        """Whether a call would have to wait."""
        return self._provider.locked() or self._every.locked()

    async def __aenter__(self) -> None:
        await self._provider.acquire()
        try:
            await self._every.acquire()
        except BaseException:
            self._provider.release()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._every.release()
        self._provider.release()


class Turns:
    """The turns of one child."""

    def __init__(self) -> None:
        self._providers: dict[Provider, asyncio.Semaphore] = {}
        self._limit: int | None = None
        self._every = asyncio.Semaphore(_NO_LIMIT)

    def limit(self, calls: int | None) -> None:
        """From now on there are so many calls at once; those that are made or wait keep to what was."""
        if calls is not None and calls != self._limit:
            self._limit = calls
            self._every = asyncio.Semaphore(calls)

    def of(self, provider: Provider) -> Turn:
        """The turn of a call to `provider`."""
        if provider not in self._providers:
            self._providers[provider] = asyncio.Semaphore(provider.max_parallel or _NO_LIMIT)
        return Turn(self._providers[provider], self._every)
