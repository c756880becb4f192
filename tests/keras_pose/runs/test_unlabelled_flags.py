"""The flags of unlabelled video: off by default, checked, and written to the flags of a run."""

import pytest

from keras_pose import options
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.unlabelled_flags import UnlabelledConfig


def test_a_run_learns_from_labels_alone_by_default(tmp_path):
    config = TrainConfig.from_flags(run_dir="r")
    assert config.unlabelled.source == ""
    options.write(config, tmp_path / "flags.txt")
    kept = [line for line in (tmp_path / "flags.txt").read_text().split("\n") if not line.startswith("--unlabelled")]
    (tmp_path / "flags.txt").write_text("\n".join(kept))  # of a run that began before there were such flags
    assert options.load(TrainConfig, tmp_path / "flags.txt") == config


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("share", 0.95),
        ("share", 0.0),
        ("weight", -1.0),
        ("warmup_steps", -1),
        ("num_frames", 0),
        ("min_confidence", 1.5),
    ],
)
def test_a_value_out_of_range_is_refused(field, value):
    with pytest.raises(ValueError, match="--unlabelled_.*: expected at (least|most)"):
        UnlabelledConfig(**{field: value})


def test_they_must_stay_the_same_when_a_run_is_resumed():
    flags = [flag for flag in options.flags_of(TrainConfig) if flag.part == "unlabelled"]
    assert len(flags) == 6
    assert {flag.resume for flag in flags} == {options.SAME}
