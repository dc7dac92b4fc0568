"""Hypothesis profiles: the same examples in every run, or ten times as many new ones (PLENARY_LONG=1)."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile(
    "default", max_examples=100, stateful_step_count=60, deadline=None, derandomize=True
)
settings.register_profile("long", max_examples=1_000, stateful_step_count=60, deadline=None)
settings.load_profile("long" if os.environ.get("PLENARY_LONG") == "1" else "default")
