"""A proposed flagfile is read by the same code as any other."""

from keras_pose import options
from keras_pose.inspection.flagfile import build_config, write_flagfile
from keras_pose.inspection.proposal import Choice
from keras_pose.runs.config import TrainConfig

CHOICES = [
    Choice("cache", "false", "Little memory."),
    Choice("sigma_px", "1.8", "Large."),
    Choice("steps", "200", "Few."),
]
DATA = {"data": "signers:train", "on_bad_label": "skip"}


def test_the_file_stands_for_the_configuration(tmp_path):
    path = str(tmp_path / "new" / "proposed.flags")
    write_flagfile(path, "runs/a", DATA, CHOICES, ["Time: unknown."])
    expected = build_config("runs/a", DATA, CHOICES)
    assert options.load(TrainConfig, path) == expected
    assert expected.data.cache is False
    assert expected.optimisation.steps == 200
    lines = (tmp_path / "new" / "proposed.flags").read_text(encoding="utf-8").splitlines()
    assert lines[:3] == [f"# python train.py --flagfile={path}", "# Time: unknown.", "--run_dir=runs/a"]
    assert lines[lines.index("--sigma_px=1.8") - 1] == "# Large."
