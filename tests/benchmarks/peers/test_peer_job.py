"""What drivers share."""

import io
import json

import numpy as np
import pytest

from benchmarks.peers import peer_job
from keras_pose.poses import formats


@pytest.mark.parametrize(
    ("milestones", "of", "epochs", "expected"),
    [((150, 200, 250), 300, 300, [150, 200, 250]), ((150, 200, 250), 300, 6, [3, 4, 5]), ((90, 120), 200, 1, [1, 2])],
)
def test_milestones_keep_their_part_of_the_training(milestones, of, epochs, expected):
    assert peer_job.scale_milestones(milestones, of, epochs) == expected


def test_as_many_epochs_as_fit_and_at_least_one():
    assert peer_job.plan_epochs(1.0, 9.0) == 6
    assert peer_job.plan_epochs(0.01, 9.0) == 1


def test_a_clock_counts_the_time_of_the_processor():
    clock = peer_job.Clock(0.05 / 60)
    assert not clock.is_over
    while not clock.is_over:
        sum(range(1000))
    assert 0.05 <= clock.seconds < 5


def test_tables_of_predictions_are_read_back(tmp_path):
    found = np.random.default_rng(0).uniform(0, 60, (3, 2, 3))
    path = str(tmp_path / "clip.csv")
    peer_job.write_predictions(path, ["a", "b"], [2, 5, 11], found, "tool")
    poses = formats.read(path)
    assert poses.skeleton.joints == ("a", "b")
    assert poses.frames.tolist() == [2, 5, 11]
    np.testing.assert_allclose(poses.joints[:, 0], found[..., :2], atol=1e-3)


def test_a_served_net_answers_with_the_time_of_each_call(tmp_path):
    from PIL import Image

    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(tmp_path / "a.png")
    frames = [{"part": "test", "clip": "c", "number": 0, "picture": "a.png"}]
    (tmp_path / "frames.json").write_text(json.dumps({"joints": ["a"], "frames": frames}))
    shapes = []
    out = io.StringIO()

    def predict(batch):
        shapes.append(batch.shape)
        return np.zeros((len(batch), 1, 3))

    request = json.dumps({"batch": 3, "calls": 2}) + "\n"
    peer_job.serve({"data": str(tmp_path)}, predict, iter([request, "\n", request]), out)
    ready, answer = (json.loads(line[len(peer_job.ANSWER) :]) for line in out.getvalue().splitlines())
    assert ready == {"ready": True}
    assert len(answer["ms"]) == 2
    assert min(answer["ms"]) >= 0
    assert shapes == [(3, 4, 6, 3)] * 2


def test_another_task_is_refused(tmp_path, monkeypatch):
    job = tmp_path / "job.json"
    job.write_text('{"task": "sing"}')
    monkeypatch.setattr("sys.argv", ["driver", str(job)])
    with pytest.raises(ValueError, match="expected task train, predict or serve, received 'sing'"):
        peer_job.run("tool", dict, lambda job: np.zeros)
