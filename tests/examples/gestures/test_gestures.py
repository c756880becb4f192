"""The gesture example as a whole, from an exported net to a served SavedModel."""

import ast
import json

import numpy as np
import pytest
import tensorflow as tf

from examples.gestures import ask, clips
from tests import conftest
from tests.helpers import disc_clips, exported_runs, serving_servers

GESTURES = sorted(disc_clips.GESTURES)


OPPOSITE = {"red_up": "red_down", "red_down": "red_up", "blue_up": "blue_down", "blue_down": "blue_up"}


@pytest.fixture(scope="module")
def test_set(folders):
    """uint8 [N, T, H, W, 3] and the N labels of the test clips."""
    listed = clips.list_clips(folders["test_clips"])
    return np.stack([clips.read_frames(clip.path) for clip in listed]), [clip.label for clip in listed]


def predict(results, frames):
    """Gestures that the saved model sees in clips."""
    signature = tf.saved_model.load(results["saved_model"]).signatures["serving_default"]
    return [name.decode() for name in signature(frames=tf.constant(frames))["gesture"].numpy()]


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


def test_only_the_synthetic_clips_need_this_package():
    needing = set()
    for path in (conftest.ROOT / "examples" / "gestures").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in getattr(node, "names", [])] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] in ("keras_pose", "serving", "benchmarks") for name in names):
                needing.add(path.name)
    assert needing == {"make_clips.py"}
