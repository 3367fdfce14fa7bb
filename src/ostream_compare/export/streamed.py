"""A comparison of many responses, written in pieces: no format need ever be whole in memory."""

from collections.abc import Iterable, Iterator
from itertools import chain

from ostream_compare.domain.comparison import Comparison, Response
from ostream_compare.domain.rows import is_repeated
from ostream_compare.domain.spelling import to_json, to_toml
from ostream_compare.export.csv import to_csv
from ostream_compare.export.formats import Format, export
from ostream_compare.export.markdown import markdown_pieces

_NO_JSON = '  "responses": [],\n'
_JSON_BEGIN, _JSON_END = '  "responses": [\n', "\n  ],\n"
_NO_TOML = "responses = []\n"
_TOML_BEGIN = "[[responses]]\n"


def pieces(head: Comparison, pages: Iterable[list[Response]], kind: Format) -> Iterator[str]:
    """A document of `kind`.

    Args:
        head: The comparison without its responses.
        pages: The responses, a prompt's at a time and in the order of the prompts; they may be gone through
            more than once.
        kind: The format.
    """
    if kind == "json":
        yield from _json(head, pages)
    elif kind == "toml":
        yield from _toml(head, pages)
    elif kind == "csv":
        yield from _csv(head, pages)
    elif kind == "junit":
        from ostream_compare.export.junit import junit_pieces  # noqa: PLC0415 - the XML writer is for it alone

        yield from junit_pieces(head, pages)
    elif not is_repeated(head):  # the table has a row a response
        yield export(head.model_copy(update={"responses": list(chain.from_iterable(pages))}), kind)
    elif kind == "md":
        yield from markdown_pieces(head, pages)
    else:
        from ostream_compare.export.html import html_pieces  # noqa: PLC0415 - jinja2 is for this format alone

        yield from html_pieces(head, pages)


def _page(head: Comparison, responses: list[Response]) -> Comparison:
    """As little of the comparison as responses can stand in."""
    lists = ("prompts", "votes", "summary", "pairs", "discarded", "gates")
    changes: dict[str, object] = {name: [] for name in lists}
    return head.model_copy(update={**changes, "baseline": None, "responses": responses})


def _json(head: Comparison, pages: Iterable[list[Response]]) -> Iterator[str]:
    before, mark, after = to_json(head).partition(_NO_JSON)
    assert mark, "the head has no responses"
    yield before
    separator = _JSON_BEGIN
    for page in pages:
        if page:
            inner = to_json(_page(head, page)).partition(_JSON_BEGIN)[2].partition(_JSON_END)[0]
            yield separator + inner
            separator = ",\n"
    yield (_NO_JSON if separator is _JSON_BEGIN else _JSON_END) + after


def _toml(head: Comparison, pages: Iterable[list[Response]]) -> Iterator[str]:
    before, mark, after = to_toml(head).partition(_NO_TOML)
    assert mark, "the head has no responses"
    is_first = True
    for page in pages:
        if page:
            if is_first:
                yield before + after
                is_first = False
            blocks = to_toml(_page(head, page)).partition(_TOML_BEGIN)
            yield "\n" + blocks[1] + blocks[2]
    if is_first:
        yield before + mark + after


def _csv(head: Comparison, pages: Iterable[list[Response]]) -> Iterator[str]:
    header = to_csv(_page(head, []))
    yield header
    for page in pages:
        yield to_csv(_page(head, page), prompts=head.prompts).removeprefix(header)
