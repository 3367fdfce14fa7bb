"""What the thrifty compositor writes leaves the terminal as Textual's own would."""

import re
from random import Random

from rich.cells import cell_len
from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region

from tui.harness import Stage, play

_PIECE = re.compile(r"\x1b\[(?P<y>\d+);(?P<x>\d+)H|(?P<style>\x1b\[[\d;]*m)|(?P<text>[^\x1b]+)")
WIDTH, HEIGHT = 100, 40
Cells = dict[tuple[int, int], tuple[str, str]]


def cells_of(update: ChopsUpdate, console: Console) -> Cells:
    """What a terminal has where an update was written: a character and its style by place."""
    cells: Cells = {}
    x = y = 0
    style = ""
    for found in _PIECE.finditer(update.render_segments(console)):
        if found["y"]:
            x, y = int(found["x"]) - 1, int(found["y"]) - 1
        elif found["style"]:
            style = "" if found["style"] == "\x1b[0m" else style + found["style"]
        else:
            for character in found["text"].replace("\n", ""):
                cells[y, x] = character, style
                x += cell_len(character)
    return cells


def some_regions(random: Random) -> set[Region]:
    screen = Region(0, 0, WIDTH, HEIGHT)
    return {
        screen.intersection(
            Region(
                random.randrange(WIDTH), random.randrange(HEIGHT), random.randint(1, 60), random.randint(1, 9)
            )
        )
        for _ in range(random.randint(1, 4))
    }


def test_the_terminal_is_left_as_textual_leaves_it(tmp_path):
    async def scene(stage: Stage) -> None:
        for lane in range(4):
            stage.fake.sent(lane)
            text = "A **mutex** 互斥锁 and `code`.\n\n- an item\n" * (lane * 3 + 1)
            stage.fake.say(lane, text)
        await stage.until(lambda: "mutex" in stage.text(3))
        screen = stage.main
        compositor = screen._compositor
        random = Random(7)
        for turn in range(150):
            if turn == 100:  # with something in front of the panes
                stage.app.notify("Look at this, please.\nIt stands in front of the panes.")
                await stage.pilot.pause()
            regions = some_regions(random)
            compositor._dirty_regions = set(regions)
            thrifty = compositor.render_partial_update()
            compositor._dirty_regions = set(regions)
            usual = Compositor.render_partial_update(compositor)
            assert (thrifty is None) == (not cells_of(usual, stage.app.console))
            if thrifty is not None:
                assert cells_of(thrifty, stage.app.console) == cells_of(usual, stage.app.console), regions

    play(scene, tmp_path, size=(WIDTH, HEIGHT))


def test_nothing_is_asked_of_what_did_not_change(tmp_path):
    async def scene(stage: Stage) -> None:
        asked: list[tuple[object, Region]] = []
        for widget in [stage.main, *stage.main.query("*")]:
            render = widget.render_lines

            def noted(crop: Region, widget=widget, render=render):
                asked.append((widget, crop))
                return render(crop)

            widget.render_lines = noted
        compositor = stage.main._compositor
        pane = stage.panes[1]
        compositor._dirty_regions = {Region(pane.region.x, pane.region.y + 2, pane.region.width, 3)}
        compositor.render_partial_update()
        assert asked == [(pane, Region(0, 2, pane.region.width, 3))]

    play(scene, tmp_path, size=(WIDTH, HEIGHT))
