"""What each figure means: the one list that the help screen shows. Its version is `DEFINITIONS_VERSION`."""

FIGURES = (
    ("due", "once connections are open, before the requests of a launch are made; a retry: after its wait"),
    ("queue", "first byte sent - due, less connecting: waiting for its turn where max_parallel is reached"),
    ("connect", "DNS, TCP and TLS; 0 on a connection that was open; opened ahead of the run where possible"),
    ("TTFB", "response headers in - first byte sent"),
    ("TTFT", "time to first token: first content of any kind - first byte sent"),
    ("TTFA", "time to first answer: first answer text - first byte sent; reasoning is no answer"),
    ("Total", "last content - first byte sent"),
    ("TPOT", "(Total - TTFT) / (output tokens - 1); unknown below 2 tokens or 2 bursts"),
    ("tok/s", "1 / TPOT; ~ while it streams, then by the server's count; none under 500 ms or 10 tokens"),
    ("ICL", "gaps between bursts, p50, p99 and max; what one socket read brings is one burst"),
    ("tok/chunk", "output tokens / bursts"),
    ("In, Out", "tokens as the server counted them; In includes cached ones, Out includes reasoning"),
    ("cached", "the part of In that the server had in its cache, as it counted"),
    ("reasoning", "the part of Out that was reasoning, as the server counted it"),
    ("Cost", "the provider's own figure, else the file's price, else the price list's; US dollars"),
)
"""Term and formula, in the order in which a call runs through them."""

MARKS = (
    ("~", "estimated from words and punctuation: the server reported no tokens"),
    ("≥", "at least: the answer was stopped or cut, or the run goes on"),
    ("—", "unknown, never shown as 0"),
    ("$0", "declared free, or the provider's own zero"),
    ("*", "reasoning was billed and not streamed: the speed is that of the answer alone"),
    ("⚠", "the clock was late by more than 5 ms and 2 % of TTFT: take the figure with care"),
)
"""Signs beside figures."""

REPEATS = (
    ("Over rounds", "median of the whole answers (least-most); on the screen from six on [95 % interval]"),
    ("Failed", "rounds that failed or were cut; they are in every count and in no median"),
    (
        "2.0x faster",
        "paired by round: Hodges-Lehmann ratio; exact Wilcoxon test, Holm over the pairs that it can test",
    ),
    ("Rounds needed", "at least 6 for two models, 8 for four, 11 for eight, where all pairs can be tested"),
)
"""What more than one round adds."""

SCREEN = (
    ("Δ best", "how far a figure is from the best whole answer's: of the sorted column, else of Total"),
    ("Trend", "a mark a round, of the sorted column or Total, one log scale for all; else speed over time"),
    ("Race", "since the first request of a launch: ◌ queued, · waiting, ░ thinking, █ answering, ╌ a stall"),
    ("+ ?", "beside a sum of costs: some are not known (`+ 1 unpriced` where there is room for it)"),
    ("sim", "of a diff: words and signs that stand in both answers in the same order, of all words of both"),
    (
        "Blind vote",
        "pairs of whole answers of one round, order and sides by chance, without reasoning; █████: a name",
    ),
    ("stall", "no burst for over 1 s, or for 5 times the lane's usual gap and at least 0.25 s"),
)
"""What only the screen shows."""

COST = "the provider's own figure, else your price, else genai-prices. ~ estimated, ≥ at least, — unknown"
"""The cost column in one line."""


def meaning_of(term: str) -> str:
    """The definition of a figure, by the name of its column."""
    return next(meaning for terms, meaning in (*FIGURES, *SCREEN) if _names(terms, term))


def _names(terms: str, term: str) -> bool:
    return term in terms.split(", ") or term.partition(" ")[0] == terms
