"""Errors that a user is shown: what is wrong, where, and what to do about it."""

from dataclasses import dataclass

MISHAP = 70
"""The exit code of a mistake of our own: `EX_SOFTWARE` of sysexits.h."""
REPORT = "This is a mistake of ostream-compare, not yours: please report these lines in its issue tracker."


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in the user's input."""

    message: str
    """What is wrong, and the remedy."""
    path: str | None = None
    """The file, as the user gave it."""
    line: int | None = None
    """1-based line in it."""
    key: str | None = None
    """Dotted key, such as `models[2].temperature`."""
    hint: str | None = None
    """The nearest known name, or the next step."""
    excerpt: tuple[str, ...] = ()
    """Lines that show the place: what was given, and a mark below it."""

    def __str__(self) -> str:
        where = self.path or ""
        if self.line is not None:
            where += f":{self.line}"
        parts = [part for part in (where, self.key, self.message) if part]
        text = ": ".join(parts)
        return f"{text} ({self.hint})" if self.hint else text


class UserError(Exception):
    """Input that cannot be worked with; exit code 2 unless told otherwise.

    Args:
        title: A few words for a dialog's head.
        problems: At least one.
        exit_code: What the command ends with.
    """

    def __init__(self, title: str, *problems: Problem, exit_code: int = 2) -> None:
        super().__init__("\n".join(str(problem) for problem in problems) or title)
        self.title = title
        self.problems = problems
        self.exit_code = exit_code
