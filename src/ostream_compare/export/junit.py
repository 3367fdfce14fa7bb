"""A comparison as JUnit XML: a test suite a model, a test case a response."""

import math
import xml.etree.ElementTree as ET

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Comparison, Response
from ostream_compare.domain.plain_words import LIMIT_WORDS, is_limited, warnings_of
from ostream_compare.domain.spelling import whole
from ostream_compare.domain.summary import final_attempts
from ostream_compare.export.xml_text import legal, legal_line

_SKIPPED_KINDS = frozenset({"missing_key", "insecure"})
"""Kinds of a response that nobody was asked for."""


def to_junit(comparison: Comparison) -> str:
    """`comparison` as XML 1.0.

    What failed or was cut is a failure; what was stopped, has no key, or was tried again is skipped. A time
    that is not known is left out.
    """
    saved = whole(comparison)
    finals = {id(response) for response in final_attempts(saved.responses)}
    root = ET.Element("testsuites", name="ostream-compare")
    cases: list[ET.Element] = []
    for name in dict.fromkeys(response.name for response in saved.responses):
        suite = ET.SubElement(root, "testsuite", name=legal_line(name))
        responses = [response for response in saved.responses if response.name == name]
        own = [_case(response, saved, final=id(response) in finals) for response in responses]
        _count(suite, own)
        suite.set("timestamp", f"{saved.started_at:%Y-%m-%dT%H:%M:%S}")
        _properties(suite, _of_run(saved))
        suite.extend(own)
        cases += own
    _count(root, cases)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _case(response: Response, comparison: Comparison, *, final: bool) -> ET.Element:
    name = _case_name(response, comparison)
    case = ET.Element("testcase", name=name, classname=legal_line(response.name))
    took = response.timing.e2e_ms
    if took is not None and math.isfinite(took) and took >= 0:
        case.set("time", f"{took / 1000:.3f}")
    _properties(case, _of_response(response))
    reason = legal_line(figures.explain(response, keys=False))
    kind = response.error.kind if response.error else response.state
    if not final:
        ET.SubElement(case, "skipped", message=f"tried again: {reason}")
    elif response.state == "cancelled" or kind in _SKIPPED_KINDS:
        ET.SubElement(case, "skipped", message=reason)
    elif response.state != "complete":
        failure = ET.SubElement(case, "failure", message=reason, type=legal_line(kind))
        failure.text = legal(response.error.message if response.error else reason)
    ET.SubElement(case, "system-out").text = legal(response.content or response.refusal or "")
    notes = "\n".join(warnings_of(response))
    if notes:
        ET.SubElement(case, "system-err").text = legal(notes)
    return case


def _case_name(response: Response, comparison: Comparison) -> str:
    prompts = comparison.prompts
    name = prompts[response.prompt].name if 0 <= response.prompt < len(prompts) else None
    parts = [legal_line(name) if name else f"prompt {response.prompt + 1}"]
    if comparison.rounds > 1:
        parts.append(f"round {response.round}")
    if response.attempt > 1:
        parts.append(f"attempt {response.attempt}")
    return ", ".join(parts)


def _count(parent: ET.Element, cases: list[ET.Element]) -> None:
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": 0,
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    for name, count in counts.items():
        parent.set(name, str(count))
    if known := [float(time) for case in cases if (time := case.get("time"))]:
        parent.set("time", f"{sum(known):.3f}")


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
        "remark": LIMIT_WORDS if is_limited(response) else None,
    }
    for group in ("timing", "usage", "estimate", "cost"):
        fields: dict[str, object] = getattr(response, group).model_dump()
        head |= {f"{group}.{name}": value for name, value in fields.items()}
    return head
