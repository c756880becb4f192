"""The figure of one joint over time."""

import numpy as np
import pytest

from benchmarks.figures import video_jitter_figure
from tests.helpers.video_predictions import TWO_JOINTS, make_video, make_videos


def test_the_figure_shows_the_most_labels_and_the_liveliest_joint():
    videos = make_videos(lengths=(40, 60), labelled=(30,))
    predicted = videos[1].predicted.copy()
    predicted[:, 1, 1] += 10 * np.sin(np.arange(60))
    videos[1] = make_video("v1", predicted, labelled=(45, 50, 55))
    clip, frames, joint = video_jitter_figure.choose_place({"a": videos}, TWO_JOINTS, num_frames=20)
    assert (clip, joint, len(frames)) == ("v1", 1, 20)
    assert {45, 50, 55} <= set(frames)
    clip, frames, joint = video_jitter_figure.choose_place({"a": videos}, TWO_JOINTS, "tip", "v0", 500)
    assert (clip, joint, len(frames)) == ("v0", 0, 40)
    with pytest.raises(ValueError, match="--joint: unknown joint 'nose', expected one of tip, tail"):
        video_jitter_figure.choose_place({"a": videos}, TWO_JOINTS, "nose")
    with pytest.raises(ValueError, match="--figure_clip: unknown clip 'x'"):
        video_jitter_figure.choose_place({"a": videos}, TWO_JOINTS, clip="x")
    both = video_jitter_figure.draw(
        {"one": videos, "two": make_videos(lengths=(40, 60))}, TWO_JOINTS, "v1", range(20), 1
    )
    assert both.dtype == np.uint8
    assert both.shape[2] == 3

    def blue(picture):
        return int((np.abs(picture.astype(int) - (0x00, 0x72, 0xB2)).max(-1) < 8).sum())

    assert blue(both) > 100 > blue(video_jitter_figure.draw({"one": videos}, TWO_JOINTS, "v1", range(20), 1))
