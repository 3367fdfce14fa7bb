"""The program, which gets a signal at the n-th step that its main thread takes from some moment on.

    struck.py NUMBER STEP MOMENT ARGUMENT...

From the `start` the steps are what Python's audit hooks tell of: imports, files, processes. From the moment
at which the terminal is `taken`, or at which the user has `left`, they are the calls of functions.
"""

import os
import runpy
import signal
import sys
import threading


class Steps:
    """Counts, and strikes once."""

    def __init__(self, number, step):
        self._number, self._left = signal.Signals(number), step
        self._here = threading.get_ident()

    def take(self, *_):
        if threading.get_ident() != self._here:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), self._number)

    def take_calls(self, _frame, event, _argument):
        if event == "call":
            self.take()


def count_from_taken(steps):
    from ostream_compare.tui.driver import TerminalDriver

    take_terminal = TerminalDriver.start_application_mode

    def taken(driver):
        take_terminal(driver)
        sys.setprofile(steps.take_calls)

    TerminalDriver.start_application_mode = taken


def count_from_left(steps):
    from ostream_compare.tui.app import CompareApp

    leave = CompareApp.leave

    async def left(app, *arguments, **options):
        sys.setprofile(steps.take_calls)
        await leave(app, *arguments, **options)

    CompareApp.leave = left


def main(number, step, moment, *arguments):
    steps = Steps(int(number), int(step))
    if moment == "start":
        sys.addaudithook(steps.take)
    else:
        {"taken": count_from_taken, "left": count_from_left}[moment](steps)
    sys.argv[1:] = arguments
    runpy.run_module("ostream_compare", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
