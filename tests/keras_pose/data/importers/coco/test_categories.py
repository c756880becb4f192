"""Categories: joints, edges that count from 0 or 1, decoration that does not fit, what is refused."""

import pytest

from keras_pose.data.importers.coco.annotation_file import Content
from keras_pose.data.importers.coco.categories import build_skeleton, read_categories
from keras_pose.data.importers.coco.findings import Findings

JOINTS = ["nose", "left_hand", "right_hand"]


def read(*categories, annotations=()):
    findings = Findings("a.json")
    return read_categories(Content([], list(annotations), list(categories), []), findings), findings


def skeleton(**values):
    categories, findings = read({"id": 1, "name": "person", "keypoints": JOINTS, **values})
    return build_skeleton(categories[1], findings), findings.notes


@pytest.mark.parametrize(
    ("edges", "expected", "note"),
    [
        ([[1, 2], [1, 3]], ["nose-left_hand", "nose-right_hand"], ""),
        ([[0, 1], [0, 2]], ["nose-left_hand", "nose-right_hand"], ""),
        ([[1.0, 2.0]], ["nose-left_hand"], ""),
        ([["nose", "right_hand"]], ["nose-right_hand"], ""),
        (None, [], ""),
        ([], [], ""),
        ([[1, 2], [3, 17]], ["nose-left_hand"], "1 of 2 edges ignored, expected pairs of numbers from 1 to 3"),
        ([[0, 1], [2, 3]], ["nose-left_hand"], "1 of 2 edges ignored, expected pairs of numbers from 0 to 2"),
        ([[1, 1], [1, 2, 3], [1], 5, None, {}, "x", [None, 1], [True, 2], ["no", 1]], [], "10 of 10 edges ignored"),
        ("text", [], "1 of 1 edges ignored"),
        ({"a": 1}, [], "1 of 1 edges ignored"),
    ],
)
def test_edges(edges, expected, note):
    found, notes = skeleton(skeleton=edges)
    assert ["-".join(edge) for edge in found.edges] == expected
    assert note in "".join(notes)
    assert bool(note) == bool(notes)


@pytest.mark.parametrize("colors", [[[1, 2, 3]], 5, "red", [["a", "b", "c"]] * 3, [None] * 3, [[1, 2, 300]] * 3])
def test_colors_that_do_not_fit_are_ignored_with_a_note(colors):
    found, notes = skeleton(colors=colors)
    assert found.colors == skeleton()[0].colors
    assert "colors: ignored" in notes[0]


@pytest.mark.parametrize("pairs", [[["nose"]], [["nose", "tail"]], 5, [[1, 2]], [None], [["nose", []]]])
def test_flip_pairs_that_do_not_fit_follow_from_the_names(pairs):
    found, notes = skeleton(flip_pairs=pairs)
    assert found.flip_pairs == (("left_hand", "right_hand"),)
    assert "flip_pairs: ignored" in notes[0]


@pytest.mark.parametrize("name", [None, 3, [], ""])
def test_a_category_may_have_no_name(name):
    assert skeleton(name=name)[0].joints == tuple(JOINTS)


def test_joints_may_be_numbers():
    categories, _ = read({"id": 1, "keypoints": [1, 2]})
    assert categories[1].joints == ("1", "2")


@pytest.mark.parametrize(
    ("keypoints", "message"),
    [
        (["a", "a"], r"expected different joint names, received twice: \['a'\]"),
        ("nose", "expected a list of joint names, received 'nose'"),
        ({"0": "nose"}, "expected a list of joint names"),
        ([None], "expected a list of joint names"),
        ([["nose"]], "expected a list of joint names"),
        (5, "expected a list of joint names"),
        (None, r"expected a category with 'keypoints', received \['1'\]"),
    ],
)
def test_joints_that_cannot_be_used_are_named(keypoints, message):
    with pytest.raises(ValueError, match=f"a.json: .*{message}"):
        read({"id": 1, "keypoints": keypoints})
    if keypoints:
        categories, findings = read({"id": 1, "keypoints": keypoints}, {"id": 2, "keypoints": JOINTS})
        assert categories[2].joints == tuple(JOINTS)
        assert len(findings.problems) == 1


def test_joints_without_names_are_numbered():
    annotations = [
        {"keypoints": [1, 2, 2] * 4},
        {"keypoints": [[1, 2, 2]] * 4},
        {"keypoints": None},
        5,
        {"keypoints": [1]},
    ]
    categories, findings = read({"id": 1, "name": "person"}, annotations=annotations)
    assert categories[1].joints == ("joint_0", "joint_1", "joint_2", "joint_3")
    assert "joints are called joint_0 to joint_3" in findings.notes[0]


def test_an_id_belongs_to_one_category():
    categories, findings = read({"id": 1, "keypoints": JOINTS}, {"id": "1", "keypoints": ["tip"]}, {"id": 1})
    assert categories[1].joints == tuple(JOINTS)
    assert "categories[1]: expected an id of its own, received 1 a second time" in findings.problems[0].message
    assert len(findings.problems) == 1
    categories, findings = read({"id": 1, "name": "car"}, {"id": 1, "keypoints": JOINTS})
    assert (categories[1].joints, findings.problems) == (tuple(JOINTS), [])
