"""What each figure means: the one list that the help screen shows. Its version is `DEFINITIONS_VERSION`."""

FIGURES = (
    ("queue", "from the moment the call was due to its first byte sent, less connecting"),
    ("connect", "DNS, TCP and TLS; 0 on a connection that was open; opened ahead of the run where possible"),
    ("TTFB", "response headers in - first byte sent"),
    ("TTFT", "time to first token: first content of any kind - first byte sent"),
    ("TTFA", "time to first answer: first answer text - first byte sent; reasoning is no answer"),
    ("Total", "last content - first byte sent"),
    ("TPOT", "(Total - TTFT) / (output tokens - 1); unknown below 2 tokens or 2 bursts"),
    ("tok/s", "1 / TPOT; not shown under 500 ms of decoding or 10 tokens"),
    ("ICL", "gaps between bursts, p50, p99 and max; what one socket read brings is one burst"),
    ("In, Out", "tokens as the server counted them; In includes cached ones, Out includes reasoning"),
    ("Cost", "the provider's own figure, else the file's price, else the price list's; US dollars"),
)
"""Term and formula, in the order in which a call runs through them."""

MARKS = (
    ("~", "estimated from words and punctuation: the server reported no tokens"),
    ("≥", "at least: the answer was stopped or cut"),
    ("—", "unknown, never shown as 0"),
    ("$0", "declared free, or the provider's own zero"),
    ("*", "reasoning was billed and not streamed: the speed is that of the answer alone"),
    ("⚠", "the clock was late by more than 5 ms and 2 % of TTFT: take the figure with care"),
)
"""Signs beside figures."""

REPEATS = (
    ("Over rounds", "the median of the whole answers, in brackets the least and the most; n is how many"),
    ("Failed", "rounds that failed or were cut; they are in every count and in no median"),
    (
        "2.0x faster",
        "paired by round: Hodges-Lehmann ratio; exact Wilcoxon test, Holm over all pairs",
    ),
    ("Rounds needed", "at least 6 for two models, 8 for four, 11 for eight"),
)
"""What more than one round adds."""

COST = "the provider's own figure, else your price, else genai-prices. ~ estimated, ≥ at least, — unknown"
"""The cost column in one line."""
