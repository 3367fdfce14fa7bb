"""The earlier run that a run without a screen is compared with."""

from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.ledger import Ledger
from ostream_compare.domain.sweep import KEPT_WHOLE, Plan

_FLAG = "--baseline"


def baseline_of(named: str | None) -> Comparison | None:
    """The run that `--baseline` names.

    Raises:
        UserError: There is none, or it cannot be read.
    """
    if named is None:
        return None
    from ostream_compare.storage.earlier import earlier  # noqa: PLC0415 - most runs have no baseline

    return earlier(named, key=_FLAG)


def refuse_large(plan: Plan, before: Comparison | None) -> None:
    """Refuse before anything is paid for what could not be compared after it.

    Raises:
        UserError: So many answers are not in memory together.
    """
    if before is not None and plan.responses > KEPT_WHOLE:
        message = f"a run of {plan.responses} answers is too large for it: {KEPT_WHOLE} are the most"
        raise UserError("Not with a baseline", Problem(key=_FLAG, message=message))


def shared_ledgers(saved: Comparison, before: Comparison | None) -> tuple[Ledger | None, Ledger | None]:
    """The verdicts now and before, at the prompts that both runs have."""
    if before is None:
        return None, None
    from ostream_compare.domain.baseline import at_shared_prompts  # noqa: PLC0415 - most runs have no baseline

    return at_shared_prompts(saved, before)


def compared(saved: Comparison, before: Comparison | None) -> Comparison:
    """`saved` with what changed since `before`."""
    if before is None:
        return saved
    from ostream_compare.domain.baseline import against  # noqa: PLC0415 - as above

    return saved.model_copy(update={"baseline": against(saved, before)})
