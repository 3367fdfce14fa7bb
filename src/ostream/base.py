"""What every provider's stream is: the eleven types that it is made of, and what it promises."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Generic, Self, TypeVar

ResponseT = TypeVar("ResponseT")
ChunkT = TypeVar("ChunkT")
UserMessageT = TypeVar("UserMessageT")
AssistantMessageT = TypeVar("AssistantMessageT")
ToolMessageT = TypeVar("ToolMessageT")
MessageT = TypeVar("MessageT")
ToolT = TypeVar("ToolT")
ToolSchemaT = TypeVar("ToolSchemaT")
DynamicConfigT = TypeVar("DynamicConfigT")
CallParamsT = TypeVar("CallParamsT")
FinishReasonT = TypeVar("FinishReasonT")


@dataclass(frozen=True, slots=True, kw_only=True)
class CostMetadata:
    """The counts that a cost is worked out from; `None` is unknown."""

    input_tokens: int | None = None
    """Prompt tokens, cached ones included."""
    cached_tokens: int | None = None
    """The part of them that was read from a cache."""
    output_tokens: int | None = None
    """Completion tokens, reasoning included."""


class BaseStream(
    ABC,
    Generic[
        ResponseT,
        ChunkT,
        UserMessageT,
        AssistantMessageT,
        ToolMessageT,
        MessageT,
        ToolT,
        ToolSchemaT,
        DynamicConfigT,
        CallParamsT,
        FinishReasonT,
    ],
):
    """A model's answer as it comes in: iterate it as `(chunk, tool)`, then construct the response."""

    @property
    @abstractmethod
    def audio_id(self) -> str | None:
        """Id of the spoken answer."""

    @property
    @abstractmethod
    def cost_metadata(self) -> CostMetadata:
        """The counts that the cost is worked out from."""

    @abstractmethod
    def __iter__(self) -> Iterator[tuple[ChunkT, ToolT | None]]:
        """Each wire chunk once, in order, each finished tool with the chunk that finished it."""

    @abstractmethod
    def __aiter__(self) -> AsyncIterator[tuple[ChunkT, ToolT | None]]:
        """The same for a stream of an async function."""

    @abstractmethod
    def construct_call_response(self, *, partial: bool = False) -> ResponseT:
        """The response that the chunks add up to."""

    @property
    @abstractmethod
    def cost(self) -> Decimal | None:
        """USD, `None` if unknown."""

    @abstractmethod
    def close(self) -> None:
        """Give the connection back; a stream that is not over becomes cancelled. Idempotent."""

    @abstractmethod
    async def aclose(self) -> None:
        """`close`, and wait until the connection was given back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
