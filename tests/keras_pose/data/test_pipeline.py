"""Pipelines: batches are a function of seed and step, evaluation sees every sample once and unchanged."""

import dataclasses
import subprocess
import sys

import cv2
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data import augment, pipeline
from keras_pose.data.batch_part import Share
from keras_pose.data.clip import VISIBLE, ArrayFrames, Clip
from keras_pose.data.samples import Samples
from keras_pose.flow.warp import warp_by_flow
from keras_pose.models import factory
from keras_pose.models.pose_net import PoseNet
from tests import conftest
from tests.helpers.random_clips import estimate_constant_flow, make_clip

CHANGES = dataclasses.replace(
    augment.NO_AUGMENTATION, scale=0.2, rotation_deg=20.0, shift=0.1, color=0.5, noise=5.0, occlusion=0.5
)


@pytest.fixture
def samples():
    return Samples([make_clip("a"), make_clip("b", (64, 48))], (64, 64))


def _batches(dataset):
    return list(dataset.as_numpy_iterator())


def test_a_pipeline_that_starts_at_a_step_gives_what_the_whole_one_gives_there(samples):
    whole = _batches(pipeline.make_training_dataset(samples, 4, 11, CHANGES, augment.NO_MIRRORING, 9))
    late = _batches(pipeline.make_training_dataset(samples, 4, 11, CHANGES, augment.NO_MIRRORING, 9, start_step=5))
    assert len(whole) == 9
    assert len(late) == 4
    for a, b in zip(whole[5:], late):
        np.testing.assert_array_equal(a[0]["frames"], b[0]["frames"])
        np.testing.assert_array_equal(a[1], b[1])


@pytest.mark.parametrize(("processes", "devices"), [(2, 1), (1, 2), (2, 2)])
def test_parts_of_several_processes_are_the_batches_of_one(samples, processes, devices):
    mirroring = augment.Mirroring(0.5, (1, 0, 2))
    arguments = (samples, 8, 11, dataclasses.replace(CHANGES, stretch=0.2), mirroring, 4, 1)
    whole = _batches(pipeline.make_training_dataset(*arguments))
    shares = [Share(number * devices, devices, processes * devices) for number in range(processes)]
    parts = [_batches(pipeline.make_training_dataset(*arguments, share)) for share in shares]
    assert [len(each) for each in parts] == [3 * devices] * processes
    for step, (window, targets) in enumerate(whole):
        of_step = [part for each in parts for part in each[step * devices : (step + 1) * devices]]
        # Not to the last bit: exp and sin of a longer row use other instructions for its end.
        np.testing.assert_allclose(np.concatenate([part[1] for part in of_step]), targets, atol=1e-4)
        frames = np.concatenate([part[0]["frames"] for part in of_step])
        np.testing.assert_allclose(frames, window["frames"], atol=0.02)


@pytest.mark.parametrize(("batch_size", "parts"), [(4, 2), (2, 2), (8, 4), (64, 3)])
def test_parts_of_a_validation_hold_every_sample_once_and_none_is_empty(samples, batch_size, parts):
    groups = np.arange(len(samples)) % 3
    whole = _batches(pipeline.make_evaluation_dataset(samples, batch_size, groups))
    shares = [Share(number, 1, parts) for number in range(parts)]
    found = [_batches(pipeline.make_evaluation_dataset(samples, batch_size, groups, share)) for share in shares]
    steps = pipeline.count_evaluation_steps(samples, batch_size, parts)
    assert [len(each) for each in found] == [steps] * parts
    in_order = [each[step][1] for step in range(steps) for each in found]
    assert all(map(len, in_order))
    np.testing.assert_array_equal(np.concatenate(in_order), np.concatenate([targets for _, targets in whole]))


def test_fewer_frames_to_validate_than_devices_are_refused(samples):
    with pytest.raises(ValueError, match=f"expected at least 99 frames to validate, .*, received {len(samples)}"):
        pipeline.count_evaluation_steps(samples, 8, 99)


def test_another_seed_gives_other_batches(samples):
    a, b = (
        _batches(pipeline.make_training_dataset(samples, 4, seed, CHANGES, augment.NO_MIRRORING, 1))[0]
        for seed in (1, 2)
    )
    assert np.abs(a[0]["frames"] - b[0]["frames"]).mean() > 1


def test_shapes_are_known_and_nothing_is_nan(samples):
    dataset = pipeline.make_training_dataset(samples, 4, 0, CHANGES, augment.NO_MIRRORING, 6)
    window, targets = dataset.element_spec
    assert window["frames"].shape.as_list()[1:] == [1, 64, 64, 3]
    assert targets.shape.as_list()[1:] == [3, 3]
    for window, targets in _batches(dataset):
        assert window["frames"].shape == (4, 1, 64, 64, 3)
        assert np.isfinite(window["frames"]).all()
        assert np.isfinite(targets).all()


def test_evaluation_sees_every_sample_once_in_order(samples):
    batches = _batches(pipeline.make_evaluation_dataset(samples, 4))
    assert [len(window["frames"]) for window, _ in batches] == [4, 4, 2]
    targets = np.concatenate([targets for _, targets in batches])
    np.testing.assert_array_equal(targets, samples.read_batch(range(10))["targets"])


def test_evaluation_adds_the_scale_and_the_group_of_each_sample_if_asked():
    samples = Samples([make_clip("a", (64, 64)), make_clip("b", (128, 96))], (64, 64))
    groups = np.arange(len(samples))[::-1]
    batches = _batches(pipeline.make_evaluation_dataset(samples, 4, groups))
    targets = np.concatenate([targets for _, targets in batches])
    np.testing.assert_array_equal(targets[..., :3], samples.read_batch(range(len(samples)))["targets"])
    expected = [{"a": 1.0, "b": 2.0}[clip.name] for clip, _ in samples.rows]
    np.testing.assert_allclose(targets[..., 3], np.repeat(np.array(expected)[:, None], 3, 1))
    np.testing.assert_array_equal(targets[..., 4], np.repeat(groups[:, None], 3, 1))


def test_a_net_of_single_frames_gets_the_middle_one_and_a_target_for_each_output():
    samples = Samples([make_clip("a", (64, 64))], (64, 64), (-1, 0, 1))
    model = factory.build_model("heatmap", "lite", 3, (64, 64), width=0.25)
    frames, targets = next(iter(pipeline.make_evaluation_dataset(samples, 4).map(PoseNet(model).training_pair)))
    np.testing.assert_allclose(frames, samples.read_batch(range(4))["frames"][:, 1], atol=1e-3)
    assert set(targets) == {"heatmaps", "trunk_heatmaps"}


def test_flow_moves_as_the_frames_do():
    """A picture that moves by 8 px of 64: after augmentation the flow still says which pixel went where."""
    rng = np.random.default_rng(0)
    picture = cv2.GaussianBlur(rng.integers(0, 256, (96, 96, 3)).astype(np.uint8), (0, 0), 3)
    frames = np.stack([picture[16:80, 16 + 8 * t : 80 + 8 * t] for t in range(-1, 2)])
    clip = Clip("moving", ArrayFrames(frames), [1], [[[30.0, 30.0]]], [[VISIBLE]])

    def shift(target, source):
        step = 8.0 if np.array_equal(target, frames[1]) == np.array_equal(source, frames[0]) else -8.0
        return np.full((64, 64, 2), (step, 0.0), np.float32)

    samples = Samples([clip], (64, 64), (-1, 0, 1), estimate_flow=shift)
    moves = dataclasses.replace(augment.NO_AUGMENTATION, scale=0.3, stretch=0.2, rotation_deg=40.0)
    mirroring = augment.Mirroring(0.5, (0,))
    mirrored = 0
    for window, _ in pipeline.make_training_dataset(samples, 1, 3, moves, mirroring, 6):
        grown = tf.repeat(tf.repeat(window["flows"] * 4.0, 4, axis=2), 4, axis=3)
        aligned = warp_by_flow(window["frames"], grown)[0].numpy()
        middle = np.s_[20:44, 20:44]
        error = [np.abs(aligned[t][middle] - aligned[1][middle]).mean() for t in (0, 2)]
        before = [np.abs(window["frames"][0, t].numpy()[middle] - aligned[1][middle]).mean() for t in (0, 2)]
        assert max(error) < 0.25 * min(before)
        mirrored += float(window["flows"][0, 0, 8, 8, 0]) < 0
    assert 0 < mirrored < 6


def test_windows_have_what_a_flowing_net_takes():
    samples = Samples([make_clip("a", (64, 64))], (64, 64), (-1, 0, 1), estimate_flow=estimate_constant_flow)
    window, _ = next(iter(pipeline.make_training_dataset(samples, 4, 11, CHANGES, augment.NO_MIRRORING, 9)))
    assert {name: tuple(tensor.shape) for name, tensor in window.items()} == {
        "frames": (4, 3, 64, 64, 3),
        "valid": (4, 3),
        "flows": (4, 3, 16, 16, 2),
    }


def test_an_unreadable_frame_stops_the_pipeline_with_its_name(samples):
    def fail(indices):
        raise ValueError(f"clip.avi: frame {indices[0]} cannot be decoded")

    samples.rows[0][0].frames.read = fail
    with pytest.raises(Exception, match=r"clip\.avi: frame \d+ cannot be decoded"):
        _batches(pipeline.make_evaluation_dataset(samples, 4))


def test_the_error_of_the_reader_takes_the_place_of_the_one_of_tensorflow(samples):
    def fail(indices):
        raise ValueError("clip.avi: frame 3 cannot be decoded")

    samples.rows[0][0].frames.read = fail
    message = r"^clip\.avi: frame 3 cannot be decoded$"
    with pytest.raises(ValueError, match=message), pipeline.raise_reader_errors(samples):
        _batches(pipeline.make_evaluation_dataset(samples, 4))


def test_other_errors_pass_through(samples):
    with pytest.raises(tf.errors.OpError), pipeline.raise_reader_errors(samples):
        tf.debugging.assert_equal(tf.constant(1), tf.constant(2))


STOPPED = """
import sys, time
import numpy as np
from keras_pose.data import augment, pipeline
from keras_pose.data.batch_part import Share
from keras_pose.data.clip import VISIBLE, ArrayFrames, Clip
from keras_pose.data.samples import Samples

frames = ArrayFrames(np.zeros((20, 32, 32, 3), np.uint8))
clip = Clip("a", frames, np.arange(20), np.full((20, 1, 2), 9.0), np.full((20, 1), VISIBLE))
samples = Samples([clip], (32, 32))
read = samples.read_batch

def read_slowly(positions):
    time.sleep(0.2)
    return read(positions)

samples.read_batch = read_slowly
dataset = pipeline.make_training_dataset(samples, 2, 0, augment.NO_AUGMENTATION, augment.NO_MIRRORING, 1000)
iterator = iter(dataset)
next(iterator)
cycle = [iterator]
cycle.append(cycle)  # only the collector frees it
del iterator, cycle
raise {error}
"""


@pytest.mark.parametrize("error", ["SystemExit(3)", "RuntimeError('stopped')"])
def test_a_process_that_stops_between_batches_ends(error):
    """Threads that read samples cannot run any more once the interpreter ends; nothing may wait for them then."""
    done = subprocess.run(
        [sys.executable, "-c", STOPPED.format(error=error)], check=False, timeout=120, cwd=conftest.ROOT
    )
    assert done.returncode == (3 if "3" in error else 1)
