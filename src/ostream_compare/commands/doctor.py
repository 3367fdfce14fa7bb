"""`doctor`: what this machine offers the program."""

import os
from typing import Annotated, Literal

from cyclopts import Parameter

from ostream_compare.commands import machine
from ostream_compare.commands.layout import columns, json_text
from ostream_compare.terminal import print_data


def doctor(
    *,
    output: Annotated[Literal["text", "json"], Parameter(name="--format")] = "text",
    no_discover: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
) -> int:
    """Say what this machine offers.

    Args:
        output: For people, or for programs.
        no_discover: Do not look for model servers on this machine.
    """
    report = machine.report(os.environ, discover=not no_discover)
    if output == "json":
        print_data(json_text({"version": 1, "ok": report.is_well, **report.sections}))
    else:
        print_data(_as_text(report))
    return 0 if report.is_well else 1


def _as_text(report: machine.Report) -> str:
    lines: list[str] = []
    for title, facts in report.sections.items():
        rows = [(name, _word(fact)) for name, fact in facts.items()]
        lines += [
            title.replace("_", " ").capitalize(),
            *(f"  {line}" for line in columns(rows or [("none",)])),
            "",
        ]
    return "\n".join([*lines, *(report.troubles or ("Nothing is in the way.",))]) + "\n"


def _word(fact: machine.Fact) -> str:
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return "—" if fact is None else fact
