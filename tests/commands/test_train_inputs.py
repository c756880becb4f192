"""Bad labels and bad files, as train.py meets them: refused with file and row before training, or left out.

One test trains. What the others are about is decided before a net is built: they stop at `preparation.prepare`.
"""

import os

import cv2
import numpy as np
import pytest

from keras_pose.runs.config import TrainConfig
from keras_pose.training import preparation, runner
from tests.helpers import tiny

CONFIG = "Task: toy\nscorer: AB\nbodyparts: [nose, tail]\n"
HEADER = "scorer,AB,AB,AB,AB\nbodyparts,nose,nose,tail,tail\ncoords,x,y,x,y\n"
SIZE_HW = (40, 48)


def make_project(root, changed=None, header=HEADER, count=8):
    """A DeepLabCut project of one clip of images; `changed` replaces the label values of rows {number: text}."""
    folder = root / "labeled-data" / "clip"
    folder.mkdir(parents=True)
    (root / "config.yaml").write_text(CONFIG)
    rows = [f"img{i:02d}.png,{(changed or {}).get(i, f'{10 + i},20,30,{12 + i}')}\n" for i in range(count)]
    (folder / "CollectedData_AB.csv").write_text(header + "".join(rows))
    rng = np.random.default_rng(0)
    for i in range(count):
        cv2.imwrite(str(folder / f"img{i:02d}.png"), rng.integers(0, 256, (*SIZE_HW, 3)).astype(np.uint8))
    return root


def flags(project, tmp_path, **changes):
    return {
        **tiny.FLAGS,
        "data": str(project),
        "test_data": "",
        "steps": 2,
        "validate_every": 2,
        "run_dir": str(tmp_path / "run"),
        **changes,
    }


def train(project, tmp_path, **changes):
    lines = []
    return runner.train(TrainConfig.from_flags(**flags(project, tmp_path, **changes)), lines.append), "\n".join(lines)


def prepare(project, tmp_path, **changes):
    """Returns the split into training, validation and test clips, and what a training has shown by then."""
    lines = []
    with preparation.prepare(TrainConfig.from_flags(**flags(project, tmp_path, **changes)), lines.append) as prepared:
        return prepared.split, "\n".join(lines)


def count_frames(split):
    """Returns the frames to train on, to validate and to test, all of which can be read."""
    parts = (split.train, split.validation, split.test)
    assert all(len(clip.frames.read(clip.labelled)) for part in parts for clip in part if clip.num_labelled)
    return tuple(sum(clip.num_labelled for clip in part) for part in parts)


def refused(project, tmp_path, match, **changes):
    with pytest.raises(ValueError, match=match):
        train(project, tmp_path, **changes)
    assert os.listdir(tmp_path / "run") == []  # nothing was started: the corrected command can use it


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", tmp_path, r"empty: the folder is empty; expected .*config.yaml.*annotations.json")


def test_a_project_without_a_label_is_refused(tmp_path):
    project = make_project(tmp_path / "p", dict.fromkeys(range(8), ",,,"))
    refused(project, tmp_path, "p: expected at least one labelled frame, found none")


def test_an_unknown_joint_is_left_out_with_a_note(tmp_path):
    project = make_project(tmp_path / "p", header=HEADER.replace("tail", "tial"))
    _, output = prepare(project, tmp_path)
    assert "left out 'tial' (8 labels), which is not a body part in config.yaml" in output
    assert "no training frame has a label of tail" in output


def test_a_table_of_unknown_joints_is_refused(tmp_path):
    project = make_project(tmp_path / "p", header=HEADER.replace("tail", "tial").replace("nose", "nsoe"))
    refused(
        project, tmp_path, r"CollectedData_AB.csv: expected body parts of config.yaml \(nose, tail\), found nsoe, tial"
    )


def test_a_joint_outside_its_frame_stops_or_is_left_out(tmp_path):
    project = make_project(tmp_path / "p", {3: "10,20,30,41", 5: ",,,"})
    message = r"CollectedData_AB.csv:7: joint 'tail' at \(30, 41\) is outside the frame of 40×48 px"
    refused(project, tmp_path, message)
    metrics, output = train(project, tmp_path, on_bad_label="skip")
    assert metrics["num_frames"] == 1
    assert "left out: " in output
    assert "CollectedData_AB.csv:7: joint 'tail'" in output
    assert "note: " in output
    assert "left out 1 of 8 rows, in which no body part is labelled" in output
    assert "6 frames to train on, 1 to validate, 0 to test" in output  # the row keeps its other joint


@pytest.mark.parametrize("outside", ["unlabel", "hidden"])
def test_joints_outside_their_frame_can_be_used_as_the_flag_says(tmp_path, outside):
    project = make_project(tmp_path / "p", {3: "10,20,30,41", 4: "10,20,30,45"})
    refused(project, tmp_path, "2 joints lie outside: .* add --outside=unlabel or --outside=hidden")
    split, output = prepare(project, tmp_path, outside=outside)
    assert "2 of 16 labelled joints (12.5 %) lie outside their frame" in output
    assert f"--outside={outside}" in output
    assert count_frames(split) == (7, 1, 0)


def test_truncated_images_are_left_out_of_every_part(tmp_path):
    project = make_project(tmp_path / "p", count=12)
    for i in range(0, 12, 3):
        image = project / "labeled-data" / "clip" / f"img{i:02d}.png"
        image.write_bytes(image.read_bytes()[:2000])
    split, output = prepare(project, tmp_path, on_bad_label="skip", test_fraction=0.25)
    assert output.count("expected a whole image, but the file is empty or truncated (2000 bytes)") == 4
    assert count_frames(split) == (5, 1, 2)


def test_truncated_images_are_refused_before_training_with_their_names(tmp_path):
    project = make_project(tmp_path / "p")
    for i in range(0, 8, 2):
        image = project / "labeled-data" / "clip" / f"img{i:02d}.png"
        image.write_bytes(image.read_bytes()[:2000])
    given = flags(project, tmp_path)
    code, output = tiny.run(tiny.arguments(given.pop("run_dir"), **given))
    assert code == 1
    assert "Traceback" not in output
    assert "p: 4 bad labels\n" in output
    assert output.count("png: expected a whole image, but the file is empty or truncated (2000 bytes)") == 4
    assert (
        output.strip().splitlines()[-1].startswith("Correct the bad labels, or leave them out with --on_bad_label=skip")
    )
    refused(project, tmp_path, "4 bad labels")
