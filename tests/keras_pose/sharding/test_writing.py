"""Shards are read back as the source was, by this package and by other TensorFlow code."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose import options
from keras_pose.data import pipeline, selection, splits
from keras_pose.data.config import DataConfig
from keras_pose.data.samples import Samples
from keras_pose.runs import data_digest
from keras_pose.sharding import planning, preparing, writing
from keras_pose.sharding.config import PrepareConfig
from tests.helpers import full_disk, jhmdb_folders, sharded

WINDOW = tuple(range(-2, 3))


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """A project of videos, its shards with two neighbours on each side, and both sources."""
    place = tmp_path_factory.mktemp("videos")
    project = sharded.write_video_project(place / "project")
    folder, _ = sharded.prepare(place / "shards", data=project, window=2, frames_per_shard=7)
    return sharded.open_with(data=project), sharded.open_with(data=folder), folder


@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize("offsets", [(0,), (-1, 0, 1), WINDOW])
def test_batches_of_videos_are_equal(videos, offsets, cache):
    source, shards, _ = videos
    sharded.assert_same_batches(source, shards, offsets, cache)


def test_an_image_beside_a_video_is_read_alone_and_the_video_in_windows(videos):
    _, shards, _ = videos
    clip = shards.clips[0]
    assert clip.frames.alone_positions >= {0, 4, 5, 11}
    assert (clip.frames.read([4])[0] != clip.frames.read([4, 5])[0]).any()


def test_pictures_of_several_sizes_are_equal_and_jpeg_files_are_copied(tmp_path):
    project = sharded.write_picture_project(tmp_path / "project")
    flags = {"data": project, "on_bad_label": "skip"}
    source = sharded.open_with(**flags)
    # JPEG would change the PNG pictures, and leaves the JPEG files as they are.
    lossless, _ = sharded.prepare(tmp_path / "png", **flags)
    lossy, _ = sharded.prepare(tmp_path / "jpeg", **flags, frame_format="jpeg")
    shards = sharded.open_with(data=lossless)
    assert len({clip.frames.size_hw for clip in shards.clips}) == 2
    sharded.assert_same_batches(source, shards)
    for clip, stored in zip(source.clips, sharded.open_with(data=lossy).clips):
        for position in clip.labelled.tolist():
            is_jpeg = clip.frames.paths[position].endswith(".jpg")
            same = (clip.frames.read([position]) == stored.frames.read([position])).all()
            assert same == is_jpeg


def test_everything_but_the_frames_is_equal(tmp_path):
    project = sharded.write_picture_project(tmp_path / "project")
    folder, said = sharded.prepare(tmp_path / "shards", data=project, on_bad_label="skip", frames_per_shard=5)
    source = sharded.open_with(data=project, on_bad_label="skip")
    shards = sharded.open_with(data=folder)
    assert any("left out" in line and "outside the frame" in line for line in said)
    for field in ("skipped", "notes", "summary", "skeleton"):
        assert getattr(shards, field) == getattr(source, field)
    for a, b in zip(source.clips, shards.clips):
        for field in ("name", "session", "group", "origins"):
            assert getattr(a, field) == getattr(b, field)
        for field in ("labelled", "joints", "visibility", "weights"):
            np.testing.assert_array_equal(getattr(a, field), getattr(b, field))
    names = [[clip.name for clip in part] for part in splits.cut_validation(source.clips, 0.3, 1)]
    assert names == [[clip.name for clip in part] for part in splits.cut_validation(shards.clips, 0.3, 1)]


def test_groups_weights_and_landmarks_are_kept(tmp_path, monkeypatch):
    source = sharded.open_with(**sharded.SIGNERS)
    clip = source.clips[1]
    rng = np.random.default_rng(0)
    changed = dataclasses.replace(
        clip,
        group="film",
        weights=rng.uniform(0.1, 1, clip.weights.shape),
        landmarks={"hip": rng.uniform(0, 9, (clip.num_labelled, 2))},
    )
    source = dataclasses.replace(source, clips=[source.clips[0], changed], name="signers:train:2")
    monkeypatch.setattr("keras_pose.data.selection.open_data", lambda spec, config: source)
    folder, _ = sharded.prepare(tmp_path / "shards", data="signers:train:2")
    monkeypatch.undo()
    first, stored = sharded.open_with(data=folder).clips
    assert stored.group == "film"
    assert not first.landmarks
    np.testing.assert_array_equal(stored.weights, changed.weights)
    np.testing.assert_array_equal(stored.landmarks["hip"], changed.landmarks["hip"])


def test_the_split_of_the_authors_is_kept_and_another_one_refused(tmp_path):
    data = str(jhmdb_folders.write(tmp_path / "jhmdb", pictures=False))
    folder, _ = sharded.prepare(tmp_path / "shards", data=data, split="authors:1", frames_per_shard=3)
    source = sharded.open_with(data=data, split="authors:1")
    flags = {"split": "authors:1", "validation_fraction": 0.5}
    config = options.build(DataConfig, {"data": folder, **flags})
    shards = sharded.open_with(data=folder, split="authors")
    sharded.assert_same_batches(source, shards)
    parts = [[(clip.name, clip.part, clip.group) for clip in each.clips] for each in (source, shards)]
    assert parts[0] == parts[1]
    assert {part for _, part, _ in parts[1]} == {"train", "test"}
    split = selection.split_data(sharded.open_with(data=folder, **flags), config)
    assert [clip.name for clip in split.test] == [clip.name for clip in source.clips if clip.part == "test"]
    with pytest.raises(ValueError, match="--split=authors:sub1: these shards were prepared with --split=authors:1"):
        sharded.open_with(data=folder, split="authors:sub1")
    whole, _ = sharded.prepare(tmp_path / "whole", data=data)
    with pytest.raises(ValueError, match="prepared with --split=random; prepare others with --split=authors:1"):
        sharded.open_with(data=whole, split="authors:1")


def test_a_run_can_go_on_from_lossless_shards_of_its_source(videos, tmp_path):
    source, shards, _ = videos
    before = data_digest.describe({"train": source.clips})
    assert data_digest.find_change(before, data_digest.describe({"train": shards.clips})) == ""
    folder, _ = sharded.prepare(tmp_path / "lossy", data=source.name, frame_format="jpeg", jpeg_quality=80)
    lossy = data_digest.describe({"train": sharded.open_with(data=folder).clips})
    assert "has another content" in data_digest.find_change(before, lossy)


def test_the_number_of_workers_changes_no_byte(tmp_path):
    flags = {**sharded.SIGNERS, "frames_per_shard": 3}
    one, _ = sharded.prepare(tmp_path / "one", **flags, workers=1)
    four, _ = sharded.prepare(tmp_path / "four", **flags, workers=4)
    assert sharded.contents(one) == sharded.contents(four)
    assert len(sharded.contents(one)) == 9


def test_tensorflow_reads_the_records(videos):
    source, _, folder = videos
    paths = [f"{folder}/{name}" for name in sharded.contents(folder) if name.endswith(".tfrecord")]
    num_joints = source.skeleton.num_joints
    features = {
        "frame/encoded": tf.io.FixedLenFeature([], tf.string),
        "clip": tf.io.FixedLenFeature([], tf.string),
        "position": tf.io.FixedLenFeature([], tf.int64),
        "labelled": tf.io.FixedLenFeature([], tf.int64),
        "alone": tf.io.FixedLenFeature([], tf.int64),
        "joints": tf.io.FixedLenFeature([num_joints, 2], tf.float32),
        "visibility": tf.io.FixedLenFeature([num_joints], tf.int64),
        "weights": tf.io.FixedLenFeature([num_joints], tf.float32),
    }
    clips = {clip.name: clip for clip in source.clips}
    seen = []
    for record in tf.data.TFRecordDataset(paths):
        example = tf.io.parse_single_example(record, features)
        clip = clips[example["clip"].numpy().decode()]
        position = int(example["position"])
        if not example["labelled"]:
            assert np.isnan(example["joints"].numpy()).all()
            continue
        row = clip.labelled.tolist().index(position)
        np.testing.assert_array_equal(example["joints"], clip.joints[row])
        np.testing.assert_array_equal(example["visibility"], clip.visibility[row])
        np.testing.assert_array_equal(tf.io.decode_png(example["frame/encoded"]), clip.frames.read([position])[0])
        seen.append((clip.name, position))
    assert sorted(seen) == sorted((clip.name, p) for clip in source.clips for p in clip.labelled.tolist())


def test_all_frames_of_a_video_can_be_stored(tmp_path):
    project = sharded.write_video_project(tmp_path / "project", ["one"])
    folder, _ = sharded.prepare(tmp_path / "shards", data=project, frames="all", frames_per_shard=5)
    source = sharded.open_with(data=project)
    shards = sharded.open_with(data=folder)
    everything = range(sharded.NUM_FRAMES)
    np.testing.assert_array_equal(
        shards.clips[0].frames.read(everything), source.clips[0].frames.video.read(everything)
    )
    sharded.assert_same_batches(source, shards, tuple(range(-5, 6)))
    assert len(planning.choose_records(source.clips[0], True, 0)) == sharded.NUM_FRAMES + 1 + 4  # one past the end


def test_a_full_disk_is_one_line(tmp_path):
    with full_disk.limit_file_size(20_000), pytest.raises(OSError, match=full_disk.REASON) as caught:
        sharded.prepare(tmp_path / "shards", **sharded.SIGNERS)
    assert str(caught.value).startswith(f"{tmp_path / 'shards'}/frames-00000-of-00001.tfrecord: cannot be written: ")
    assert "\n" not in str(caught.value)
    assert sorted(sharded.contents(tmp_path / "shards")) == ["plan.json"]
    # With room again, the same command goes on.
    folder, _ = sharded.prepare(tmp_path / "shards", **sharded.SIGNERS)
    assert len(sharded.open_with(data=folder).clips) == 4


def test_a_frame_that_cannot_be_read_is_named(tmp_path):
    project = sharded.write_picture_project(tmp_path / "project")
    flags = {"data": project, "on_bad_label": "skip"}
    path = sharded.open_with(**flags).clips[0].frames.paths[0]
    config = options.build(PrepareConfig, {**flags, "out_dir": str(tmp_path / "shards")})
    with preparing.prepare(config, lambda line: None) as prepared:
        with open(path, "wb") as file:
            file.write(b"lost")
        with pytest.raises(ValueError, match="cannot be decoded") as caught:
            writing.write_shards(prepared)
    assert str(caught.value).startswith(path)


def test_training_ends_with_the_same_weights(videos):
    source, shards, _ = videos
    trained = [_train(part) for part in (source, shards)]
    for a, b in zip(*trained):
        np.testing.assert_array_equal(a, b)


def _train(source):
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Conv2D(4, 3, 4), keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential([keras.layers.Input((32, 32, 3)), *layers])
    model.compile("adam", "mse")
    samples = Samples(source.clips, (32, 32))
    batches = pipeline.make_evaluation_dataset(samples, 2)
    before = model.get_weights()
    model.fit(batches.map(lambda window, targets: (window["frames"][:, 0], targets[:, 0, :2])), verbose=0)
    after = model.get_weights()
    assert any((a != b).any() for a, b in zip(before, after))
    return after
