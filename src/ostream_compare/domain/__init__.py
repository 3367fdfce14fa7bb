"""Values and rules of a comparison; no input or output."""
