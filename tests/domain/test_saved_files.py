import json
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from domain.comparisons import COMPARISONS
from ostream_compare.domain.comparison import Comparison, Vote
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.safe_text import clean
from ostream_compare.domain.spelling import from_json, from_toml, to_json, to_toml, whole
from ostream_compare.export.formats import export, read

SAVED = Path(__file__).parents[1] / "data" / "saved"
SPELLINGS = pytest.mark.parametrize(("spell", "read"), [(to_toml, from_toml), (to_json, from_json)])


@SPELLINGS
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(comparison=COMPARISONS)
def test_any_comparison_is_read_back_as_it_is_kept(spell, read, comparison):
    kept = whole(comparison)
    document = spell(comparison)
    document.encode()
    assert clean(document) == document
    found = read(document)
    assert found == kept
    assert spell(found) == document


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(comparison=COMPARISONS)
def test_nothing_is_kept_that_no_file_can_hold(comparison):
    def walk(value):
        if isinstance(value, float):
            assert math.isfinite(value)
        elif isinstance(value, str):
            value.encode()
        elif isinstance(value, dict):
            for key, of in value.items():
                walk(key)
                walk(of)
        elif isinstance(value, list):
            for of in value:
                walk(of)

    walk(whole(comparison).model_dump())


@pytest.mark.parametrize("kind", ["toml", "json"])
def test_a_file_of_an_older_program_opens(kind):
    found = read((SAVED / f"version-1.{kind}").read_text(), kind)
    assert [(r.name, r.state, r.timing.bursts) for r in found.responses] == [
        ("Terse", "complete", 19 if kind == "toml" else found.responses[0].timing.bursts),
        ("Flaky", "failed", found.responses[1].timing.bursts),
    ]
    assert found.responses[1].error.kind == "connection_lost"
    assert (found.definitions, found.seed, found.pairs, found.baseline) == (None, None, [], None)
    assert found.summary[0].cost_usd == "0"
    assert read(export(found, kind), kind) == found


@pytest.mark.parametrize("kind", ["toml", "json", "csv", "md", "html", "junit"])
def test_a_file_of_an_older_program_is_exported_in_every_format(kind):
    found = read((SAVED / "version-1.toml").read_text(), "toml")
    assert "Terse" in export(found, kind)


@SPELLINGS
def test_a_newer_format_is_refused_with_the_remedy_of_its_number(spell, read):
    newer = Comparison(
        version=2,
        id="x",
        started_at=datetime(2026, 11, 22, tzinfo=UTC),
        program_version="9.0",
        prompts=[],
        responses=[],
    )
    with pytest.raises(UserError) as refused:
        read(spell(newer), path="new.file")
    assert str(refused.value) == (
        "new.file: version: written by a newer version of the program: format 2, this one reads 1"
    )


def test_a_tie_keeps_both_names():
    saved = Comparison(
        id="x",
        started_at=datetime(2026, 11, 22, tzinfo=UTC),
        program_version="0.1.0",
        prompts=[],
        responses=[],
        votes=[Vote(winner="A", loser="B", tie=True, both_bad=True, round=2)],
    )
    assert json.loads(to_json(saved))["votes"] == [
        {"prompt": 0, "winner": "A", "loser": "B", "tie": True, "both_bad": True, "round": 2}
    ]
    assert from_toml(to_toml(saved)).votes == saved.votes
