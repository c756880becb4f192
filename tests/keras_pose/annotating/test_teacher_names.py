"""What `--teacher` may name, checked without loading it."""

import pytest

from keras_pose.annotating import teacher_names


def test_folders_and_names_are_teachers(tmp_path):
    (tmp_path / "flags.txt").touch()
    for text in (str(tmp_path), "mediapipe", "upper_body"):
        teacher_names.check(text)
    teacher_names.check("mediapipe", "/usr/bin/python3")


def test_others_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"--teacher: expected the folder of a run .*received .*nothing"):
        teacher_names.check(str(tmp_path / "nothing"))
    with pytest.raises(ValueError, match="--teacher_python: expected --teacher=mediapipe"):
        teacher_names.check("upper_body", "python3")
