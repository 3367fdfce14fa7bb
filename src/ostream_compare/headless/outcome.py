"""The exit code of a run without a screen."""

import signal
from collections.abc import Sequence

from ostream_compare.domain.comparison import SavedGate
from ostream_compare.domain.sweep import Accounts

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
"""Exit codes of a run that a signal cut short."""


def exit_code(
    accounts: Accounts, gates: Sequence[SavedGate], *, signal_number: int | None, is_kept: bool
) -> int:
    """The signal's own, 4 over budget, 3 none could be asked, 5 a gate held, 2 not written, 1 some failed, 0.

    Args:
        accounts: Of everything that came, whether or not the run was cut short.
        gates: What became of every `--fail-if`.
        signal_number: Of the signal that cut the run short.
        is_kept: What came is where it was asked for, or at least where the program keeps it.
    """
    if signal_number is not None:
        return SIGNALS[signal.Signals(signal_number)]
    if accounts.over_budget:
        return 4
    if accounts.ledger.nobody_was_asked:
        return 3
    if any(gate.fails for gate in gates):
        return 5
    if not is_kept:
        return 2
    return 0 if accounts.ledger.is_whole else 1
