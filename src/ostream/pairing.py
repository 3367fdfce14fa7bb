"""What iteration gives: each chunk with the tool that it finished, further tools with the chunk again."""

from collections.abc import Iterable, Iterator

from ostream.answer import Answer
from ostream.chunk import OpenAICallResponseChunk
from ostream.interpreter import Arrived, Interpreter
from ostream.tool import OpenAITool

Pair = tuple[OpenAICallResponseChunk, OpenAITool | None]


class Pairing(Answer):
    """An answer whose chunks are given with their tools."""

    def _unfinished(self, reading: Interpreter) -> list[OpenAITool]:
        return [self._read_tool(c, reading) for c in reading.unfinished_calls() if self._tools_by_name]

    def _pairs(self, arrived: Arrived, reading: Interpreter) -> Iterable[Pair]:
        if not (arrived.grown or arrived.finished):
            return ((arrived.chunk, None),)
        return self._with_tools(arrived, reading)

    def _with_tools(self, arrived: Arrived, reading: Interpreter) -> Iterator[Pair]:
        tools: list[OpenAITool] = []
        if self._tools_by_name:
            if self._call.partial_tools:
                for call, piece in arrived.grown:
                    kind = self._tools_by_name.get(call.name or "", OpenAITool)
                    tools.append(kind.partial(call, self._call_id(call, reading), piece))
            tools += [self._read_tool(call, reading) for call in arrived.finished]
        yield arrived.chunk, tools[0] if tools else None
        yield from self._extras(arrived.chunk, tools[1:])

    @staticmethod
    def _extras(chunk: OpenAICallResponseChunk, tools: list[OpenAITool]) -> Iterator[Pair]:
        for tool in tools:
            yield chunk.again(), tool
