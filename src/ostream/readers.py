"""The reader that makes a call's request: a thread's for a sync client, a task's for an async one."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from typing import Any, cast

import httpx2
from openai import APIResponse, AsyncAPIResponse, AsyncOpenAI, OpenAI

from ostream.answer import PreparedCall
from ostream.reader import Inbox
from ostream.reader_async import TaskReader
from ostream.reader_sync import ThreadReader
from ostream.steady import SteadyAsyncOpenAI
from ostream.transport import CallTrace, async_gated, gated


def reader_of(call: PreparedCall, inbox: Inbox) -> ThreadReader | TaskReader:
    """The reader of `call`, not started yet; it leaves in `inbox` what it reads."""
    kwargs = call.call_kwargs
    if isinstance(call.client, AsyncOpenAI):
        client = call.client

        def aopen(trace: CallTrace) -> AbstractAsyncContextManager[httpx2.Response]:
            if isinstance(client, SteadyAsyncOpenAI):
                return client.answer(kwargs, trace)
            return _by_sdk(client, kwargs, trace)

        return TaskReader(inbox, aopen)
    sync_client: OpenAI = call.client

    def open_(trace: CallTrace) -> AbstractContextManager[APIResponse[object]]:
        completions = gated(sync_client, trace).chat.completions
        return cast(
            "AbstractContextManager[APIResponse[object]]",
            completions.with_streaming_response.create(**kwargs),
        )

    return ThreadReader(inbox, open_)


@asynccontextmanager
async def _by_sdk(
    client: AsyncOpenAI, kwargs: dict[str, Any], trace: CallTrace
) -> AsyncGenerator[httpx2.Response, None]:
    completions = async_gated(client, trace).chat.completions
    opened = cast(
        "AbstractAsyncContextManager[AsyncAPIResponse[object]]",
        completions.with_streaming_response.create(**kwargs),
    )
    async with opened as response:
        yield response.http_response
