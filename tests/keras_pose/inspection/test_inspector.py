"""An inspection from labels to proposed flags, which train."""

import json
import subprocess
import sys

import pytest

from keras_pose import options
from keras_pose.inspection import inspector
from keras_pose.inspection.config import InspectConfig
from keras_pose.runs.config import TrainConfig
from keras_pose.training import runner
from tests import conftest
from tests.helpers import small_project


@pytest.fixture
def project(tmp_path):
    return small_project.write_project(tmp_path / "mice")


def inspect(project, tmp_path, measure=None, **flags):
    lines = []
    values = {"data": project, "out_dir": str(tmp_path / "out"), "run_dir": str(tmp_path / "run"), **flags}
    return inspector.inspect(options.build(InspectConfig, values), lines.append, measure), "\n".join(lines)


def test_a_project_is_described_and_its_proposed_flags_train(project, tmp_path):
    found, text = inspect(project, tmp_path, minutes=0.1, measure=lambda config, split, skeleton: 754.0)
    assert "12 labelled frames of 4 clips, 0 of them in videos" in text
    assert (tmp_path / "out" / "contact_sheet.png").stat().st_size > 1000
    record = json.loads((tmp_path / "out" / "facts.json").read_text())
    assert record["joints"]["nose"] == {"visible": 12, "hidden": 0, "unlabelled": 0}
    assert record["proposal"]["seconds"] == 754
    assert "Time: about 12:34 on this machine (measured" in (tmp_path / "out" / "proposed.flags").read_text()
    config = options.load(TrainConfig, found.flagfile)
    assert config == found.config
    tiny = config.replace(steps=2, validate_every=2, warmup_steps=0, width=0.25)
    metrics = runner.train(tiny, echo=lambda line: None)
    assert metrics["num_frames"] == 3  # a clip of 3 frames was kept for the test


def test_label_problems_are_shown_and_left_out_by_a_flag(project, tmp_path):
    table = tmp_path / "mice" / "labeled-data" / "s0" / "CollectedData_me.csv"
    lines = table.read_text().splitlines()
    cells = lines[3].split(",")
    lines[3] = ",".join([cells[0], "900", *cells[2:]])
    table.write_text("\n".join(lines) + "\n")
    found, text = inspect(project, tmp_path)
    assert "label problems: " in text
    assert "is outside the frame" in text
    assert found.facts.joints["nose"] == (11, 0, 1)
    assert "--on_bad_label=skip" in (tmp_path / "out" / "proposed.flags").read_text()
    assert found.seconds is None


def test_signers_get_a_test_set_of_other_signers(tmp_path):
    found, _ = inspect("signers:train:12", tmp_path, pictures=0, signer_frames=4)
    assert found.config.data.test_source == "signers:test:150"
    assert found.config.model.kind_name == "heatmap"  # their clips are too short for windows
    assert not (tmp_path / "out" / "contact_sheet.png").exists()


def test_missing_data_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no such file or folder"):
        inspect(str(tmp_path / "gone"), tmp_path)


def test_an_inspection_without_the_time_loads_no_tensorflow(project, tmp_path):
    code = (
        "import sys; sys.argv = ['x']; from keras_pose.cli.main import main\n"
        f"try:\n    main(['inspect', {project!r}, '--measure=false', '--out_dir={tmp_path / 'out'}'])\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=conftest.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "to train: python train.py --flagfile=" in done.stdout
