"""What is asked of a process that is known by its id."""

import os
import signal


class Signalled:
    """Signals for a process that has not ended; `pid` and `poll` are its own."""

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)
