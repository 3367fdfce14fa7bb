"""Widgets that paint one value each."""
