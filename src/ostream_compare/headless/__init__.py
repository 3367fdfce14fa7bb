"""Runs without a screen: the same collector, progress on stderr, the comparison at the end."""
