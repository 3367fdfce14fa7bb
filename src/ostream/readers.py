"""The reader that makes a call's request: a thread's for a sync client, a task's for an async one."""

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, cast

from openai import APIResponse, AsyncAPIResponse, AsyncOpenAI, OpenAI

from ostream.answer import PreparedCall
from ostream.reader import Inbox
from ostream.reader_async import TaskReader
from ostream.reader_sync import ThreadReader
from ostream.transport import CallTrace, async_gated, gated


def reader_of(call: PreparedCall, inbox: Inbox) -> ThreadReader | TaskReader:
    """The reader of `call`, not started yet; it leaves in `inbox` what it reads."""
    kwargs = _spared(call.call_kwargs)
    if isinstance(call.client, AsyncOpenAI):
        client = call.client

        def aopen(trace: CallTrace) -> AbstractAsyncContextManager[AsyncAPIResponse[object]]:
            completions = async_gated(client, trace).chat.completions
            return cast(
                "AbstractAsyncContextManager[AsyncAPIResponse[object]]",
                completions.with_streaming_response.create(**kwargs),
            )

        return TaskReader(inbox, aopen)
    sync_client: OpenAI = call.client

    def open_(trace: CallTrace) -> AbstractContextManager[APIResponse[object]]:
        completions = gated(sync_client, trace).chat.completions
        return cast(
            "AbstractContextManager[APIResponse[object]]",
            completions.with_streaming_response.create(**kwargs),
        )

    return ThreadReader(inbox, open_)


def _spared(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The same request, its messages past the SDK's way of writing parameters in JSON.

    That takes a third of a millisecond even for one message, and leaves those that are JSON as they are.
    """
    messages = kwargs["messages"]
    if not _is_json(messages):
        return kwargs
    return {
        **kwargs,
        "messages": [],
        "extra_body": {"messages": messages, **(kwargs.get("extra_body") or {})},
    }


def _is_json(value: Any) -> bool:
    """Whether it is made of JSON's own types, none of them a subclass."""
    kind: Any = value.__class__
    if kind is list:
        return all(map(_is_json, value))
    if kind is dict:
        return all(key.__class__ is str and _is_json(of) for key, of in value.items())
    return kind in {str, int, float, bool, type(None)}
