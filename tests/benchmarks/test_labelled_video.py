"""The rows of labelled videos, measured on a few small frames."""

import numpy as np

from benchmarks import labelled_video
from keras_pose.media.video import VideoFrames


def test_rows_of_stages_and_presets(tmp_path, monkeypatch):
    monkeypatch.setattr(labelled_video, "PRESETS", ("ultrafast", "veryfast"))
    path = str(tmp_path / "signer.mp4")
    frames, poses = labelled_video.make_video(path, 4, (48, 64))
    read = VideoFrames(path).read(range(4)).astype(int)
    assert np.abs(read - frames).mean() < 12
    stages = labelled_video.stage_rows(frames, poses, 2)
    assert [(row.what, row.unit) for row in stages] == [("drawing", "ms/frame"), ("encoding", "ms/frame")]
    rows = labelled_video.video_rows(path, poses, 2)
    assert [row.unit for row in rows] == ["ms/frame", *["frames/s", "Mbit/s"] * 2]
    assert [row.target for row in rows] == [None, None, None, ">= 60", None]
    assert all(row.value > 0 for row in stages + rows)
    assert VideoFrames(tmp_path / "labelled.mp4").num_frames == 4
