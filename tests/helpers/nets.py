"""Flags of the nets that tests build, train and export.

Most of the time of a tiny training or export is spent on building graphs, which grow with the layers. SMALL has an
eighth of the layers of the net that users get by default, and trains in half of the time. Tests of what the layers do
(batch norm, fusion), and of what most users do, take DEFAULT, which is that net with fewer channels.
"""

from __future__ import annotations

from typing import Any

SMALL: dict[str, Any] = {"preset": "paper", "width": 0.125, "fusion": False}
SMALL_FUSED: dict[str, Any] = {**SMALL, "fusion": True}  # two heads, and a loss for each
DEFAULT: dict[str, Any] = {"preset": "lite", "width": 0.25, "fusion": True}
