"""Folders with clips for the gesture example."""

from __future__ import annotations

import numpy as np


def save_clip(folder, name="a.npz", value=0, num_frames=3):
    """Writes a clip of grey frames, 8×8 px."""
    np.savez(folder / name, frames=np.full((num_frames, 8, 8, 3), value, np.uint8))


def write_table(folder, text, *files):
    """Writes labels.csv and clips of 3 black frames; returns the folder as str."""
    folder.mkdir(exist_ok=True)
    (folder / "labels.csv").write_text(text, encoding="utf-8")
    for name in files:
        np.savez(folder / name, frames=np.zeros((3, 8, 8, 3), np.uint8))
    return str(folder)
