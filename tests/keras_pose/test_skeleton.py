"""Skeletons: pairs, edges and colours, inferred pairs, and files that are not skeletons."""

import dataclasses
import json

import numpy as np
import pytest

from keras_pose import skeleton
from keras_pose.skeleton import UPPER_BODY, Skeleton
from tests.helpers.skeletons import COCO_UPPER_BODY

NAMED = {named.name: named for named in (UPPER_BODY, COCO_UPPER_BODY)}


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
def test_skeletons_pair_left_with_right(named):
    assert named.num_joints == len(named.joints) == len(named.colors)
    for left, right in named.flip_pairs:
        assert left.replace("left", "right") == right
    unpaired = set(named.joints) - {j for pair in named.flip_pairs for j in pair}
    assert not any("left" in j or "right" in j for j in unpaired)


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
def test_flipping_twice_is_identity_and_swaps_names(named):
    order = named.flip_permutation()
    assert order.dtype == np.int32
    np.testing.assert_array_equal(order[order], np.arange(named.num_joints))
    for joint, other in zip(named.joints, order):
        swapped = {"left": "right", "right": "left"}.get(joint.split("_")[0])
        expected = joint if swapped is None else joint.replace(joint.split("_")[0], swapped)
        assert named.joints[other] == expected


def test_flip_permutation_by_hand():
    three = Skeleton("three", ("nose", "left_hand", "right_hand"), (("left_hand", "right_hand"),))
    np.testing.assert_array_equal(three.flip_permutation(), [0, 2, 1])


def test_edges_become_positions():
    three = Skeleton("three", ("a", "b", "c"), edges=(("c", "a"), ("a", "b")))
    assert three.edge_indices() == [(2, 0), (0, 1)]


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
def test_saved_skeleton_loads_equal(named, tmp_path):
    path = tmp_path / "skeleton.json"
    named.save(path)
    assert skeleton.load(path) == named
    assert hash(skeleton.load(path)) == hash(named)
    assert json.loads(path.read_text()) == named.to_dict()


def test_missing_colours_are_all_different():
    colors = Skeleton("many", tuple(f"j{i}" for i in range(17))).colors
    assert len(set(colors)) == 17
    assert all(0 <= c <= 255 for color in colors for c in color)


@pytest.mark.parametrize(
    ("joints", "pairs"),
    [
        (("left_ear", "nose", "right_ear"), (("left_ear", "right_ear"),)),
        (("r_wrist", "l_wrist"), (("l_wrist", "r_wrist"),)),
        (("R-hip", "L-hip"), (("L-hip", "R-hip"),)),
        (("earLeft", "earRight"), (("earLeft", "earRight"),)),
        (("lip", "rip", "left_only"), ()),
        ((), ()),
    ],
)
def test_flip_pairs_follow_from_names(joints, pairs):
    assert skeleton.infer_flip_pairs(joints) == pairs
    if joints:
        assert Skeleton("inferred", joints, pairs).flip_pairs == pairs


def test_same_joints_looks_at_names_and_order_only():
    recoloured = dataclasses.replace(UPPER_BODY, name="other", colors=())
    assert skeleton.same_joints(UPPER_BODY, recoloured)
    assert not skeleton.same_joints(UPPER_BODY, COCO_UPPER_BODY)
    assert not skeleton.same_joints(UPPER_BODY, Skeleton("turned", UPPER_BODY.joints[::-1]))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"joints": ()}, "skeleton 's': expected at least one joint, received none"),
        ({"joints": ("a", "b", "a")}, r"expected different joint names, received twice: \['a'\]"),
        ({"joints": ("a", "b"), "edges": (("a", "x"),)}, "unknown joint 'x', expected one of a, b"),
        ({"joints": ("a", "b"), "edges": (("a",),)}, r"edges: expected pairs of names, received \('a',\)"),
        ({"joints": ("a", "b"), "flip_pairs": (("a", "b"), ("b", "a"))}, "expected a joint in one pair, received"),
        ({"joints": ("a", "b"), "flip_pairs": (("a", "a"),)}, "expected a joint in one pair, received"),
        ({"joints": ("a", "b"), "colors": ((1, 2, 3),)}, "expected 2 colors, received 1"),
        ({"joints": "ab"}, "joints: expected a list, received 'ab'"),
        ({"joints": ("a", "b"), "edges": ("ab",)}, "edges: expected pairs of names, received 'ab'"),
        ({"joints": ("a", "b"), "colors": ((1, 2), (1, 2, 3))}, r"expected colours \(r, g, b\) of 0 to 255"),
        ({"joints": ("a",), "colors": ((0, 0, 256),)}, r"expected colours \(r, g, b\) of 0 to 255"),
    ],
)
def test_errors_say_what_was_expected_and_received(fields, message):
    with pytest.raises(ValueError, match=message):
        Skeleton("s", **fields)


@pytest.mark.parametrize("changes", [{"joints": ["a", 2]}, {"joints": [None]}, {"joints": [["a"]]}, {"name": 3}])
def test_names_must_be_text(changes):
    with pytest.raises(ValueError, match="expected names as text, received"):
        Skeleton(**{"name": "s", "joints": ["a"], **changes})


def test_a_file_that_is_nested_too_deeply_is_named(tmp_path):
    path = tmp_path / "wrong.json"
    path.write_text("[" * 100_000)
    with pytest.raises(ValueError, match=r"wrong\.json: expected JSON, but .* nested too deeply"):
        skeleton.load(path)


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "s"}',
        '{"name": "s", "joints": ["a"], "bones": []}',
        "[1, 2]",
        "7",
        '{"name": "s", "joints": [["a", 1], 2], "edges": 3}',
    ],
)
def test_a_file_that_is_not_a_skeleton_is_named(tmp_path, text):
    path = tmp_path / "wrong.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"wrong\.json: expected a skeleton"):
        skeleton.load(path)


def test_a_file_with_wrong_fields_is_named(tmp_path):
    path = tmp_path / "wrong.json"
    path.write_text('{"name": "s", "joints": ["a", "a"]}')
    with pytest.raises(ValueError, match=r"wrong\.json: .*expected different joint names"):
        skeleton.load(path)
