"""Calls without `stream`: the same road as a stream's, its whole body read before anything is given out."""

from dataclasses import replace

from ostream.answer import PreparedCall
from ostream.response import OpenAICallResponse
from ostream.stream import OpenAIStream


def call(prepared: PreparedCall) -> OpenAICallResponse:
    """Make the call and wait for its answer.

    Raises:
        OStreamError: There is no answer.
        ValueError: The answer is cut.
    """
    stream = OpenAIStream(replace(prepared, partial_tools=False))
    for _ in stream:
        pass
    return stream.construct_call_response()


async def acall(prepared: PreparedCall) -> OpenAICallResponse:
    """Make the call and wait for its answer.

    Raises:
        OStreamError: There is no answer.
        ValueError: The answer is cut.
    """
    stream = OpenAIStream(replace(prepared, partial_tools=False))
    async for _ in stream:
        pass
    return stream.construct_call_response()
