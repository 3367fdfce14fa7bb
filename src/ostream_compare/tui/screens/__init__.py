"""Screens of the application, one file each."""
