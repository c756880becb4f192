"""Puts the parts of an analysis together: one `VideoPoses`, calibrated and smoothed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_pose.analysis.parts import PartStore
from keras_pose.analysis.settings import Settings
from keras_pose.inference.pose_model import PoseModel
from keras_pose.poses.video_poses import ONE_PERSON, VideoFacts, VideoPoses, empty_arrays
from keras_pose.tracking import smoothing

_COPIED = ("joints", "scores", "ambiguous", "regions")


def assemble(model: PoseModel, path: str, settings: Settings, store: PartStore, facts: Mapping[str, Any]) -> VideoPoses:
    """Makes the poses of a video of its parts.

    Args:
      model: the model that predicted.
      path: path of the video, as the user gave it.
      settings: of the analysis.
      store: the parts.
      facts: what `PartStore.finish` was given.

    Raises:
      ValueError: if a part is damaged, or smoothing does not fit.
    """
    first = settings.start // settings.part_frames
    numbers = range(first, first + store.count_from(first))
    kept = [_select(store.read(number), settings) for number in numbers]
    people = tuple(dict.fromkeys(name for part in kept for name in part["people"].tolist())) or ONE_PERSON
    count = sum(len(part["frames"]) for part in kept)
    arrays = empty_arrays(count, len(people), model.skeleton.num_joints)
    row = 0
    for part in kept:
        rows = slice(row, row + len(part["frames"]))
        for name in ("frames", "times_s", "decoded"):
            arrays[name][rows] = part[name]
        for place, name in enumerate(part["people"].tolist()):
            for array in _COPIED:
                arrays[array][rows, people.index(name)] = part[array][:, place]
        row = rows.stop
    described = settings.describe()
    del described["smoothing_options"]  # `smooth_poses` says how joints were smoothed
    for name in ("tracks", "detector"):  # without folders: the same files elsewhere give the same bytes
        described[name] = os.path.basename(described[name])
    poses = VideoPoses(
        video=VideoFacts(path, (facts["size_hw"][0], facts["size_hw"][1]), facts["fps"], facts["num_frames"]),
        model=model.facts,
        skeleton=model.skeleton,
        people=people,
        calibration=_calibrate(model, arrays, max(facts["size_hw"])),
        settings={**model.settings(), **described},
        **arrays,
    )
    return smoothing.smooth_poses(poses, settings.smoothing, **dict(settings.smoothing_options))


def _select(part, settings):
    """The frames of a part that were asked for."""
    wanted = (part["frames"] - settings.start) % settings.every == 0
    return {name: array[wanted] if name not in ("people", "state") else array for name, array in part.items()}


def _calibrate(model, arrays, frame_side_px):
    """Fills in confidences and expected errors of joints that are there; returns what they mean, as JSON."""
    if model.calibration is None:
        return None
    there = np.isfinite(arrays["joints"]).all(-1)
    sides = arrays["regions"][..., 2:].max(-1)
    confidences = model.calibration.probabilities(arrays["scores"])
    errors_px = model.calibration.expected_errors(arrays["scores"]) * sides[..., None]
    arrays["confidences"] = np.where(there, confidences, np.float32(np.nan))
    arrays["expected_errors_px"] = np.where(there, errors_px, np.float32(np.nan))
    known = sides[np.isfinite(sides)]
    return model.calibration.describe(float(np.median(known)) if len(known) else float(frame_side_px))
