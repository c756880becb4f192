"""The SLEAP file, read back by sleap-io."""

import dataclasses
import os

import numpy as np
import pytest

from keras_pose.data.open_source import open_source
from keras_pose.labelling.suggestions import Suggestions
from keras_pose.labelling.writers import sleap_file
from tests.helpers import real_videos, suggested_frames

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


@pytest.fixture
def with_a_phone_video(tmp_path):
    """Returns a function of degrees that makes suggestions of two videos, of which the first is turned."""

    def make(degrees):
        made = suggested_frames.make_suggestions(tmp_path / "videos")
        path = tmp_path / "videos" / "one.mp4"
        real_videos.write(path, suggested_frames.make_frames())
        real_videos.turn(path, degrees)
        size_hw = (64, 48) if degrees % 180 else (48, 64)
        videos = {**made.videos, "one": dataclasses.replace(made.videos["one"], path=str(path), size_hw=size_hw)}
        return Suggestions(made.frames, videos, made.skeleton, made.model)

    return make


@pytest.mark.parametrize("degrees", [90, 180])
def test_if_players_turn_a_video_the_frames_are_inside_the_file_upright(with_a_phone_video, tmp_path, degrees):
    made = with_a_phone_video(degrees)
    path = sleap_file.write(str(tmp_path), made, "", as_labels=True)
    assert path == str(tmp_path / "suggested.pkg.slp")
    labels = sleap_io.load_slp(path)
    expected = {(frame.clip, frame.number): picture for frame, picture in made.pictures()}
    for frame, labelled in zip(made.frames, labels.labeled_frames):
        assert labelled.frame_idx == frame.number
        np.testing.assert_array_equal(labelled.image, expected[frame.clip, frame.number])
    assert [(s.frame_idx, s.video.filename == path) for s in labels.suggestions] == [(2, True), (10, True)] * 2
    source = open_source(path)
    clips = {clip.name: clip for clip in source.clips}
    assert set(clips) == {"one", "two words"}
    assert clips["one"].labelled.tolist() == [2, 10]
    np.testing.assert_array_equal(clips["one"].frames.read([2])[0], expected["one", 2])
    np.testing.assert_allclose(clips["one"].joints[0], made.frames[0].joints, atol=0.01)
