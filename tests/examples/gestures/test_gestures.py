"""The gesture example, from an exported net to a served SavedModel: it learns, and it refuses what is wrong."""

import ast
import json

import numpy as np
import pytest
import tensorflow as tf

from examples.gestures import ask, clips, compare, gesture_model, pose_maps, train
from tests import conftest
from tests.helpers import disc_clips, exported_runs, serving_export, serving_servers

GESTURES = sorted(disc_clips.GESTURES)
OPPOSITE = {"red_up": "red_down", "red_down": "red_up", "blue_up": "blue_down", "blue_down": "blue_up"}


@pytest.fixture(scope="module")
def pose_model(tmp_path_factory):
    """The folder of an exported net that finds the discs."""
    return disc_clips.train_pose_net(tmp_path_factory.mktemp("pose"))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Folders of 48 clips to train on and of 80 to test on."""
    folder = tmp_path_factory.mktemp("clips")
    return {
        "clips": disc_clips.write_clips(folder / "train", 12, seed=1),
        "test_clips": disc_clips.write_clips(folder / "test", 20, seed=2),
    }


@pytest.fixture(scope="module")
def trained(pose_model, folders, tmp_path_factory):
    """What `train` returns, and its output folder."""
    output = tmp_path_factory.mktemp("output")
    return train.train(pose_model, output=str(output), **folders, echo=lambda line: None), output


@pytest.fixture(scope="module")
def test_set(folders):
    """uint8 [N, T, H, W, 3] and the N labels of the test clips."""
    listed = clips.list_clips(folders["test_clips"])
    return np.stack([clips.read_frames(clip.path) for clip in listed]), [clip.label for clip in listed]


def predict(results, frames):
    """Gestures that the saved model sees in clips."""
    signature = tf.saved_model.load(results["saved_model"]).signatures["serving_default"]
    return [name.decode() for name in signature(frames=tf.constant(frames))["gesture"].numpy()]


def write_table(folder, text, *files):
    folder.mkdir(exist_ok=True)
    (folder / "labels.csv").write_text(text, encoding="utf-8")
    for name in files:
        np.savez(folder / name, frames=np.zeros((3, 8, 8, 3), np.uint8))
    return str(folder)


def test_learns_gestures_from_heatmaps(trained):
    results, output = trained
    assert results["most_frequent"] == 0.25
    assert results["accuracy"] >= 0.9
    assert results["interval"][0] > results["most_frequent"] + 0.5
    assert np.sum(results["confusion"]) == 80
    assert results["names"] == GESTURES
    assert json.loads((output / "results.json").read_text()) == json.loads(json.dumps(results))
    assert (output / "confusion.png").stat().st_size > 5_000


def test_clips_played_backwards_show_the_opposite_gesture(trained, test_set):
    frames, labels = test_set
    seen = predict(trained[0], frames[:, ::-1])
    assert np.mean([a == OPPOSITE[b] for a, b in zip(seen, labels)]) >= 0.9


def test_saved_model_answers_alike_in_a_process_with_tensorflow_only(trained, test_set, tmp_path):
    results, _ = trained
    frames, labels = test_set
    request = {"clips": ("serving_default", {"frames": frames})}
    answer = exported_runs.ask_elsewhere(results["saved_model"], request, tmp_path)["clips"]
    here = tf.saved_model.load(results["saved_model"]).signatures["serving_default"](frames=tf.constant(frames))
    np.testing.assert_allclose(answer["probabilities"], here["probabilities"].numpy(), atol=1e-5)
    np.testing.assert_allclose(answer["probabilities"].sum(-1), 1, atol=1e-5)
    assert [name.decode() for name in answer["names"][-1]] == GESTURES
    best = answer["probabilities"].argmax(-1)
    assert [name.decode() for name in answer["gesture"]] == [GESTURES[number] for number in best]
    # The classifier was scored on maps rounded to 16 bits.
    accuracy = np.mean([name.decode() == label for name, label in zip(answer["gesture"], labels)])
    assert accuracy == pytest.approx(results["accuracy"], abs=0.02)


def test_saved_model_is_the_pose_net_followed_by_the_classifier(pose_model, tmp_path):
    pose = pose_maps.PoseModel(pose_model)
    frames = np.random.default_rng(0).integers(0, 256, (2, 6, 40, 48, 3)).astype(np.uint8)  # not the net's size
    maps = np.stack([pose.heatmaps(frames=tf.constant(clip))["heatmaps"].numpy() for clip in frames])
    classifier = train.build_classifier(maps.shape[1:], 3)
    folder = tmp_path / "gestures"
    (folder / "3").mkdir(parents=True)
    path = gesture_model.save(gesture_model.GestureModel(pose, classifier, list("abc")), str(folder))
    assert path == str(folder / "4")
    assert sorted(p.name for p in folder.iterdir()) == ["3", "4"]
    answer = tf.saved_model.load(path).signatures["serving_default"](frames=tf.constant(frames))
    expected = classifier.predict(maps, verbose=0)
    assert np.ptp(expected) > 0.01
    np.testing.assert_allclose(answer["probabilities"].numpy(), expected, atol=1e-5)


def test_a_server_names_the_gesture_of_a_clip(trained, test_set, folders, capsys):
    results, output = trained
    frames, labels = test_set
    with serving_servers.open_server("local_server", output / "export" / "gestures") as server:
        url = f"{server.url}/v1/models/{server.model}"
        answer = ask.ask(url, frames[0])
        assert next(iter(answer)) == predict(results, frames[:1])[0]
        assert list(answer.values()) == sorted(answer.values(), reverse=True)
        ask.main([f"--clip={folders['test_clips']}/{labels[0]}-0.npz", f"--url={url}"])
        with pytest.raises(ValueError, match=r"(?s)v1/models.*\b5\b"):
            ask.ask(url, frames[0, :5])
    assert capsys.readouterr().out.split()[1] == next(iter(answer))
    with pytest.raises(OSError, match="no answer"):
        ask.ask(url, frames[0])


def test_comparison_shows_what_heatmaps_gain(trained, pose_model, folders):
    _, output = trained
    lines = []
    rows = compare.compare(pose_model, output=str(output), **folders, epochs=20, echo=lines.append)
    by_name = {row["what"]: row for row in rows}
    assert list(by_name) == [line[:26].rstrip() for line in lines[1:]]
    assert by_name["heatmaps"]["accuracy"] >= 0.9
    assert by_name["heatmaps"]["heatmaps_gain"] == (0, 0)
    assert by_name["most frequent gesture"]["accuracy"] == 0.25
    low, high = by_name["most frequent gesture"]["heatmaps_gain"]
    assert low < by_name["heatmaps"]["accuracy"] - 0.25 < high


def test_refuses_an_export_that_is_none_or_has_no_heatmaps(tmp_path):
    with pytest.raises(ValueError, match=r"--pose_model: expected the folder of a SavedModel.*nowhere"):
        pose_maps.PoseModel(str(tmp_path / "nowhere"))
    serving_export.write_numbered(tmp_path / "numbered", 1)
    with pytest.raises(ValueError, match="--pose_model: expected a signature heatmaps.*serving_default"):
        pose_maps.PoseModel(str(tmp_path / "numbered"))


def test_command_ends_with_one_line_for_what_the_user_can_mend(tmp_path, capsys):
    folder = write_table(tmp_path / "clips", "file,label\na.npz,up\nb.npz,down\n", "a.npz")
    arguments = ["--pose_model=nowhere", f"--clips={folder}", f"--output={tmp_path}"]
    for command in (train, compare):
        with pytest.raises(SystemExit) as end:
            command.main(arguments)
        assert "labels.csv:3" in end.value.code
        assert "b.npz: no such file" in end.value.code
        assert "\n" not in end.value.code


def test_refuses_a_training_of_no_epochs(tmp_path):
    for command in (train.train, compare.compare):
        with pytest.raises(ValueError, match="--epochs: expected 1 or more, received 0"):
            command("nowhere", str(tmp_path), str(tmp_path), epochs=0)


def test_refuses_clips_of_different_lengths(pose_model, tmp_path):
    folder = write_table(tmp_path / "clips", "file,label\na.npz,up\nb.npz,down\n", "a.npz", "b.npz")
    np.savez(tmp_path / "clips" / "b.npz", frames=np.zeros((4, 8, 8, 3), np.uint8))
    with pytest.raises(ValueError, match=r"b\.npz: expected 3 frames as in .*a\.npz, received 4"):
        pose_maps.compute_maps(pose_maps.PoseModel(pose_model), clips.list_clips(folder), str(tmp_path / "maps"))


def test_refuses_gestures_that_do_not_fit(tmp_path):
    one = write_table(tmp_path / "one", "file,label\na.npz,up\nb.npz,up\n", "a.npz", "b.npz")
    two = write_table(tmp_path / "two", "file,label\na.npz,up\nb.npz,down\n", "a.npz", "b.npz")
    with pytest.raises(ValueError, match="at least two gestures, received up only"):
        train.read_sets(one)
    with pytest.raises(ValueError, match=r"a\.npz: expected at least 2 clips of down"):
        train.read_sets(write_table(tmp_path / "few", "file,label\na.npz,down\n", "a.npz"))
    other = write_table(tmp_path / "other", "file,label\na.npz,sideways\n", "a.npz")
    with pytest.raises(ValueError, match=r"other.*a\.npz: expected one of down, up, received sideways"):
        train.read_sets(two, other)


def test_only_the_synthetic_clips_need_this_package():
    needing = set()
    for path in (conftest.ROOT / "examples").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in getattr(node, "names", [])] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] in ("keras_pose", "serving", "benchmarks") for name in names):
                needing.add(path.name)
    assert needing == {"make_clips.py"}
