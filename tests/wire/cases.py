"""Reads the wire corpus: one case is one server behaviour and what a client must make of it."""

import gzip
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[1] / "data" / "wire" / "cases.toml"
EXTRA = Path(__file__).parent / "extra_cases.toml"
BASELINE = "sse-baseline"


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes that the server sends in one write (one HTTP chunk in chunked framing)."""

    data: bytes
    wait_ms: int = 0
    """How long the server waits before it sends them."""

    held: bool = False
    """The server waits for the test's word (`Site.release`) before it sends them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server does with one request."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", "text/event-stream"),)
    framing: str = "chunked"
    frames: tuple[Frame, ...] = ()
    end: str = "fin"
    hold_ms: int = 0
    """How long an `end = "hang"` keeps the connection open."""

    keep_alive: bool = False
    """The connection stays open for the next request once the answer is out."""


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the corpus."""

    id: str
    group: str
    transport: str
    answers: tuple[Answer, ...]
    """For the first, second ... request; the last repeats."""

    expect: Mapping[str, Any]
    client: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def hangs(self) -> bool:
        """Whether the server would keep the connection open, so that the client must close it."""
        return any(answer.end == "hang" for answer in self.answers)

    @property
    def timed(self) -> bool:
        """Whether a limit of the client's ends it."""
        return self.hangs or self.transport == "blackhole"

    @property
    def waits(self) -> bool:
        """Whether some clock, the client's or the server's, takes its time in it."""
        return self.timed or "max_retries" in self.client


def load_cases(*paths: Path) -> list[Case]:
    """Every case of the given corpus files (the shared corpus and this project's own, unless told)."""
    raws = [raw for path in paths or (CORPUS, EXTRA) for raw in _rows(path)]
    baseline = next(row for row in _rows(CORPUS) if row["id"] == BASELINE)
    stream = b"".join(_frame_bytes(frame, b"") for frame in baseline["frames"])
    return [_case(raw, gzip.compress(stream, mtime=0)) for raw in raws]


def _rows(path: Path) -> list[Mapping[str, Any]]:
    return tomllib.loads(path.read_text("utf-8"))["case"]


def _case(raw: Mapping[str, Any], zipped: bytes) -> Case:
    steps: list[Mapping[str, Any]] = [raw, *raw.get("then", ())]
    answers = tuple(_answer(step, zipped, last=step is steps[-1]) for step in steps)
    return Case(raw["id"], raw["group"], raw["transport"], answers, raw["expect"], raw.get("client", {}))


def _answer(raw: Mapping[str, Any], zipped: bytes, *, last: bool) -> Answer:
    headers: Sequence[Sequence[str]] = raw.get("headers", ())
    return Answer(
        status=raw.get("status", 200),
        headers=tuple((name, value) for name, value in headers),
        framing=raw.get("framing", "chunked"),
        frames=tuple(Frame(_frame_bytes(f, zipped), f.get("ms", 0)) for f in raw.get("frames", ())),
        end=raw.get("end", "fin"),
        hold_ms=raw.get("hold_ms", 0),
        # A request that follows at once on this connection must not race with its close.
        keep_alive=raw.get("end", "fin") == "fin" and (not last or 300 <= raw.get("status", 200) < 400),
    )


def _frame_bytes(raw: Mapping[str, Any], zipped: bytes) -> bytes:
    if "hex" in raw:
        data = bytes.fromhex(raw["hex"])
    elif raw["s"] == "@gzip":
        data = zipped
    elif raw["s"] == "@gzipcut":
        data = zipped[: len(zipped) // 2]
    else:
        data = raw["s"].encode()
    return data * raw.get("repeat", 1)
