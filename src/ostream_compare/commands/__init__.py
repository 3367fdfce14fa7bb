"""Sub-commands that make no comparison; each module is loaded when its command is called."""

from collections.abc import Mapping

HELP: Mapping[str, str] = {
    "models": """List the models of a file: key present, price known, endpoint reachable.

Each endpoint is asked for its list of models, with its key, for two seconds at most; no prompt is sent, and
no key is shown.

Exit code 0 if every enabled model can run, 1 if one cannot, 2 if the file is wrong.""",
    "schema": """Print the JSON Schema of the TOML, for editors.

`ostream-compare schema > models.schema.json`, and `#:schema ./models.schema.json` as a file's first line.""",
}
"""By the name that module, function and command share; it stands here so that `--help` loads none of them."""
