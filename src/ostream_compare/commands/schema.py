"""`schema`: the JSON Schema of a file of presets."""

from ostream_compare.config.schema import schema_text
from ostream_compare.terminal import print_data


def schema() -> int:
    """Print the JSON Schema of the TOML."""
    print_data(schema_text())
    return 0
