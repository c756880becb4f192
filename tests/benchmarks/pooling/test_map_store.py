"""Maps and flows of clips are computed once and read as windows."""

import dataclasses

import numpy as np
import pytest

from benchmarks.pooling.map_store import MapStore
from benchmarks.pooling.warped_windows import LABELS, open_clips
from keras_pose.data.synthetic.signers import SKELETON

SIDE = 64
REACH = 2


def ignore(line):
    """Shows nothing."""


def predict_darkness(frames):
    """A net whose map of a joint is the predict_darkness of the frame, reduced to the maps' grid."""
    frames = np.asarray(frames).mean(-1, keepdims=True)
    small = frames.reshape(len(frames), SIDE // 4, 4, SIDE // 4, 4, 1).mean((2, 4))
    return np.repeat(1 - small / 255, SKELETON.num_joints, -1)


def test_windows_hold_the_frames_around_each_label_in_order(tmp_path):
    clips = open_clips("test", 2, REACH, SIDE)
    store = MapStore(str(tmp_path), predict_darkness, (SIDE, SIDE), REACH)
    store.fill([clips], ["none"], ignore)
    windows = store.read_windows(clips, "none")
    for i, clip in enumerate(clips):
        for row in range(clip.num_labelled):
            number = i * clip.num_labelled + row
            expected = predict_darkness(clip.read_window(row, range(-REACH, REACH + 1)).astype(np.float32))
            np.testing.assert_allclose(windows.maps[number], expected, atol=2e-3)
            np.testing.assert_allclose(windows.targets[number, :, :2], clip.joints[row], atol=1e-3)


def test_windows_at_the_ends_of_a_clip_have_frames_that_do_not_count(tmp_path):
    (signer,) = open_clips("test", 1, REACH, SIDE)
    clip = signer.select([0])
    clip = dataclasses.replace(clip, labelled=np.array([0]))  # the first frame: two neighbours are missing
    store = MapStore(str(tmp_path), predict_darkness, (SIDE, SIDE), REACH, frame_stride=2, kept_offsets=range(-6, 7))
    store.fill([[clip]], ["none"], ignore)
    windows = store.read_windows([clip], "none")
    assert windows.valid.tolist() == [[0, 0, 1, 1, 1]]
    expected = predict_darkness(clip.frames.read([0, 0, 0, 2, 4]).astype(np.float32))
    np.testing.assert_allclose(windows.maps[0], expected, atol=2e-3)
    positions, maps = store.read_maps(clip)
    assert positions.tolist() == list(range(7))
    np.testing.assert_allclose(maps[4], expected[4], atol=2e-3)


def test_a_map_follows_labels_and_stays_if_they_are_unknown(tmp_path):
    (signer,) = open_clips("test", 1, REACH, SIDE)
    clip = signer.select([1])
    middle = int(clip.labelled[0])
    points = np.full((clip.frames.num_frames, SKELETON.num_joints, 2), 30.0)
    points[middle + 1, 0] += (8, 4)  # two and one heatmap px
    points[middle - 1] = np.nan
    store = MapStore(str(tmp_path), predict_darkness, (SIDE, SIDE), REACH, points={clip.name: points})
    store.fill([[clip]], ["joints"], ignore)
    followed = store.read_windows([clip], "joints").maps[0].astype(np.float32)
    plain = store.read_windows([clip], "none").maps[0].astype(np.float32)
    np.testing.assert_allclose(followed[3, :-1, :-2, 0], plain[3, 1:, 2:, 0], atol=2e-3)
    np.testing.assert_array_equal(followed[3, ..., 1], plain[3, ..., 1])
    np.testing.assert_array_equal(followed[1], plain[2])


def test_a_stopped_computation_keeps_its_finished_parts(tmp_path):
    clips = open_clips("test", 2, REACH, SIDE)
    seen = []

    def stop_at_second(frames):
        if len(seen) == 1:
            raise KeyboardInterrupt
        seen.append(1)
        return predict_darkness(frames)

    with pytest.raises(KeyboardInterrupt):
        MapStore(str(tmp_path), stop_at_second, (SIDE, SIDE), REACH).fill([clips], ["none"], ignore)
    counted = []
    store = MapStore(str(tmp_path), lambda frames: counted.append(1) or predict_darkness(frames), (SIDE, SIDE), REACH)
    store.fill([clips], ["none"], ignore)
    assert len(counted) == 1
    assert len(store.read_windows(clips, "none").maps) == 2 * LABELS
