"""What users pass in as frames, and what the messages tell them to do."""

import numpy as np
import pytest

from keras_pose.inference.frame_checks import check_frame, check_frames

BYTES = np.uint8


@pytest.mark.parametrize(
    ("frames", "received", "advice"),
    [
        (np.zeros((8, 8, 3), BYTES), r"uint8 \(8, 8, 3\)", r"a single frame needs an axis in front: frame\[None\]"),
        (np.zeros((2, 8, 8), BYTES), r"uint8 \(2, 8, 8\)", r"np.repeat\(grey\[..., None\], 3, axis=-1\)"),
        (np.zeros((2, 8, 8, 1), BYTES), r"uint8 \(2, 8, 8, 1\)", r"np.repeat\(grey, 3, axis=-1\)"),
        (np.zeros((2, 8, 8, 4), BYTES), r"uint8 \(2, 8, 8, 4\)", r"leave out the alpha channel: frames\[..., :3\]"),
        (np.zeros((2, 3, 8, 8), BYTES), r"uint8 \(2, 3, 8, 8\)", r"np.moveaxis\(frames, -3, -1\)"),
        (np.zeros((2, 8, 8, 3)), r"float64 \(2, 8, 8, 3\)", r"astype\(np.uint8\); multiply 0 to 1 by 255 before"),
        (np.zeros((2, 8, 8, 3), np.int64), r"int64 \(2, 8, 8, 3\)", r"frames.astype\(np.uint8\)"),
        (np.zeros((2, 0, 8, 3), BYTES), r"uint8 \(2, 0, 8, 3\)", "$"),
        (np.zeros((0, 8, 8, 3)), r"float64 \(0, 8, 8, 3\)", r"astype\(np.uint8\)"),
        (np.zeros(8, BYTES), r"uint8 \(8,\)", "$"),
        (iter([np.zeros((8, 8, 3), BYTES)]), r"object \(\)", r"stream\(\).predict\(frames\)"),
        ("clip.mp4", "'clip.mp4'", "predict_video reads a video file"),
        ([np.zeros((8, 8, 3), BYTES), np.zeros((8, 9, 3), BYTES)], r"shapes \(8, 8, 3\) and \(8, 9, 3\)", "each size"),
    ],
)
def test_other_frames_are_refused_with_advice(frames, received, advice):
    with pytest.raises(ValueError, match=rf"frames: expected .*received {received}.*{advice}"):
        check_frames(frames)


def test_arrays_and_lists_of_frames_are_taken():
    frames = np.arange(2 * 4 * 5 * 3, dtype=BYTES).reshape(2, 4, 5, 3)
    assert check_frames(frames) is frames
    np.testing.assert_array_equal(check_frames(list(frames)), frames)


@pytest.mark.parametrize("frames", [[], (), np.zeros((0, 6, 7, 3), BYTES), np.zeros((0, 0, 0, 3), BYTES)])
def test_no_frames_are_an_empty_array(frames):
    checked = check_frames(frames)
    assert checked.dtype == np.uint8
    assert (checked.ndim, len(checked), checked.shape[3]) == (4, 0, 3)


@pytest.mark.parametrize(
    ("frame", "advice"),
    [
        (np.zeros((8, 8), BYTES), r"np.repeat\(grey\[..., None\], 3, axis=-1\)"),
        (np.zeros((0, 8, 3), BYTES), "$"),
        (np.zeros((8, 8, 3)), r"multiply 0 to 1 by 255"),
        (np.zeros((8, 8, 4), BYTES), "alpha channel"),
        (np.zeros((1, 8, 8, 3), BYTES), "push the frames one by one"),
        ("clip.mp4", "$"),
    ],
)
def test_other_frames_of_a_stream_are_named_by_number(frame, advice):
    with pytest.raises(ValueError, match=rf"frame 7: expected uint8 \[H, W, 3\], RGB, received .*{advice}"):
        check_frame(frame, 7)
