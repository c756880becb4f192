"""The training command: sets, results, and errors of the user."""

import pytest

from examples.gestures import compare, scoring, train
from tests.helpers import gesture_clips


def test_results_are_written_completely_or_not_at_all(tmp_path, monkeypatch):
    results = {"confusion": [[1, 0], [0, 1]], "names": ["a", "b"]}
    train.write_results(str(tmp_path), results)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(before) == ["confusion.png", "results.json"]
    with pytest.raises(TypeError):
        train.write_results(str(tmp_path), {**results, "accuracy": object()})

    def draw_half(path, *_):
        with open(path, "wb") as file:
            file.write(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(scoring, "draw_confusion", draw_half)
    with pytest.raises(OSError, match="no space left"):
        train.write_results(str(tmp_path), results)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_errors_of_the_user_end_the_commands_with_one_line(tmp_path, capsys):
    folder = gesture_clips.write_table(tmp_path / "clips", "file,label\na.npz,up\nb.npz,down\n", "a.npz")
    arguments = ["--pose_model=nowhere", f"--clips={folder}", f"--output={tmp_path}"]
    for command in (train, compare):
        with pytest.raises(SystemExit) as end:
            command.main(arguments)
        assert "labels.csv:3" in end.value.code
        assert "b.npz: no such file" in end.value.code
        assert "\n" not in end.value.code


def test_refuses_a_training_without_epochs(tmp_path):
    for command in (train.train, compare.compare):
        with pytest.raises(ValueError, match="--epochs: expected 1 or more, received 0"):
            command("nowhere", str(tmp_path), str(tmp_path), epochs=0)


def test_refuses_sets_whose_gestures_do_not_fit(tmp_path):
    one = gesture_clips.write_table(tmp_path / "one", "file,label\na.npz,up\nb.npz,up\n", "a.npz", "b.npz")
    two = gesture_clips.write_table(tmp_path / "two", "file,label\na.npz,up\nb.npz,down\n", "a.npz", "b.npz")
    with pytest.raises(ValueError, match="at least two gestures, received up only"):
        train.read_sets(one)
    with pytest.raises(ValueError, match=r"a\.npz: expected at least 2 clips of down"):
        train.read_sets(gesture_clips.write_table(tmp_path / "few", "file,label\na.npz,down\n", "a.npz"))
    other = gesture_clips.write_table(tmp_path / "other", "file,label\na.npz,sideways\n", "a.npz")
    with pytest.raises(ValueError, match=r"other.*a\.npz: expected one of down, up, received sideways"):
        train.read_sets(two, other)
