"""The TOML file of presets: read, checked, and described for editors."""
