"""What Markdown costs while it streams: CPU a flush and memory, beside the goals.

Run: python tests/benchmarks/markdown.py; exits with 1 when a goal is missed.
"""

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator

from ostream_compare.domain.rope import Rope
from ostream_compare.tui.transcript import Transcript

TOKENS = 8_000
LONG = 32_000
A_FLUSH = 5
"""Tokens that come between two frames: 100 a second at 20 frames."""
WIDTH = 92
SAMPLE = 300
"""Flushes that a figure is the mean of."""
ROUNDS = 2

SENTENCE = "A **mutex** has one owner; a `semaphore` counts permits, and that is *all* there is to it here. "
MIXED = (
    "## On locks\n\n" + SENTENCE * 4 + "\n\n- one owner\n- many `permits`\n  - and a nested one\n\n"
    "```python\nwith lock:\n    value += 1  # guarded\nprint(value)\n```\n\n"
    "| kind | owners |\n|---|---|\n| mutex | 1 |\n| semaphore | n |\n\n> A quote of some words.\n\n"
)
KINDS: dict[str, Callable[[int], str]] = {
    "list": lambda n: f"- item {n} of a *long* list that has some words\n",
    "nested list": lambda n: ("  " * (n % 5)) + f"- item {n} of a long list with `code`\n",
    "fence": lambda n: (
        ("```python\n" if n == 0 else "") + f"    value_{n} = compute({n}, 'text')  # line {n}\n"
    ),
    "table": lambda n: (
        ("| number | name | words |\n|---|:-:|--:|\n" if n == 0 else "")
        + f"| {n} | name {n} | some *words* here |\n"
    ),
    "paragraph, lines": lambda n: SENTENCE + "\n",
    "paragraph, one line": lambda n: SENTENCE,
    "quote": lambda n: "> " + SENTENCE + "\n",
    "plain words": lambda n: "word after word ",
    "one word": lambda n: "abcdefghij" * 8,
    "signs left open (hostile)": lambda n: "*a [b _c `d ",
    "minified code": lambda n: ("```js\n" if n == 0 else "") + "var a=[1,2,3];f(a);",
    "blank lines": lambda n: "A first line.\n" if n == 0 else "\n" * 40,
    "1,000 quotes": lambda n: ("> " * 1000 if n == 0 else "") + SENTENCE,
    "1,000 lists": lambda n: ("- " * 1000 if n == 0 else "") + SENTENCE,
}


def tokens(text: str) -> list[str]:
    """Pieces of about 4.7 characters, as tokens are."""
    sizes = (4, 5, 5, 4, 6, 4, 5)
    pieces: list[str] = []
    at = index = 0
    while at < len(text):
        pieces.append(text[at : at + sizes[index % 7]])
        at += sizes[index % 7]
        index += 1
    return pieces


def text_of(kind: str, count: int) -> list[str]:
    """So many tokens of one kind of text."""
    if kind == "mixed":
        return tokens(MIXED * (count * 5 // len(MIXED) + 1))[:count]
    lines: list[str] = []
    length = 0
    while length < count * 5:
        lines.append(KINDS[kind](len(lines)))
        length += len(lines[-1])
    return tokens("".join(lines))[:count]


def flushes(pieces: list[str]) -> Iterator[tuple[int, float]]:
    """After so many tokens, the seconds of CPU that a flush takes."""
    transcript = Transcript(WIDTH)
    rope = Rope()
    for at in range(0, len(pieces), A_FLUSH):
        for piece in pieces[at : at + A_FLUSH]:
            rope = rope.add(piece)
        start = time.process_time()
        transcript.update({"answer": rope}, folded=False)
        yield at + A_FLUSH, time.process_time() - start


def cost(pieces: list[str], *, until: int) -> float:
    """Microseconds a flush just before `until` tokens, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        gc.collect()
        window = [seconds for count, seconds in flushes(pieces[:until]) if count > until - SAMPLE * A_FLUSH]
        best = min(best, sum(window) / len(window))
    return best * 1e6


def memory() -> float:
    """Megabytes that a pane of 32,000 tokens holds, its text included."""
    pieces = text_of("mixed", LONG)
    list(flushes(pieces[:500]))
    gc.collect()
    tracemalloc.start()
    transcript, rope = Transcript(WIDTH), Rope()
    for at in range(0, len(pieces), A_FLUSH):
        for piece in pieces[at : at + A_FLUSH]:
            rope = rope.add(piece + "")
        transcript.update({"answer": rope}, folded=False)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert transcript.total > 0
    return held / 1e6


def line(name: str, figure: str, goal: str = "", *, met: bool | None = None) -> bool:
    """One line of the report; whether no goal is missed in it."""
    verdict = "" if met is None else "met" if met else "MISSED"
    print(f"{name:<42}{figure:>16}   {goal:<12}{verdict}")
    return met is not False


def main() -> int:
    """Print the report; 1 if a goal is missed."""
    mixed = text_of("mixed", LONG)
    early, late = cost(mixed, until=SAMPLE * A_FLUSH), cost(mixed, until=LONG)
    line("mixed text, around 1,000 tokens", f"{early:.0f} us/flush")
    line("mixed text, at 32,000 tokens", f"{late:.0f} us/flush")
    met = [line("goal 6: 32,000 / 1,000", f"{late / early:.2f}", "<= 1.2", met=late <= 1.2 * early)]
    usual = cost(mixed, until=TOKENS)
    line("mixed text, at 8,000 tokens", f"{usual:.0f} us/flush")
    for kind in KINDS:
        figure = cost(text_of(kind, TOKENS), until=TOKENS)
        said = f"{figure / usual:.2f}"
        met.append(line(f"goal 7: {kind} / mixed", said, "<= 2", met=figure <= 2 * usual))
    held = memory()
    met.append(line("goal 13: memory of 32,000 tokens", f"{held:.2f} MB", "<= 5", met=held <= 5))
    return int(not all(met))


if __name__ == "__main__":
    sys.exit(main())
