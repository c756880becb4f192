"""Digests follow content, not names: labels, pictures, videos and frames in memory."""

import dataclasses
import hashlib
import os
import shutil

import numpy as np
import pytest

from keras_pose.data import selection
from keras_pose.data.clip import Clip
from keras_pose.data.image_frames import VideoWithImages
from keras_pose.data.synthetic import signers
from keras_pose.media.video import VideoFrames, write_video
from keras_pose.runs import data_digest
from keras_pose.runs.config import TrainConfig
from tests.helpers import random_clips, small_project

SPLIT = {"train": [], "validation": [], "test": []}


def describe(*clips, name="train"):
    return data_digest.describe({**SPLIT, name: clips})


def replace(clip, **changes):
    fields = {name: getattr(clip, name) for name in ("name", "frames", "labelled", "joints", "visibility", "weights")}
    return Clip(**{**fields, **changes})


def find_change(clip, **changes):
    return data_digest.find_change(describe(clip), describe(replace(clip, **changes)))


def test_equal_clips_have_equal_digests():
    assert describe(random_clips.make_clip()) == describe(random_clips.make_clip())
    assert data_digest.find_change(describe(random_clips.make_clip()), describe(random_clips.make_clip())) == ""


def test_each_part_of_a_label_counts():
    clip = random_clips.make_clip()
    moved = clip.joints.copy()
    moved[3, 0, 1] = np.nextafter(moved[3, 0, 1], np.float32(99))
    assert find_change(clip, joints=moved) == "the labels in frame 3 of clip a have changed"
    seen = clip.visibility.copy()
    seen[2, 1] = 1
    assert find_change(clip, visibility=seen) == "the labels in frame 2 of clip a have changed"
    weights = clip.weights.copy()
    weights[4] = 1
    assert find_change(clip, weights=weights) == "the labels in frame 4 of clip a have changed"


def test_positions_and_names_count():
    clip = random_clips.make_clip()
    assert data_digest.find_change(describe(clip), describe(clip.select([0, 1, 3, 4]))) == (
        "frame 2 of clip a is no longer labelled"
    )
    assert data_digest.find_change(describe(clip.select([0])), describe(clip)) == "frame 1 of clip a is now labelled"
    assert find_change(clip, name="b") == "clip a is gone"
    assert data_digest.find_change(describe(clip), describe(clip, name="test")) == (
        "frame 0 of clip a is no longer among the train frames"
    )


def test_frames_in_memory_count_by_their_pixels():
    clip = random_clips.make_clip()
    pixels = clip.frames.array.copy()
    pixels[1, 5, 5, 0] ^= 1
    assert find_change(clip, frames=random_clips.CountingFrames(pixels)) == (
        "the picture of frame 1 of clip a has another content"
    )


def test_signers_count_by_what_they_are_drawn_from(monkeypatch):
    def refuse(*_):
        raise AssertionError("drawn")

    monkeypatch.setattr(signers.SignerFrames, "read", refuse)
    few = describe(*signers.open_signers("train", 2, 4, (64, 64)).clips)
    assert few == describe(*signers.open_signers("train", 3, 4, (64, 64)).clips[:2])
    for other in (signers.open_signers("train", 2, 4, (64, 80)), signers.open_signers("train", 2, 5, (64, 64), 2)):
        assert data_digest.find_change(few, describe(*other.clips)) == (
            "the video of clip signers-train-00000 has another content"
        )


def test_signers_of_the_first_version_count_as_in_runs_from_before_there_were_versions():
    of_first, of_second = (describe(*signers.open_signers("train", 1, 4, (64, 64), version=v).clips) for v in (1, 2))
    (first,), (second,) = of_first["train"].values(), of_second["train"].values()
    assert first["video"] == hashlib.sha256(b"train 0 4 (64, 64)").hexdigest()[:16]
    assert second["video"] == hashlib.sha256(b"signers2 train 0 4 (64, 64)").hexdigest()[:16]
    assert data_digest.find_change(of_first, of_second) == "clip signers-train-00000 is gone"


@pytest.fixture
def video(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (6, 48, 64, 3)).astype(np.uint8)
    write_video(tmp_path / "a.avi", frames, 25)
    return tmp_path / "a.avi"


def test_a_video_counts_by_its_content(video, tmp_path):
    clip = random_clips.make_clip()
    with_video = replace(clip, frames=VideoFrames(video))
    shutil.copy(video, tmp_path / "b [1].avi")
    assert find_change(with_video, frames=VideoFrames(tmp_path / "b [1].avi")) == ""
    write_video(tmp_path / "c.avi", np.zeros((6, 48, 64, 3), np.uint8), 25)
    message = "the video of clip a has another content"
    assert find_change(with_video, frames=VideoFrames(tmp_path / "c.avi")) == message
    small_project.write_picture(str(tmp_path / "0.png"), np.random.default_rng(1), (48, 64))
    images = replace(clip, frames=VideoWithImages(video, {0: tmp_path / "0.png"}))
    assert find_change(images, frames=VideoWithImages(tmp_path / "c.avi", {0: tmp_path / "0.png"})) == message
    before = describe(images)
    small_project.write_picture(str(tmp_path / "0.png"), np.random.default_rng(2), (48, 64))
    assert data_digest.find_change(before, describe(images)) == "the picture of frame 0 of clip a has another content"


def test_positions_alone_compare_with_anything(tmp_path):
    config = TrainConfig.from_flags(run_dir="x", data=small_project.write_project(tmp_path / "project"))
    split = selection.split_data(selection.open_data(config.data.source, config.data), config.data)
    full = data_digest.describe(vars(split))
    bare = data_digest.from_split(split.to_dict())
    assert data_digest.find_change(bare, full) == data_digest.find_change(full, bare) == ""
    del bare["train"][next(iter(bare["train"]))]
    assert "is new" in data_digest.find_change(bare, full)


def test_a_file_that_is_gone_is_named(tmp_path):
    project = small_project.write_project(tmp_path / "project")
    config = TrainConfig.from_flags(run_dir="x", data=project)
    split = selection.split_data(selection.open_data(project, config.data), config.data)
    os.remove(f"{project}/labeled-data/s1/img0002.png")
    with pytest.raises(FileNotFoundError, match=r"s1/img0002\.png"):
        data_digest.describe(vars(split))


def test_a_region_is_a_part_of_the_labels():
    whole = random_clips.make_clip()
    first, second = (dataclasses.replace(whole, region=(x, 0, 20, 20)) for x in (0, 1))
    found = [data_digest.describe({"train": [clip]}) for clip in (whole, first, second)]
    assert data_digest.find_change(found[0], found[1]) == "the labels in frame 0 of clip a have changed"
    assert data_digest.find_change(found[1], found[2]) == "the labels in frame 0 of clip a have changed"
    assert data_digest.find_change(found[2], found[2]) == ""
