"""The flags of `keras-pose annotate`."""

import pytest

from keras_pose.annotating.config import AnnotateConfig

NEEDED = {"teacher": "t", "video": "v.mp4", "out_dir": "o"}


def test_joints_are_all_the_upper_body_or_named():
    assert AnnotateConfig(**NEEDED).joint_names == []
    assert AnnotateConfig(**NEEDED, joints="nose, left_wrist").joint_names == ["nose", "left_wrist"]
    assert AnnotateConfig(**NEEDED, joints="upper_body").joint_names[:2] == ["head", "right_wrist"]


def test_what_shapes_the_labels_is_kept_and_nothing_else():
    shaping = AnnotateConfig(**NEEDED, every=2, batch_size=3).shaping()
    assert shaping["every"] == 2
    assert not {"batch_size", "out_dir", "video", "teacher", "teacher_python"} & set(shaping)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"flow": "none"}, "--flow: expected one of"),
        ({"every": 5}, "--agree_frames: expected at least --every=5"),
        ({"min_confidence": 1.5}, "min_confidence"),
    ],
)
def test_flags_that_cannot_be_meant_are_refused(flags, message):
    with pytest.raises(ValueError, match=message):
        AnnotateConfig(**NEEDED, **flags)
    assert AnnotateConfig(**NEEDED, every=5, agree_frames=0).every == 5
