"""Clips with whole windows around few labels; windows that are warped and narrowed."""

import numpy as np

from benchmarks.pooling.warped_windows import LABELS, WarpedWindows, open_clips, warp_windows

SIDE = 64
REACH = 2


def test_narrowed_windows_keep_the_middle():
    maps = np.arange(7, dtype=np.float16)[None, :, None, None, None] * np.ones((2, 1, 4, 4, 3), np.float16)
    windows = WarpedWindows(maps, maps[..., 0], np.zeros((2, 3, 3), np.float32))
    narrow = windows.narrow(2)
    assert narrow.valid.shape == (2, 5)
    assert windows.select(np.array([True, False])).maps.shape == (1, 7, 4, 4, 3)
    assert narrow.maps[0, :, 0, 0, 0].tolist() == narrow.reliability[0, :, 0, 0].tolist() == [1, 2, 3, 4, 5]


def test_clips_have_whole_windows_around_few_labels():
    clips = open_clips("test", 2, REACH, SIDE)
    offsets = range(-REACH, REACH + 1)
    assert [clip.num_labelled for clip in clips] == [LABELS] * 2
    assert all(clip.window(row, offsets)[1].all() for clip in clips for row in range(clip.num_labelled))
    assert clips[0].labelled[0] == REACH
    assert clips[0].frames.num_frames == clips[0].labelled[-1] + REACH + 1


def test_maps_move_against_the_flow_and_frames_that_fit_are_reliable():
    maps = np.zeros((1, 3, 8, 8, 1), np.float16)
    maps[0, :, 4, 5] = 1  # the joint is at (5, 4)
    flow = np.zeros((1, 3, 8, 8, 2), np.float16)
    flow[0, 2, ..., 0] = 2  # and 2 px further right in the last frame, says the flow
    warped, reliability = warp_windows(maps, np.zeros((1, 3, 8, 8, 3), np.float16), flow)
    assert warped.dtype == reliability.dtype == np.float16
    np.testing.assert_array_equal(warped[0, 0], maps[0, 0])
    assert warped[0, 2, 4, 3, 0] == 1
    assert reliability[0, 1].numpy().min() == 1
