"""Responses of the prompts that are over, on disk once they are many, so that memory stays flat."""

import tempfile
from collections.abc import Iterator, Sequence

from pydantic import TypeAdapter

from ostream_compare.domain.comparison import Response

_IN_MEMORY = 1 << 22
"""Bytes before a file is made; it has no name, and is gone with the program."""
_RESPONSES: TypeAdapter[list[Response]] = TypeAdapter(list[Response])


class Spool:
    """A line of JSON for each prompt; they come in as prompts end, and go out in the prompts' order."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by `close`
        self._places: dict[int, int] = {}

    def put(self, prompt: int, responses: Sequence[Response]) -> None:
        """Keep what one prompt came to.

        Raises:
            OSError: The disk is full.
        """
        self._places[prompt] = self._file.seek(0, 2)
        self._file.write(_RESPONSES.dump_json(list(responses)) + b"\n")

    def __iter__(self) -> Iterator[list[Response]]:
        """Every prompt's responses, in the order of the prompts; as often as is wished."""
        for prompt in sorted(self._places):
            self._file.seek(self._places[prompt])
            yield _RESPONSES.validate_json(self._file.readline())

    def responses(self) -> Iterator[Response]:
        """All responses, in the order of the prompts."""
        return (response for page in self for response in page)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
