"""The joints of a YOLO-pose data set, from its .yaml file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras_pose.data.importers.coco.annotation_file import shorten
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.side_names import infer_flip_pairs
from keras_pose.skeleton import Skeleton

_MOST_JOINTS = 1000


def read_skeleton(config: Mapping[str, Any], findings: Findings) -> tuple[Skeleton, int]:
    """Reads `kpt_shape`, the names of joints, `flip_idx` and `skeleton`.

    Args:
      config: the content of the .yaml file.
      findings: receives notes on what does not fit.

    Returns:
      The skeleton, and the number of values of a joint: 2 or 3.

    Raises:
      ValueError: for another `kpt_shape`, or names that a skeleton cannot have; the message names the file.
    """
    shape = config.get("kpt_shape")
    if not (isinstance(shape, list) and len(shape) == 2 and all(type(n) is int for n in shape)):
        raise ValueError(f"{findings.path}: kpt_shape: expected [joints, 2 or 3], received {shorten(shape)}")
    num_joints, num_values = shape
    if not 1 <= num_joints <= _MOST_JOINTS or num_values not in (2, 3):
        raise ValueError(f"{findings.path}: kpt_shape: expected [joints, 2 or 3], received {shape}")
    joints = _read_names(config, num_joints, findings)
    pairs = _read_pairs(config.get("flip_idx"), joints, findings)
    entries = config.get("skeleton")
    edges = []
    for pair in entries if isinstance(entries, list) else []:
        fits = isinstance(pair, list) and len(pair) == 2 and all(type(end) is int for end in pair)
        if fits and all(0 <= end < num_joints for end in pair) and pair[0] != pair[1]:
            edges.append((joints[pair[0]], joints[pair[1]]))
    try:
        return Skeleton("yolo", joints, pairs, tuple(edges)), num_values
    except ValueError as error:
        raise ValueError(f"{findings.path}: {error}") from error


def _read_names(config, num_joints, findings):
    for field in ("kpt_names", "keypoint_names", "node_names"):
        names = config.get(field)
        if isinstance(names, dict) and names:  # {class: names}; all classes share one shape
            names = next(iter(names.values()))
        if isinstance(names, list) and len(names) == num_joints and all(isinstance(n, (str, int)) for n in names):
            return tuple(map(str, names))
        if names is not None:
            findings.add_note(f"{field}: ignored, expected {num_joints} names, received {shorten(names)}")
    findings.add_note(f"the file does not name its joints: they are called joint_0 to joint_{num_joints - 1}")
    return tuple(f"joint_{number}" for number in range(num_joints))


def _read_pairs(order, joints, findings):
    """Flip pairs by `flip_idx`, left first if the names tell; by names if there is none."""
    inferred = infer_flip_pairs(joints)
    if order is None:
        return inferred
    if order == list(range(len(joints))) and inferred:  # as sleap-io writes it, whatever the joints are
        findings.add_note("flip_idx: ignored, it swaps nothing although names are left and right")
        return inferred
    whole = isinstance(order, list) and all(type(n) is int for n in order) and sorted(order) == list(range(len(joints)))
    if not whole or any(order[other] != joint for joint, other in enumerate(order)):
        findings.add_note(f"flip_idx: ignored, expected a number for each joint, received {shorten(order)}")
        return inferred
    pairs = [(joints[joint], joints[other]) for joint, other in enumerate(order) if joint < other]
    return tuple(pair if pair[::-1] not in inferred else pair[::-1] for pair in pairs)
