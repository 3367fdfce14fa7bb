"""What a model answered, as text: what it wrote, or why it would not, and the tools that it called. Pure."""

from ostream_compare.domain.comparison import Response


def answer_text(response: Response) -> str:
    """As the server sent it; "" where nothing came."""
    return "\n\n".join(part for part in (written(response), "\n".join(tool_calls(response))) if part)


def written(response: Response) -> str:
    """The same without tools: what it wrote, and its refusal below that."""
    return "\n\n".join(part for part in (response.content, response.refusal) if part)


def tool_calls(response: Response) -> list[str]:
    """A line each: `name(arguments)`."""
    return [f"{call.name}({call.arguments})" for call in response.tool_calls]
