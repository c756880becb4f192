"""Chosen joints are learnt, the others become landmarks; nothing is lost and nothing is made up."""

import numpy as np
import pytest

from keras_pose.data import selection, validation
from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE, ArrayFrames, Clip
from keras_pose.data.joint_choice import choose_joints, parse_joints
from keras_pose.data.source import Problem, Source
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import UPPER_BODY, Skeleton
from tests.helpers.small_project import begin, make_config, write_project

BODY = Skeleton(
    "body",
    ("nose", "l_wrist", "r_wrist", "left_hip", "right_hip"),
    (("l_wrist", "r_wrist"), ("left_hip", "right_hip")),
    (("nose", "l_wrist"), ("nose", "r_wrist"), ("left_hip", "right_hip")),
    ((1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4), (5, 5, 5)),
)
NAN = [np.nan, np.nan]


def make_source(**changes):
    joints = np.arange(1, 31, dtype=np.float32).reshape(3, 5, 2) / 2
    joints[1, :3] = NAN  # only the hips
    joints[2, 4] = NAN
    visibility = np.where(np.isnan(joints[..., 0]), UNLABELLED, VISIBLE)
    visibility[0, 1] = HIDDEN
    weights = np.arange(1, 16, dtype=np.float32).reshape(3, 5)
    clip = Clip("c", ArrayFrames(np.zeros((9, 20, 30, 3), np.uint8)), [0, 4, 8], joints, visibility, weights)
    return Source([clip], BODY, name="set", **changes)


def test_joints_are_taken_in_the_given_order_and_the_others_are_landmarks():
    before = make_source().clips[0]
    chosen = choose_joints(make_source(), ("r_wrist", "nose"))
    (clip,) = chosen.clips
    assert chosen.skeleton.joints == ("r_wrist", "nose")
    np.testing.assert_array_equal(clip.labelled, [0, 8])
    np.testing.assert_array_equal(clip.joints, before.joints[[0, 2]][:, [2, 0]])
    np.testing.assert_array_equal(clip.visibility, before.visibility[[0, 2]][:, [2, 0]])
    np.testing.assert_array_equal(clip.weights, before.weights[[0, 2]][:, [2, 0]])
    assert set(clip.landmarks) == {"l_wrist", "left_hip", "right_hip"}
    np.testing.assert_array_equal(clip.landmarks["right_hip"], [before.joints[0, 4], NAN])
    assert [note for note in chosen.notes if "left out" in note] == [
        "1 labelled frame is left out: no chosen joint has a label there (r_wrist, nose)"
    ]


def test_pairs_edges_and_colours_are_those_among_the_chosen():
    found = choose_joints(make_source(), ("right_hip", "left_hip", "nose")).skeleton
    assert found.flip_pairs == (("left_hip", "right_hip"),)
    assert found.edges == (("left_hip", "right_hip"),)
    assert found.colors == ((5, 5, 5), (4, 4, 4), (1, 1, 1))
    assert choose_joints(make_source(), UPPER_BODY.joints).skeleton == UPPER_BODY


def test_a_joint_that_is_missing_is_unlabelled_and_other_spellings_are_found():
    chosen = choose_joints(make_source(), ("LWrist", "left_ear", "right_ear"))
    (clip,) = chosen.clips
    np.testing.assert_array_equal(clip.joints[0], [make_source().clips[0].joints[0, 1], NAN, NAN])
    np.testing.assert_array_equal(clip.visibility[0], [HIDDEN, UNLABELLED, UNLABELLED])
    assert (clip.weights > 0).all()
    assert chosen.skeleton.flip_pairs == (("left_ear", "right_ear"),)
    assert "joints are read under other names: l_wrist as LWrist" in chosen.notes
    assert "joints without any label: left_ear, right_ear" in chosen.notes


def test_all_joints_in_their_order_change_nothing():
    source = make_source()
    assert choose_joints(source, BODY.joints) is source


def test_no_common_joint_is_refused_with_the_known_names():
    with pytest.raises(ValueError, match="set: expected at least one of the joints tail, received nose, l_wrist"):
        choose_joints(make_source(), ("tail",))


def test_problems_move_with_their_joints_and_rows():
    problems = (
        Problem("c", 2, "a", 0),
        Problem("c", 2, "b", 3),
        Problem("c", 1, "d", 2),
        Problem("c", 2, "e"),
        Problem("c", None, "f"),
    )
    chosen = choose_joints(make_source(problems=problems), ("r_wrist", "nose"))
    assert chosen.problems == (
        Problem("c", 1, "a", 1),
        Problem("c", None, "d"),
        Problem("c", 1, "e"),
        Problem("c", None, "f"),
    )
    with pytest.raises(ValueError, match="4 bad labels"):
        validation.validate(chosen)
    kept = validation.validate(choose_joints(make_source(problems=problems[1:2]), ("nose",)))
    assert kept.clips[0].num_labelled == 2


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("all", ("a", "b, c", "d")),
        ("upper_body", UPPER_BODY.joints),
        ("d,a", ("d", "a")),
        ("b, c , d", ("b, c", "d")),
        ("a, x", ("a", "x")),
    ],
)
def test_names_are_read(text, names):
    assert parse_joints(text, ("a", "b, c", "d")) == names


@pytest.mark.parametrize(("text", "message"), [("a,,d", "expected all, upper_body"), ("a,a", "received twice: a")])
def test_unreadable_names_are_refused(text, message):
    with pytest.raises(ValueError, match=f"--joints: .*{message}"):
        parse_joints(text, ("a", "d"))


def test_the_flag_chooses_the_joints_of_a_run():
    flags = {"data": "signers:train:3", "signer_frames": 2, "signer_size": 64, "joints": "left_wrist,right_wrist"}
    config = TrainConfig.from_flags(run_dir="x", **flags).data
    source = selection.open_data(config.source, config)
    assert source.skeleton.joints == ("left_wrist", "right_wrist")
    assert source.skeleton.flip_pairs == (("left_wrist", "right_wrist"),)
    assert source.clips[0].joints.shape == (2, 2, 2)
    assert set(source.clips[0].landmarks) == set(UPPER_BODY.joints) - {"left_wrist", "right_wrist"}


def test_a_run_resumes_with_the_same_joints_only(tmp_path):
    data = write_project(str(tmp_path / "data"))
    config = make_config(tmp_path / "run", data, joints="tail,nose")
    begin(config)
    begin(config.replace(joints="tail, nose"))
    with pytest.raises(ValueError, match="the joints of .* have changed .*: tail, nose then, nose, ear, tail now"):
        begin(config.replace(joints="all"))
