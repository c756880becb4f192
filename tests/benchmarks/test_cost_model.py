"""Core hours follow from rates, and every work does all frames of the video."""

import os

import pytest

from benchmarks import cost_model
from benchmarks import predict as speed
from keras_pose.annotating import video_labels
from keras_pose.data.shard_files import read_description


def test_core_hours_are_hours_times_frames_a_second_divided_by_the_rate():
    assert cost_model.core_hours(10, 25, 50) == 5
    lines = cost_model.format_costs({"a": 50.0, "b": 0.5}, 25, price=0.04, cores=100).splitlines()
    assert lines[0].count("core hours") == lines[0].count("price") == lines[0].count("days on 100 cores") == 2
    assert lines[2] == "| 1 | 0.5 | 50 | 0.02 | 2.00 | 0.000208 | 0.0208 |"
    assert lines[-1] == "| 1,000,000 | 500,000 | 50,000,000 | 20,000.00 | 2,000,000.00 | 208 | 2.08e+04 |"
    plain = cost_model.format_costs({"a": 50.0}, 25)
    assert "price" not in plain
    assert "days" not in plain


@pytest.mark.slow  # loads the net of people twice
def test_works_do_all_frames_and_are_measured(tmp_path):
    path = str(tmp_path / "video.mp4")
    speed.make_video(path, 8)
    works = cost_model.make_works(path, str(tmp_path))
    assert list(works) == [cost_model.SINGLE, cost_model.FLOWING, cost_model.ANNOTATE, cost_model.SHARDS]
    del works[cost_model.SINGLE], works[cost_model.FLOWING]  # test_predict.py does the same with both
    rates = cost_model.measure(works, 8, 1, str(tmp_path))
    assert rates.keys() == works.keys()
    assert all(spread.median > 0 for spread in rates.values())
    last = [os.path.join(tmp_path, f"1-{number}") for number in range(2)]
    assert len(video_labels.read(os.path.join(last[0], "video.npz")).frames) == 8
    assert sum(shard["frames"] for shard in read_description(last[1])["shards"]) == 8
    with pytest.raises(FileExistsError):
        cost_model.measure(works, 8, 0, str(tmp_path))
