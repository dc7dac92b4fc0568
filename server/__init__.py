"""Plenary, a live classroom quiz."""

__version__ = "0.1.0"
