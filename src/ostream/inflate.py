"""Unpacks bodies that were packed although nobody asked for it, a bounded piece at a time."""

import zlib
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

import httpx2

_PIECE = 256 * 1024
"""Bytes of a piece: a packed read of 64 KiB may hold 64 MiB."""
_KINDS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class _Inflater:
    """One body's."""

    def __init__(self, kind: str) -> None:
        self._inner = zlib.decompressobj(_KINDS[kind])

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What `data` adds."""
        try:
            while data:
                piece = self._inner.decompress(data, _PIECE)
                data = self._inner.unconsumed_tail
                if piece:
                    yield piece
        except zlib.error as error:
            raise httpx2.DecodingError(str(error)) from error


def _kind(response: httpx2.Response) -> str | None:
    kind = response.headers["content-encoding"].strip().lower()
    return kind if kind in _KINDS else None


def unpacked(response: httpx2.Response) -> Iterable[bytes]:
    """The body of a packed response."""
    kind = _kind(response)
    if kind is None:
        return response.iter_bytes()
    inflater = _Inflater(kind)
    return (piece for data in response.iter_raw() for piece in inflater.pieces(data))


def aunpacked(response: httpx2.Response) -> AsyncIterable[bytes]:
    """The same of an asynchronous response."""
    kind = _kind(response)
    return response.aiter_bytes() if kind is None else _apieces(response, _Inflater(kind))


async def _apieces(response: httpx2.Response, inflater: _Inflater) -> AsyncIterator[bytes]:
    async for data in response.aiter_raw():
        for piece in inflater.pieces(data):
            yield piece
