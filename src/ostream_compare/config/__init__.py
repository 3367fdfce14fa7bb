"""The TOML of model presets, read into the domain's values."""
