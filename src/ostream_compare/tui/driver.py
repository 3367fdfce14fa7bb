"""Textual's driver of a terminal, for programs that are stopped, go on, or lose their terminal."""

from textual.drivers.linux_driver import LinuxDriver
from typing_extensions import override


class TerminalDriver(LinuxDriver):
    """Takes the terminal once, and writes nothing while another program has it."""

    _is_given_away = False

    @override
    def suspend_application_mode(self) -> None:
        super().suspend_application_mode()
        self._is_given_away = True

    @override
    def resume_application_mode(self) -> None:
        self._is_given_away = False
        super().resume_application_mode()

    @override
    def write(self, data: str) -> None:
        """Write to the terminal; what is not written is painted anew when it is ours again."""
        if not self._is_given_away:
            super().write(data)

    def _sigcont_application(self, *signal_and_frame: object) -> None:
        """Take the terminal again where it was given back before the stop.

        A stop that nobody could prepare for (SIGSTOP, a closed lid) took nothing away. Textual's own would
        start a second reader of keys, and take the raw terminal for what has to be restored at the end.
        """
        if self._must_signal_resume:
            super()._sigcont_application(*signal_and_frame)  # pyright: ignore[reportUnknownMemberType] - its arguments are untyped
        elif self._app.is_running:
            self._app.call_later(self._app.refresh, layout=True)
