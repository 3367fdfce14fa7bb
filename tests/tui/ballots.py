"""Comes to the screen of the blind vote and to what stands on it."""

import random

from ostream_compare.tui.screens.blind_vote import BlindVoteScreen
from ostream_compare.tui.widgets.blind_side import BlindSide
from tui.harness import Stage

TWO = ("Swift", "Careful")


async def opened(stage: Stage, *, seed: int | None = None) -> BlindVoteScreen:
    if seed is None:
        await stage.press("v")
    else:
        chance = random.Random(seed)
        stage.app.push_screen(BlindVoteScreen(stage.app.session, None, chance=chance))
    await stage.until(lambda: isinstance(stage.app.screen, BlindVoteScreen), "the vote is open")
    await stage.pilot.pause()
    return stage.app.screen


async def dealt(stage: Stage) -> BlindVoteScreen:
    screen = stage.app.screen
    await stage.until(lambda: screen.sitting.ballot is not None, "there is a ballot")
    await stage.pilot.pause()
    return screen


def sides(stage: Stage) -> list[BlindSide]:
    return list(stage.app.screen.query(BlindSide))
