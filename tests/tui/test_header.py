"""The first line keeps the program's name as long as shorter words make room for it."""

import pytest

from tui.harness import Stage, play
from tui.snapshots.scenes import SCENES
from tui.snapshots.stages import Clock, answered


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (120, ("ostream-compare", "models.toml", "DEMO", "run 1   4/4 done   9.4s   $0.00060 + 1 unpriced")),
        (80, ("ostream-compare", "DEMO", "run 1   4/4 done   9.4s   $0.00060 + 1 unpriced")),
        (60, ("ostream-compare", "DEMO", "4/4 done 9.4s $0.00060 + ?")),
        (40, ("DEMO", "4/4 done 9.4s $0.00060 + ?")),
    ],
)
def test_a_long_total_leaves_room_for_the_name(cells, said, tmp_path):
    scene = SCENES["done_and_failed"]

    async def perform(stage: Stage) -> None:
        await answered(stage, 1)
        await stage.ended()
        first, *_ = stage.screen_text().splitlines()
        assert all(word in first for word in said)

    play(
        perform,
        tmp_path / "results",
        configuration=scene.configuration(),
        size=(cells, 24),
        machine=scene.machine(tmp_path, Clock()),
    )
