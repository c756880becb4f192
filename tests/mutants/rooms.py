"""What is changed, and which tests must notice: those at the mirrored place."""

from __future__ import annotations

import pathlib

# Modules of a room, or folders of them, in keras_pose/.
ROOMS = {
    "geometry": ("geometry.py",),
    "heatmaps": ("heatmaps",),
    "pooling": ("pooling",),
    "flow": ("flow",),
    "metrics": (
        "evaluation/accuracy.py",
        "evaluation/accuracy_curves.py",
        "evaluation/bootstrap.py",
        "evaluation/calibration_scores.py",
        "evaluation/error_kinds.py",
        "evaluation/measure_table.py",
        "evaluation/measures.py",
        "evaluation/reference_lengths.py",
        "evaluation/resampling.py",
        "evaluation/temporal_kinds.py",
        "training/joint_metric.py",
        "training/metrics.py",
    ),
}


def find_modules(root: pathlib.Path, room: str) -> list[pathlib.Path]:
    """Returns the modules of a room that have tests of their own, relative to the root of the project."""
    places = [root / "keras_pose" / name for name in ROOMS[room]]
    found = [path for place in places for path in (sorted(place.glob("*.py")) if place.is_dir() else [place])]
    return [path.relative_to(root) for path in found if (root / tests_of(path.relative_to(root))).is_file()]


def tests_of(module: pathlib.Path) -> pathlib.Path:
    """Returns the mirrored test file of a module; both relative to the root of the project."""
    return pathlib.Path("tests") / module.with_name(f"test_{module.name}")
