"""The built-in demo: presets that need no file and no key."""

from dataclasses import replace
from importlib.resources import files

from ostream_compare.config.reading import loads
from ostream_compare.domain.preset import Config


def builtin_demo() -> Config:
    """The demo's models and prompts, as `configs/models.toml` has them; of no file."""
    content = files("ostream_compare.config").joinpath("demo.toml").read_bytes()
    return replace(loads(content, "demo.toml").config, path=None, sha256=None)
