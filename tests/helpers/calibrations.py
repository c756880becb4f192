"""Calibrations for tests, with different parameters for each joint."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from keras_pose.confidence import store
from keras_pose.confidence.calibration import Calibration
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.skeleton import UPPER_BODY


def make_calibration(joints: Sequence[str] = UPPER_BODY.joints, weights_sha256: str = "") -> Calibration:
    """Returns a calibration whose slopes, intercepts and errors rise from joint to joint."""
    steps = np.arange(len(joints)) / len(joints)
    return Calibration(
        joints=tuple(joints),
        distance=0.05,
        slopes=tuple(0.5 + steps),
        intercepts=tuple(steps - 0.5),
        near_errors=tuple(0.01 + 0.02 * steps),
        far_errors=tuple(0.1 + 0.2 * steps),
        lowest=0.002,
        num_frames=50,
        num_clips=10,
        num_labelled=300,
        weights_sha256=weights_sha256,
    )


def write_calibration(run_dir: str | os.PathLike[str]) -> Calibration:
    """Writes a calibration of the weights of a run into its folder, and returns it."""
    calibration = make_calibration(weights_sha256=store.file_digest(RunDirectory(os.fspath(run_dir)).weights))
    store.write(run_dir, calibration)
    return calibration
