"""A comparison as TOML, JSON and other formats."""
