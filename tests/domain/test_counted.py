import pytest

from ostream_compare.domain.counted import counted


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 tokens"),
        (1, "1 token"),
        (2, "2 tokens"),
        (11, "11 tokens"),
        (1024, "1,024 tokens"),
        ("1", "1 token"),
        ("~1", "~1 token"),
        ("≥1", "≥1 token"),
        ("≥~1", "≥~1 token"),
        ("≥~11", "≥~11 tokens"),
        ("—", "— tokens"),
    ],
)
def test_one_is_no_plural(count, said):
    assert counted(count, "token") == said
