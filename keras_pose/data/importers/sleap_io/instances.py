"""The content of sleap-io's `Labels` in this project's terms: skeleton, people, frames.

Labels of a person (`Instance`) are read, predictions (`PredictedInstance`) are not: training on them would repeat the
mistakes of the net that made them. A joint that is marked as not visible counts as hidden if the annotator placed it
(`complete`); otherwise it is unlabelled, because SLEAP leaves such a joint wherever its template put it and ignores it.
"""

from __future__ import annotations

import collections
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.people import Person
from keras_pose.side_names import infer_flip_pairs
from keras_pose.skeleton import Skeleton

_PREDICTED = "of predictions (correct them in the labelling tool to use them as labels)"


def build_skeleton(found: Any, findings: Findings) -> Skeleton:
    """Returns a skeleton with the names, order and edges of sleap-io's.

    Flip pairs are its symmetries, the left one first if the names tell; without symmetries they follow from the names.

    Raises:
      ValueError: for names that cannot be those of a skeleton.
    """
    joints = tuple(str(node.name) for node in found.nodes)
    edges = tuple((str(edge.source.name), str(edge.destination.name)) for edge in found.edges)
    inferred = infer_flip_pairs(joints)
    pairs: list[tuple[str, str]] = []
    for symmetry in found.symmetries:
        names = sorted((str(node.name) for node in symmetry.nodes), key=joints.index)
        if len(names) == 2 and not any(set(names) & set(other) for other in pairs):
            pair = (names[0], names[1])
            pairs.append(pair if pair[::-1] not in inferred else pair[::-1])
    kept = tuple(dict.fromkeys(edge for edge in edges if edge[0] != edge[1] and set(edge) <= set(joints)))
    if len(kept) < len(edges):
        findings.add_note(f"skeleton: {len(edges) - len(kept)} of {len(edges)} edges ignored")
    try:
        return Skeleton(str(found.name or "sleap"), joints, tuple(pairs) or inferred, kept)
    except ValueError as error:
        raise ValueError(f"{findings.path}: {error}") from error


def choose_skeleton(labels: Any, findings: Findings, predictions: bool = False) -> Any:
    """Returns the skeleton (of sleap-io) with the most labelled people; the others are left out.

    Args:
      labels: sleap-io's `Labels`.
      findings: receives what is left out.
      predictions: whether predictions count as labels.

    Raises:
      ValueError: if the file has no labelled person; the message says whether it has predictions.
    """
    counts: collections.Counter = collections.Counter()
    by_id = {id(skeleton): skeleton for skeleton in labels.skeletons}
    num_predicted = 0
    for _, instance in _instances(labels):
        if predictions or not _is_predicted(instance):
            counts[id(instance.skeleton)] += 1
            by_id[id(instance.skeleton)] = instance.skeleton
        else:
            num_predicted += 1
    if not counts:
        if num_predicted:
            raise ValueError(
                f"{findings.path}: expected labels of a person, found only predictions ({num_predicted}): correct them "
                "in the labelling tool first, since a net that learns from predictions repeats their mistakes"
            )
        raise ValueError(f"{findings.path}: expected at least one labelled person, found none")
    return by_id[counts.most_common(1)[0][0]]


def read_people(
    labels: Any, skeleton: Any, findings: Findings, describe: Callable[[Any, int], str], predictions: bool = False
) -> Iterator[tuple[Any, int, list[Person]]]:
    """Yields the labelled people of each frame.

    Args:
      labels: sleap-io's `Labels`.
      skeleton: the skeleton to read, of sleap-io.
      findings: receives what is left out.
      describe: function (video of sleap-io, number of the frame) -> the place of a frame, for messages.
      predictions: whether predictions count as labels.

    Yields:
      (video of sleap-io, 0-based number of the frame, at least one `Person`).
    """
    uncertain = 0
    for frame in labels.labeled_frames:
        place = describe(frame.video, int(frame.frame_idx))
        people = []
        for instance in frame.instances:
            if not predictions and _is_predicted(instance):
                findings.leave_out(_PREDICTED, place)
            elif instance.skeleton is not skeleton:
                findings.leave_out(f"of skeleton {instance.skeleton.name!r}, which has other joints", place)
            else:
                values, faults, not_placed = read_points(instance)
                uncertain += not_placed
                if values[:, 2].any():
                    people.append(Person(None, place, values, faults, None))
                elif faults:
                    findings.add_bad("with invalid positions", place, next(iter(faults.values())))
                else:
                    findings.leave_out("without a labelled joint", place)
        if people:
            yield frame.video, int(frame.frame_idx), people
    if uncertain:
        joints = "1 joint is" if uncertain == 1 else f"{uncertain} joints are"
        findings.add_note(
            f"{joints} marked as not visible and were not placed by the annotator: unlabelled, as in SLEAP"
        )


def read_points(instance: Any) -> tuple[np.ndarray, dict[int, str], int]:
    """Returns the joints of a person.

    Args:
      instance: an instance of sleap-io.

    Returns:
      float64 [J, 3], (x, y, v) with the v of COCO; what is wrong with single joints, by position; and the number of
      joints with a position that nobody placed.
    """
    points = instance.points
    values = np.zeros((len(points), 3))
    faults = {}
    not_placed = 0
    for joint, (x, y) in enumerate(np.asarray(points["xy"], np.float64)):
        if math.isnan(x) and math.isnan(y):
            continue
        if not (math.isfinite(x) and math.isfinite(y)):
            name = instance.skeleton.nodes[joint].name
            faults[joint] = f"expected a position at joint {name!r}, received ({x:g}, {y:g})"
            continue
        visible = bool(points["visible"][joint])
        placed = visible or bool(points["complete"][joint])
        not_placed += not placed
        values[joint] = x, y, VISIBLE if visible else HIDDEN if placed else UNLABELLED
    return values, faults, not_placed


def _instances(labels):
    for frame in labels.labeled_frames:
        for instance in frame.instances:
            yield frame, instance


def _is_predicted(instance):
    return type(instance).__name__ == "PredictedInstance"
