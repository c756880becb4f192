"""Skeletons and people of sleap-io's labels."""

import numpy as np
import pytest

from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.sleap_io import instances
from tests.helpers import sleap_labels
from tests.helpers.sleap_labels import sio


def test_pairs_follow_from_names_without_symmetries():
    skeleton = sio.Skeleton(["ear_r", "ear_l", "nose"])
    assert instances.build_skeleton(skeleton, Findings("a")).flip_pairs == (("ear_l", "ear_r"),)


def test_symmetries_without_sides_keep_the_order_of_joints():
    skeleton = sio.Skeleton(["b", "a"], symmetries=[("a", "b")])
    assert instances.build_skeleton(skeleton, Findings("a")).flip_pairs == (("b", "a"),)


def test_the_skeleton_with_most_people_is_read(tmp_path):
    labels = sleap_labels.make_labels(sleap_labels.write_clip(tmp_path))
    other = sio.Skeleton(["only"], name="dot")
    dot = sio.Instance.from_numpy(np.array([[1.0, 2.0]]), skeleton=other)
    labels.labeled_frames[0].instances.append(dot)
    findings = Findings("a")
    chosen = instances.choose_skeleton(labels, findings)
    assert chosen.name == "mouse"
    people = list(instances.read_people(labels, chosen, findings, lambda video, number: f"frame {number}"))
    assert [number for _, number, _ in people] == [2, 5]
    assert any("of skeleton 'dot', which has other joints" in text for text in findings.skipped())


def test_infinite_positions_are_faults():
    instance = sio.Instance.from_numpy(sleap_labels.points_of(0), skeleton=sleap_labels.make_skeleton())
    instance.points["xy"][0] = (np.inf, 1)
    values, faults, not_placed = instances.read_points(instance)
    assert values[:, 2].tolist() == [0, 2, 0, 1]
    assert faults == {0: "expected a position at joint 'tail', received (inf, 1)"}
    assert not_placed == 0


def test_nobody_labelled_is_an_error():
    with pytest.raises(ValueError, match="a: expected at least one labelled person, found none"):
        instances.choose_skeleton(sio.Labels([]), Findings("a"))
