"""The application with an earlier run on its main screen; nothing is asked, logged or saved."""

from collections.abc import Sequence

from ostream_compare.domain.errors import Problem
from ostream_compare.domain.preset import Prompt
from ostream_compare.storage.run_log import RecordedRun
from ostream_compare.tui import memory, terminal_keys
from ostream_compare.tui.app import CompareApp
from ostream_compare.tui.leaving import Deadline
from ostream_compare.tui.replaying import ReplaySession
from ostream_compare.tui.screens.main import MainScreen
from ostream_compare.tui.screens.replay import ReplayScreen
from ostream_compare.tui.session import Session


class ReplayApp(CompareApp):
    """Plays one run."""

    def main_screen(self, session: Session, problems: Sequence[Problem], prompt: Prompt | None) -> MainScreen:
        """The panes, read-only."""
        return ReplayScreen(session, problems, prompt)


def play(recorded: RecordedRun, *, speed: float, prompt: int, theme: str | None = None) -> int:
    """Open the UI on a recorded run until the user leaves it; the exit code."""
    terminal_keys.teach()
    session = ReplaySession(recorded, speed=speed, prompt=prompt)
    deadline = Deadline()
    app = ReplayApp(session, (), prompt=None, start_now=False, theme=theme, deadline=deadline)
    try:
        code = app.run()
    finally:
        deadline.disarm()
        memory.thaw()
    return app.return_code or 0 if code is None else code
