"""A comparison as JUnit XML: a test suite a model, a test case a response, and a suite of the gates."""

import math
import xml.etree.ElementTree as ET
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Comparison, Response, SavedGate
from ostream_compare.domain.plain_words import ending_words, warnings_of
from ostream_compare.domain.safe_text import repair
from ostream_compare.domain.spelling import whole, whole_response
from ostream_compare.domain.summary import final_attempts
from ostream_compare.export.answer_text import answer_text
from ostream_compare.export.prompt_names import prompt_names
from ostream_compare.export.xml_text import legal, legal_line

_GATES = "--fail-if"

_SKIPPED_KINDS = frozenset({"missing_key", "insecure"})
"""Kinds of a response that nobody was asked for."""


def to_junit(comparison: Comparison) -> str:
    """`comparison` as XML 1.0.

    What failed or was cut is a failure; what was stopped, has no key, or was tried again is skipped. A time
    that is not known is left out. Every `--fail-if` is a case of a suite of their own: a failure where it
    holds, an error where it is unknown and that is not allowed.
    """
    return "".join(junit_pieces(comparison, [comparison.responses]))


def junit_pieces(comparison: Comparison, pages: Iterable[list[Response]]) -> Iterator[str]:
    """The same piece by piece.

    Args:
        comparison: What there is to say of all responses together.
        pages: The responses, some at a time; all attempts at a prompt and round stand on one of them. They
            are gone through once, and once more for each model.
    """
    head = whole(comparison.model_copy(update={"responses": []}))
    names = prompt_names(head.prompts)
    counts = _counted(pages)
    gates = [_gate(gate) for gate in head.gates]
    verdict = _Counts.of_gates(gates)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    root = ET.Element("testsuites", name="ostream-compare")
    _Counts.sum([*counts.values(), *([verdict] if gates else [])]).tell(root)
    if not counts and not gates:
        yield f"{ET.tostring(root, encoding='unicode')}\n"
        return
    yield _opened(root)
    for model, count in counts.items():
        own = ((response, final) for page in pages for response, final in _of_model(page, model))
        cases = (_case(response, names, head, final=final) for response, final in own)
        yield from _suite(model, count, cases, head)
    if gates:
        yield from _suite(_GATES, verdict, gates, head)
    yield "\n</testsuites>\n"


@dataclass(slots=True)
class _Counts:
    """What a suite came to."""

    tests: int = 0
    failures: int = 0
    errors: int = 0
    skipped: int = 0
    times: "array[float]" = field(default_factory=lambda: array("d"))
    """Seconds, as the cases have them."""

    @classmethod
    def of_gates(cls, cases: Sequence[ET.Element]) -> "_Counts":
        found = [sum(case.find(tag) is not None for case in cases) for tag in ("failure", "error", "skipped")]
        return cls(tests=len(cases), failures=found[0], errors=found[1], skipped=found[2])

    @classmethod
    def sum(cls, parts: Iterable["_Counts"]) -> "_Counts":
        total = cls()
        for part in parts:
            total.tests += part.tests
            total.failures += part.failures
            total.errors += part.errors
            total.skipped += part.skipped
            total.times.extend(part.times)
        return total

    def add(self, response: Response, *, final: bool) -> None:
        self.tests += 1
        outcome = _outcome(response, final=final)
        self.failures += outcome == "failure"
        self.skipped += outcome == "skipped"
        if took := _took(response):
            self.times.append(float(took))

    def tell(self, element: ET.Element) -> None:
        for name in ("tests", "failures", "errors", "skipped"):
            element.set(name, str(getattr(self, name)))
        if self.times:
            element.set("time", f"{sum(self.times):.3f}")


def _counted(pages: Iterable[list[Response]]) -> dict[str, _Counts]:
    """By model, in the order of their first responses."""
    counts: dict[str, _Counts] = {}
    for page in pages:
        finals = {id(response) for response in final_attempts(page)}
        for response in page:
            counts.setdefault(response.name, _Counts()).add(response, final=id(response) in finals)
    return counts


def _of_model(page: list[Response], model: str) -> Iterator[tuple[Response, bool]]:
    """A model's responses, and whether each is the last attempt."""
    own = [response for response in page if response.name == model]
    finals = {id(response) for response in final_attempts(own)}
    for response in own:
        yield whole_response(response), id(response) in finals


def _suite(name: str, count: _Counts, cases: Iterable[ET.Element], head: Comparison) -> Iterator[str]:
    suite = ET.Element("testsuite", name=legal_line(repair(name)))
    count.tell(suite)
    suite.set("timestamp", f"{head.started_at:%Y-%m-%dT%H:%M:%S}")
    yield "\n  " + _opened(suite)
    holder = ET.Element("testsuite")
    _properties(holder, _of_run(head))
    for element in chain(holder, cases):
        yield _indented(element)
    yield "\n  </testsuite>"


def _opened(element: ET.Element) -> str:
    """The begin of an element that has content."""
    return ET.tostring(element, encoding="unicode").removesuffix(" />") + ">"


def _indented(element: ET.Element) -> str:
    ET.indent(element, level=2)
    return "\n    " + ET.tostring(element, encoding="unicode")


def _gate(gate: SavedGate) -> ET.Element:
    """A gate as a case: it fails where the exit code is 5 for it."""
    case = ET.Element("testcase", name=legal_line(gate.expression), classname=_GATES)
    reasons = [legal_line(reason) for reason in gate.reasons]
    if gate.holds:
        message = "; ".join(["it holds", *reasons])
        ET.SubElement(case, "failure", message=message, type="fail-if").text = "\n".join(reasons)
    elif gate.fails:
        message = "; ".join(["it is unknown, which counts as if it held", *reasons])
        ET.SubElement(case, "error", message=message, type="unknown").text = "\n".join(reasons)
    elif gate.holds is None:
        ET.SubElement(case, "skipped", message="; ".join(["it is unknown, which is allowed", *reasons]))
    return case


def _took(response: Response) -> str:
    took = response.timing.e2e_ms
    return f"{took / 1000:.3f}" if took is not None and math.isfinite(took) and took >= 0 else ""


def _outcome(response: Response, *, final: bool) -> Literal["passed", "failure", "skipped"]:
    kind = response.error.kind if response.error else response.state
    if not final or response.state == "cancelled" or kind in _SKIPPED_KINDS:
        return "skipped"
    return "passed" if response.state == "complete" else "failure"


def _case(response: Response, names: Sequence[str], head: Comparison, *, final: bool) -> ET.Element:
    name = _case_name(response, names, head, final=final)
    case = ET.Element("testcase", name=name, classname=legal_line(response.name))
    if took := _took(response):
        case.set("time", took)
    _properties(case, _of_response(response))
    reason = legal_line(figures.explain(response, key_of=None))
    outcome = _outcome(response, final=final)
    if outcome == "skipped":
        ET.SubElement(case, "skipped", message=reason if final else f"tried again: {reason}")
    elif outcome == "failure":
        kind = response.error.kind if response.error else response.state
        failure = ET.SubElement(case, "failure", message=reason, type=legal_line(kind))
        failure.text = legal(response.error.message if response.error else reason)
    ET.SubElement(case, "system-out").text = legal(answer_text(response))
    notes = "\n".join(warnings_of(response))
    if notes:
        ET.SubElement(case, "system-err").text = legal(notes)
    return case


def _case_name(response: Response, names: Sequence[str], head: Comparison, *, final: bool) -> str:
    """The same from run to run for what counts, however often it had to be tried."""
    is_known = 0 <= response.prompt < len(names)
    parts = [names[response.prompt] if is_known else f"prompt {response.prompt + 1}"]
    if head.rounds > 1:
        parts.append(f"round {response.round}")
    if not final:
        parts.append(f"failed attempt {response.attempt}")
    return ", ".join(parts)


def _properties(parent: ET.Element, values: dict[str, object]) -> None:
    known = {name: value for name, value in values.items() if value is not None}
    if known:
        properties = ET.SubElement(parent, "properties")
        for name, value in known.items():
            ET.SubElement(properties, "property", name=name, value=legal_line(str(value)))


def _of_run(comparison: Comparison) -> dict[str, object]:
    return {
        "id": comparison.id,
        "program_version": comparison.program_version,
        "demo": "true" if comparison.demo else None,
        "config.path": comparison.config.path,
        "config.sha256": comparison.config.sha256,
        "definitions": comparison.definitions,
    }


def _of_response(response: Response) -> dict[str, object]:
    """Every figure that is known, by its name in the other exports."""
    head: dict[str, object] = {
        "provider": response.provider,
        "model": response.model,
        "served_model": response.served_model,
        "state": response.state,
        "finish_reason": response.finish_reason,
        "remark": ending_words(response) or None,
    }
    error = response.error.model_dump(exclude={"message"}) if response.error else {}
    head |= {f"error.{name}": value for name, value in error.items()}
    for group in ("timing", "usage", "estimate", "cost"):
        fields: dict[str, object] = getattr(response, group).model_dump()
        head |= {f"{group}.{name}": value for name, value in fields.items()}
    return head
