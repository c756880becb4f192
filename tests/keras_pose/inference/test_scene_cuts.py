"""Cuts are found where scenes change and nowhere else."""

import cv2
import numpy as np
import pytest

from keras_pose.data.synthetic.signers import generate
from keras_pose.inference.scene_cuts import SceneCuts


def grey_clip(index, num_frames=12):
    return [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in generate("train", index, num_frames, (64, 64)).frames]


def find(frames):
    cuts = SceneCuts()
    return [i for i, frame in enumerate(frames) if cuts.is_cut(frame)]


def test_cuts_are_where_one_signer_follows_another():
    clips = [grey_clip(index) for index in range(8)]
    assert find(sum(clips, [])) == list(range(12, 96, 12))


def test_repeated_frames_and_changes_of_exposure_are_no_cuts():
    clip = grey_clip(0)
    assert find([clip[0]] * 5 + clip + [clip[-1]] * 5) == []
    assert (
        find([np.clip(frame * (0.97 + 0.06 * (i % 2)), 0, 255).astype(np.uint8) for i, frame in enumerate(clip)]) == []
    )


def test_a_shaken_camera_is_no_cut():
    wide = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (128, 128)).astype(np.uint8), (0, 0), 8)
    wide = cv2.normalize(wide, None, 0, 255, cv2.NORM_MINMAX)
    assert find([wide[y : y + 96, x : x + 96] for y, x in ((8, 8), (9, 10), (12, 6), (7, 9), (11, 12))]) == []


@pytest.mark.parametrize("level", [0, 255])
def test_a_flash_is_a_scene_of_its_own(level):
    clip = grey_clip(3)
    assert find([*clip[:6], np.full((64, 64), level, np.uint8), *clip[6:]]) == [6, 7]


def test_the_first_frame_and_the_first_after_a_restart_are_no_cuts():
    cuts = SceneCuts()
    assert not cuts.is_cut(grey_clip(0)[0])
    cuts.restart()
    assert not cuts.is_cut(grey_clip(1)[0])
    assert cuts.is_cut(grey_clip(0)[0])


def test_nothing_is_a_cut_if_everything_changes_all_the_time():
    rng = np.random.default_rng(1)
    assert find([rng.integers(0, 256, (32, 32)).astype(np.uint8) for _ in range(12)]) == [1]
