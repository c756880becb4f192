"""The ways over a video do the same work, and their rows compare them."""

import numpy as np
import pytest

from benchmarks import predict


def test_frames_in_memory_give_the_poses_of_the_file(tmp_path):
    path = str(tmp_path / "video.mp4")
    frames = predict.make_video(path, 6)
    assert frames.shape == (6, 480, 640, 3)
    passes = predict.make_passes(path, frames, str(tmp_path))
    written = {}
    for name in (predict.OURS, predict.DECODED):
        passes[name]()
        written[name] = (tmp_path / "poses.csv").read_bytes()
    assert written[predict.OURS].count(b"\n") == 9
    assert written[predict.OURS] == written[predict.DECODED]


def test_rows_compare_each_other_net_with_ours():
    ones = np.ones(3)
    seconds = {predict.OURS: ones, predict.DECODED: ones, predict.SINGLE: ones / 2, predict.DECODING: ones / 8}
    rows = {row.what: row for row in predict.rows_of({**seconds, "other": 3 * ones}, 90)}
    assert rows[predict.OURS].value == 90
    assert rows[predict.OURS].holds
    assert rows["speed of ours / other"].value == 3
    assert rows["speed of our single frames / other"].value == 6
    assert rows["file / decoded frames"].holds


def test_a_failing_interpreter_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="--mediapipe_python=false: failed"):
        predict.mediapipe_seconds("false", str(tmp_path / "video.mp4"))
