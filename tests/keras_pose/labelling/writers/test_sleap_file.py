"""The SLEAP file, read back by sleap-io."""

import os

import numpy as np
import pytest

from keras_pose.labelling.writers import sleap_file
from tests.helpers import suggested_frames

sleap_io = pytest.importorskip("sleap_io")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return suggested_frames.make_suggestions(tmp_path_factory.mktemp("videos"))


def test_sleap_io_reads_suggestions_and_predictions(made, tmp_path):
    labels = sleap_io.load_slp(sleap_file.write(str(tmp_path), made, ""))
    assert labels.skeleton.node_names == ["left", "right"]
    assert labels.skeleton.edge_names == [("left", "right")]
    found = [(os.path.basename(s.video.filename), s.frame_idx) for s in labels.suggestions]
    assert found == [(f"{frame.clip}.avi", frame.number) for frame in made.frames]
    for labelled, frame in zip(labels.labeled_frames, made.frames):
        assert labelled.frame_idx == frame.number
        (instance,) = labelled.predicted_instances
        np.testing.assert_allclose(instance.numpy(), frame.joints, atol=0.01)
        np.testing.assert_allclose(instance.numpy(scores=True)[:, 2], frame.confidences, atol=1e-6)
    picture = labels.labeled_frames[0].image
    assert picture.shape == (48, 64, 3)


def test_labels_are_user_instances(made, tmp_path):
    labels = sleap_io.load_slp(sleap_file.write(str(tmp_path), made, "", as_labels=True))
    assert [len(frame.user_instances) for frame in labels.labeled_frames] == [1] * 4


def test_the_file_is_written_anew(made, tmp_path):
    first = sleap_file.write(str(tmp_path), made, "")
    again = sleap_io.load_slp(sleap_file.write(str(tmp_path), made, ""))
    assert first == str(tmp_path / "suggested.slp")
    assert len(again.labeled_frames) == 4
