"""ostream-compare: one prompt to several models at once, compared side by side in the terminal."""

__version__ = "0.1.0"
