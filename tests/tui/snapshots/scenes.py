"""Scenes for pictures: each brings a screen into one state, and asserts in words that it is there."""

import random
from decimal import Decimal

from ostream_compare.collector.protocol import OverBudget
from ostream_compare.tui.screens.blind_vote import BlindVoteScreen
from tui.harness import Stage
from tui.snapshots.stages import (
    NARROW,
    NO_KEY,
    PROMPTS,
    SCENES,
    SHORT,
    THOUGHT,
    USUAL,
    Clock,
    says,
    scene,
    told,
    whole_run,
    words,
)

__all__ = ["SCENES"]

# The main screen


@scene(start_now=False)
async def before_the_first_run(stage: Stage, clock: Clock) -> None:
    await says(stage, "ready", "demo/swift · demo", "Explain mutex versus semaphore.")


@scene()
async def streaming(stage: Stage, clock: Clock) -> None:
    for lane in range(3):
        stage.fake.sent(lane, 5)
    stage.fake.say(0, reasoning=THOUGHT, at=200)
    stage.fake.say(1, reasoning=THOUGHT, at=300)
    for step in range(40):
        stage.fake.say(1, "word " * (1 + step % 4), at=400 + step * 50)
    stage.fake.retry(2, "HTTP 429: too many requests")
    clock.ms = 2600
    await says(stage, "The user asks", "word word", "attempt 1 failed: HTTP 429", "waiting", "queued")
    await says(stage, "0/4 done", "2.6s")
    await stage.press("2")


@scene()
async def done_and_failed(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    await says(stage, "✗ cut after 3 tokens (r retries)", "1✓2.3s")
    await stage.press("1", "g")
    await says(stage, "Mutex and semaphore")


@scene(sizes=USUAL, theme="textual-light")
async def done_in_a_light_theme(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)


@scene(sizes=USUAL, theme="ansi-dark")
async def done_in_the_terminals_colours(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)


@scene(sizes=USUAL, file={"max_cost_usd": Decimal("0.01")})
async def stopped_and_over_budget(stage: Stage, clock: Clock) -> None:
    for lane in range(4):
        stage.fake.sent(lane, 5)
        stage.fake.say(lane, SHORT[: 20 + lane] if lane < 3 else "", at=200)
    stage.fake.end(0, at=800, **told(0))
    stage.fake.end(1, state="truncated", at=900, **told(1))
    stage.fake.end(3, state="failed", error=NO_KEY)
    stage.fake._queue.put_nowait(OverBudget(run=stage.fake.run))
    await stage.ended()
    await says(stage, "over budget", "4/4 done", "2✗cut", "3■stopped", "4✗failed")
    assert "r retries" not in words(stage), "no key reruns what is over budget"


@scene(sizes=NARROW)
async def zoomed(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    await stage.press("3", "z", "g")
    await says(stage, "Mutex and semaphore", "one at a time", "▼ more")


@scene(models=2, sizes=(*NARROW, *USUAL))
async def two_models(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    await stage.press("2", "ctrl+t")
    await stage.until(lambda: "The user asks" in stage.text(1), "the reasoning is unfolded")


@scene(models=16)
async def sixteen_models(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    await stage.press("9")
    await says(stage, "9 Model 9", "16/16 done")


@scene(sizes=((29, 7),), start_now=False)
async def too_small(stage: Stage, clock: Clock) -> None:
    await says(stage, "too small")


@scene(sizes=USUAL, start_now=False)
async def toasts(stage: Stage, clock: Clock) -> None:
    stage.app.notify(
        "models.toml:7: models[0].modle: no such key", title="File", severity="warning", timeout=900
    )
    stage.app.notify("Copied 212 characters to the clipboard.", timeout=900)
    stage.app.notify("The disk is full.", title="Could not save", severity="error", timeout=900)
    await says(stage, "The disk is full.", "Copied 212")


# Results


@scene(models=8, sizes=NARROW)
async def results(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    await stage.press("t")
    await says(stage, "Results", "run 1", "sort: total", "best")


@scene(rounds=5)
async def results_of_five_rounds(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    await stage.press("t")
    await says(stage, "n=5 repeats", "5/5", "no clear difference")


@scene(rounds=5, sizes=USUAL)
async def bars(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    await stage.press("t", "g")
    await says(stage, "up to the low end", "no clear difference")


@scene(models=8)
async def race(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    await stage.press("t", "a")
    await says(stage, "· waiting ░ thinking █ answering ╌ stall")


# Diff


async def diffed(stage: Stage, *keys: str) -> None:
    await whole_run(stage)
    await stage.press("1", "d", *keys)
    await says(stage, "Diff", "1 Swift ↔ 2 Careful", "sim 0.")


@scene(sizes=USUAL)
async def diff_of_words(stage: Stage, clock: Clock) -> None:
    await diffed(stage)


@scene(sizes=USUAL)
async def diff_of_lines(stage: Stage, clock: Clock) -> None:
    await diffed(stage, "l")


@scene()
async def diff_side_by_side(stage: Stage, clock: Clock) -> None:
    await diffed(stage, "s")


# Earlier runs


@scene(sizes=USUAL, start_now=False)
async def history_without_runs(stage: Stage, clock: Clock) -> None:
    await stage.press("H")
    await says(stage, "History", "0 runs")


@scene(runs=9, start_now=False)
async def history(stage: Stage, clock: Clock) -> None:
    await stage.press("H")
    await says(stage, "9 runs", "2/2", "✗ interrupted")


@scene(runs=2, start_now=False, sizes=USUAL)
async def question_before_deleting(stage: Stage, clock: Clock) -> None:
    await stage.press("H")
    await says(stage, "2 runs", "2/2")
    await stage.press("D")
    await says(stage, "Delete")


@scene(runs=2, start_now=False)
async def past_run(stage: Stage, clock: Clock) -> None:
    await stage.press("H")
    await says(stage, "2 runs", "2/2")
    await stage.press("enter")
    await says(stage, "REPLAY", "2/2 done", "a mutex has one owner", "read only")


# Dialogs


@scene(models=2)
async def export_dialog(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    await stage.press("e")
    await says(stage, "Markdown: the table", "(•) md")


@scene(models=8, start_now=False)
async def model_picker(stage: Stage, clock: Clock) -> None:
    await stage.press("M", "down", "space")
    await says(stage, "Models of the next run", "7 of 8 on")


@scene(models=2, start_now=False, file={"templates": PROMPTS})
async def prompt_picker(stage: Stage, clock: Clock) -> None:
    await stage.press("p")
    await says(stage, "Prompts of the file", "enter takes")


@scene(models=2, start_now=False, file={"templates": PROMPTS})
async def prompt_form(stage: Stage, clock: Clock) -> None:
    await stage.press("p", "down", "enter")
    await says(stage, "audience", "enter goes on")
    await stage.press("down")
    await says(stage, "Explain semaphore to a beginner.")


@scene(models=2, start_now=False)
async def system_prompt(stage: Stage, clock: Clock) -> None:
    await stage.press("f2", *"Be brief.")
    await says(stage, "System prompt", "esc keeps it", "system: Be brief.")


@scene(models=1)
async def links(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    await stage.press("1", "u")
    await says(stage, "1 link", "https://example.com/sync", "enter opens")


@scene(models=1, sizes=USUAL)
async def question_before_a_link(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    await stage.press("1", "u", "enter")
    await says(stage, "Open this link?", "Leads to example.com")


@scene(models=2, start_now=False)
async def help_page(stage: Stage, clock: Clock) -> None:
    await stage.press("question_mark")
    await says(stage, "Keys", "Send the prompt to all models", "esc closes")


@scene(models=2, start_now=False, sizes=USUAL)
async def palette(stage: Stage, clock: Clock) -> None:
    await stage.press("ctrl+p")
    await says(stage, "Search for commands", "Send the prompt to all models")


# Blind vote


@scene()
async def blind_ballot(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    stage.app.push_screen(BlindVoteScreen(stage.app.session, None, chance=random.Random(4)))
    await says(stage, "Blind vote 1/3", "A better")
    assert "Swift" not in words(stage)


@scene(sizes=USUAL)
async def blind_tally(stage: Stage, clock: Clock) -> None:
    await whole_run(stage)
    stage.app.push_screen(BlindVoteScreen(stage.app.session, None, chance=random.Random(4)))
    for vote in range(3):
        await says(stage, f"Blind vote {vote + 1}/3")
        await stage.press("a", "enter")
    await says(stage, "2 won, 0 tied, 0 lost", "No ranks yet")
