"""Draws whole comparisons: every field of every saved table, known or not, with hostile texts and numbers."""

from datetime import UTC, datetime, timedelta, timezone
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

from ostream_compare.domain.comparison import SCHEMA_VERSION, Comparison

TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(), max_size=6),  # lone surrogates among them
    st.sampled_from(
        ["", "\x1b]52;c;YQ==\x07", "\"\"\"\r\n'''\\", "\u202e\U000e0041\ufeff\uffff", "a\udc80b"]
    ),
)
FLOATS = st.one_of(st.floats(), st.sampled_from([5e-324, 1.7976931348623157e308, -0.0, 1e-7, 1e22]))
TIMES = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3, minutes=30))]))
PLAIN = {
    str: TEXTS,
    int: st.integers(-(2**63), 2**63 - 1),
    float: FLOATS,
    bool: st.booleans(),
    datetime: TIMES,
}


def values(of: Any) -> st.SearchStrategy[Any]:
    """Values of one annotation."""
    parts = get_args(of)
    containers = {
        Literal: lambda: st.sampled_from(parts),
        UnionType: lambda: st.one_of(*map(values, parts)),
        Union: lambda: st.one_of(*map(values, parts)),
        list: lambda: st.lists(values(parts[0]), max_size=2),
        dict: lambda: st.dictionaries(values(parts[0]), values(parts[1]), max_size=2),
    }
    if (kind := get_origin(of)) is not None:
        return containers[kind]()
    if of is type(None):
        return st.none()
    return st.deferred(lambda: models(of)) if issubclass(of, BaseModel) else PLAIN[of]


def models(of: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Instances of a table; what has a default is given or left out."""
    fields = of.model_fields.items()
    required = {name: values(field.annotation) for name, field in fields if field.is_required()}
    optional = {name: values(field.annotation) for name, field in fields if not field.is_required()}
    return st.fixed_dictionaries(required, optional=optional).map(lambda drawn: of(**drawn))


COMPARISONS = models(Comparison).map(lambda drawn: drawn.model_copy(update={"version": SCHEMA_VERSION}))
