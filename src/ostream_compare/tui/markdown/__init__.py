"""Markdown for panes: text that grows becomes rows with spans. Importing this loads no parser."""


def last_code_block(text: str) -> str | None:
    """The content of the last fenced or indented code block of a Markdown text; `None` if there is none."""
    from ostream_compare.tui.markdown.blocks import read  # noqa: PLC0415 - loads the parser
    from ostream_compare.tui.markdown.references import References  # noqa: PLC0415

    leaves = read(text.replace("\r\n", "\n").replace("\r", "\n"), References())
    return next((leaf.text for leaf in reversed(leaves) if leaf.kind == "code"), None)
