"""Synthetic clips and the rule of their gestures."""

import numpy as np
import pytest

from examples.gestures import clips, make_clips


def made_up_joints(right, left, num_frames=4):
    """Joints whose shoulders are 40 px apart and whose wrists rise by these many px."""
    joints = np.zeros((num_frames, 7, 2), np.float32)
    joints[:, 5] = (30, 40)
    joints[:, 6] = (70, 40)
    share = np.linspace(0, 1, num_frames)
    joints[:, 1, 1] = 80 - right * share
    joints[:, 2, 1] = 80 - left * share
    return joints


@pytest.mark.parametrize(
    ("right", "left", "gesture"),
    [
        (17, 0, "right_up"),
        (-17, 7, "right_down"),
        (0, 17, "left_up"),
        (-7, -17, "left_down"),
        (17, 30, "both_up"),
        (-30, -17, "both_down"),
        (7, -7, "still"),
        (12, 0, None),  # 0.3 widths: neither still nor up
        (17, 12, None),
        (17, -17, None),
    ],
)
def test_gestures_are_named_by_how_far_hands_rise(right, left, gesture):
    joints = made_up_joints(right, left)
    assert make_clips.name_gesture(joints) == gesture
    joints += np.linspace(0, 25, 4)[:, None, None].astype(np.float32)  # the whole person moves
    assert make_clips.name_gesture(joints) == gesture


def test_clips_have_every_gesture_as_often_as_requested(tmp_path):
    make_clips.main([f"--output={tmp_path}", "--train=2", "--test=1", "--frames=8", "--size=32"])
    train, test = (clips.list_clips(str(tmp_path / name)) for name in ("train", "test"))
    for listed, count in ((train, 2), (test, 1)):
        labels = [clip.label for clip in listed]
        assert {label: labels.count(label) for label in labels} == dict.fromkeys(make_clips.GESTURES.values(), count)
    assert clips.read_frames(train[0].path).shape == (8, 32, 32, 3)
    assert all("signers-test-1" in clip.path for clip in test)


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--train=-1", "--train: expected 1 or more, received -1"),
        ("--test=0", "--test: expected 1 or more, received 0"),
        ("--frames=1", "--frames: expected 2 or more, received 1"),
    ],
)
def test_numbers_that_give_no_clips_are_refused(tmp_path, flag, message):
    with pytest.raises(SystemExit, match=message):
        make_clips.main([f"--output={tmp_path}", "--train=1", "--test=1", "--size=32", flag])
    assert list(tmp_path.iterdir()) == []


def test_clips_too_short_for_a_gesture_are_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(make_clips, "MAX_MISSES", 20)
    with pytest.raises(SystemExit, match="none of 20 signers shows right_up, .*both_down in 2 frames"):
        make_clips.main([f"--output={tmp_path}", "--train=1", "--test=1", "--frames=2", "--size=32"])
