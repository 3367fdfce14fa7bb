"""Gives out what a run without a screen came to; a place that takes nothing is told of, and stops nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.digest import Digest
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.rows import remarks
from ostream_compare.domain.sweep import KEPT_WHOLE
from ostream_compare.export import plain
from ostream_compare.export.formats import Format, export, format_of
from ostream_compare.export.streamed import pieces
from ostream_compare.export.text import answers_text, to_text
from ostream_compare.flags import Flags
from ostream_compare.headless.driver import Work
from ostream_compare.storage.atomic import replace_file_by_pieces
from ostream_compare.terminal import complain, print_data


class Delivery:
    """What stdout gets, and the file of `--output`.

    Args:
        flags: Say what that is.
    """

    def __init__(self, flags: Flags) -> None:
        self._flags = flags
        self._kind: Format = flags.format or format_of(flags.output or "") or "toml"
        self.is_whole = True
        """Whether everything has been taken so far."""
        self._stdout_is_open = True

    @property
    def is_document(self) -> bool:
        """Whether all of the comparison goes to a place that was asked for."""
        return self._flags.output is not None or self._flags.is_export

    def print(self, text: str) -> None:
        """On stdout; the first time that this fails, it is told."""
        self._print((text,))

    def give(self, saved: Comparison, work: Work) -> None:
        """Everything that was asked for."""
        flags = self._flags
        if flags.is_export:
            if work.accounts.ledger.nobody_was_asked:
                for line in remarks(saved, _digest(saved, work)):
                    complain(line)
            self._print(_document(saved, work, self._kind))
            return
        if flags.plain:
            self.print(plain.conclusion(saved, _digest(saved, work)))
        else:
            self.print(to_text(saved, digest=_digest(saved, work)))
            if flags.verbose:
                self._print(answers_text(page, saved) for page in work.spool)
        if flags.output is not None:
            self._write(flags.output, _document(saved, work, self._kind))

    def _print(self, texts: Iterable[str]) -> None:
        if not self._stdout_is_open:
            return
        try:
            for text in texts:
                print_data(text)
        except UserError as error:
            self._stdout_is_open = False
            self._failed(str(error))

    def _write(self, path: str, document: Iterable[str]) -> None:
        try:
            replace_file_by_pieces(Path(path), (piece.encode() for piece in document))
        except OSError as error:
            self._failed(f"{path}: could not be written: {error.strerror or error}")

    def _failed(self, why: str) -> None:
        self.is_whole = False
        complain(why)


def is_large(work: Work) -> bool:
    """Whether its responses stay on disk."""
    return work.plan.responses > KEPT_WHOLE


def _digest(saved: Comparison, work: Work) -> Digest:
    """What all responses say together, wherever they are."""
    return Digest.over(saved, work.spool if is_large(work) else [saved.responses])


def _document(saved: Comparison, work: Work, kind: Format) -> Iterator[str]:
    """An export, in as many pieces as memory wants."""
    if is_large(work):
        yield from pieces(saved, work.spool, kind)
    else:
        yield export(saved, kind)
