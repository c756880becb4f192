"""The SavedModel of pose net and classifier."""

import numpy as np
import pytest
import tensorflow as tf

from examples.gestures import gesture_model, pose_maps, train


@pytest.mark.slow
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
