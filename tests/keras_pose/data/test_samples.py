"""Samples: what is stored maps onto the input as the frame does; the endless order is a function of the seed."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data import augment, selection
from keras_pose.data.clip import Clip
from keras_pose.data.config import DataConfig
from keras_pose.data.samples import Samples
from tests.helpers import people_pictures
from tests.helpers.random_clips import CountingFrames, SeparateImages, estimate_constant_flow, make_clip


def test_targets_are_in_input_px_with_weights_and_zeros_where_unlabelled():
    clip = make_clip()
    targets = Samples([clip], (80, 120), hidden_weight=0.25).read_batch([0, 1])["targets"]
    np.testing.assert_allclose(targets[1, :, :2], (clip.joints[1] + 0.5) * 2 - 0.5, rtol=1e-5)
    np.testing.assert_allclose(targets[0, :, 2], [0.5, 0, 0.125])
    np.testing.assert_array_equal(targets[0, 1], 0)


def test_large_frames_are_stored_small_and_still_map_onto_the_input():
    clip = make_clip(size_hw=(200, 300))
    samples = Samples([clip], (64, 64))
    batch = samples.read_batch([1])
    matrices = batch["matrices"]
    targets = batch["targets"]
    assert batch["frames"].shape == (1, 1, 50, 75, 3)
    stored = (clip.joints[1] + 0.5) / 4 - 0.5
    moved = stored @ matrices[0, :2, :2].T + matrices[0, :2, 2]
    np.testing.assert_allclose(moved, targets[0, :, :2], atol=1e-4)


def test_clips_of_different_sizes_share_a_batch():
    samples = Samples([make_clip("a", (40, 60)), make_clip("b", (64, 48))], (64, 64))
    frames = samples.read_batch([0, 5])["frames"]
    assert frames.shape == (2, 1, 64, 60, 3)
    assert (frames[0, 0, 40:] == 0).all()


def test_frames_are_read_once_with_a_cache_and_again_without():
    clip = make_clip()
    cached = Samples([clip], (64, 64))
    plain = Samples([clip], (64, 64), cache=False)
    for samples, expected in ((cached, 1), (plain, 2)):
        before = clip.frames.reads
        for _ in range(2):
            samples.read_batch([2])
        assert clip.frames.reads - before == expected


def test_single_frames_are_read_without_counting_those_of_the_video():
    clip = make_clip()

    class Uncounted(CountingFrames):
        @property
        def num_frames(self):
            raise AssertionError("counted")

        @num_frames.setter
        def num_frames(self, _):
            pass

        def read(self, indices):
            return self.array[list(indices)]

    clip = Clip("a", Uncounted(clip.frames.array), clip.labelled, clip.joints, clip.visibility)
    batch = Samples([clip], (40, 60)).read_batch([3])
    np.testing.assert_array_equal(batch["frames"][0, 0], clip.frames.array[3])
    np.testing.assert_array_equal(batch["valid"], 1)


def test_windows_repeat_the_last_frame_at_the_ends():
    clip = make_clip()
    batch = Samples([clip], (40, 60), offsets=(-1, 0, 1)).read_batch([0, 2, 4])
    for frames, expected in zip(batch["frames"], ([0, 0, 1], [1, 2, 3], [3, 4, 4])):
        np.testing.assert_array_equal(frames, clip.frames.array[expected])
    np.testing.assert_array_equal(batch["valid"], [[0, 1, 1], [1, 1, 1], [1, 1, 0]])


def test_a_window_longer_than_the_clip_has_what_there_is():
    batch = Samples([make_clip(count=2)], (40, 60), offsets=(-6, -3, 0, 3, 6)).read_batch([0, 1])
    np.testing.assert_array_equal(batch["valid"], [[0, 0, 1, 0, 0]] * 2)


def test_frames_without_neighbours_stand_alone_in_their_window():
    images = make_clip(frames=SeparateImages)
    both = Samples([images, make_clip("b")], (40, 60), (-1, 0, 1), estimate_flow=estimate_constant_flow)
    assert (len(both), both.num_without_neighbours) == (10, 5)
    batch = both.read_batch([3])
    np.testing.assert_array_equal(batch["frames"][0], images.frames.array[[3, 3, 3]])
    np.testing.assert_array_equal(batch["valid"], [[0, 1, 0]])
    assert not batch["flows"].any()


def test_flow_is_composed_from_the_middle_outwards_and_estimated_once_a_pair():
    clip = make_clip()
    pairs = []

    def estimate(target, source):
        pairs.append((_position(clip, target), _position(clip, source)))
        return estimate_constant_flow(target, source)

    samples = Samples([clip], (40, 60), (-2, -1, 0, 1, 2), estimate_flow=estimate)
    batch = samples.read_batch([2, 1])
    assert batch["flows"].shape == (2, 5, 10, 15, 2)
    steps = [2, 1, 0, 1, 2]
    expected = np.array(steps)[:, None, None, None] * np.float32([2, 1])  # a quarter of the size: (2, 1) px
    np.testing.assert_allclose(batch["flows"][0], np.broadcast_to(expected, (5, 10, 15, 2)), atol=1e-5)
    np.testing.assert_array_equal(batch["valid"][1], [0, 1, 1, 1, 1])
    assert not batch["flows"][1, 0].any()
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == {(2, 1), (1, 0), (2, 3), (3, 4), (1, 2)}


def _position(clip, frame):
    return next(i for i, other in enumerate(clip.frames.array) if np.array_equal(frame, other))


def test_flow_of_reduced_frames_is_in_px_of_a_grid_that_maps_onto_the_input():
    samples = Samples([make_clip(size_hw=(160, 240))], (40, 60), (-1, 0, 1), estimate_flow=estimate_constant_flow)
    batch = samples.read_batch([2])
    assert batch["frames"].shape == (1, 3, 40, 60, 3)
    assert batch["flows"].shape == (1, 3, 10, 15, 2)
    np.testing.assert_allclose(batch["flows"][0, 0], np.broadcast_to(np.float32([2, 1]), (10, 15, 2)), atol=1e-5)
    np.testing.assert_allclose(batch["flow_matrices"][0, :2, :2], np.eye(2) * 4, atol=1e-5)


def test_with_a_cache_all_windows_of_a_clip_are_read_in_one_go():
    clip = make_clip(count=9)
    samples = Samples([clip], (40, 60), (-1, 0, 1))
    before = clip.frames.reads
    samples.read_batch([7, 2, 5])
    assert clip.frames.reads == before + 1


def test_no_labelled_frames_are_refused():
    with pytest.raises(ValueError, match="expected at least one labelled frame, received none"):
        Samples([make_clip().select([])], (64, 64))


@pytest.mark.parametrize("offsets", [(-1, 0), (0, 1, 2), ()])
def test_offsets_without_the_labelled_frame_in_their_middle_are_refused(offsets):
    with pytest.raises(ValueError, match="offsets: expected an odd number of them with 0 in the middle"):
        Samples([make_clip()], (40, 60), offsets)


def test_each_pass_holds_every_sample_once_in_another_order():
    samples = Samples([make_clip(count=5), make_clip("b", count=6)], (64, 64))
    order = samples.shuffled_positions(7, range(33))
    assert [sorted(order[i : i + 11]) for i in (0, 11, 22)] == [list(range(11))] * 3
    assert order[:11] != order[11:22]
    assert samples.shuffled_positions(7, range(20, 33)) == order[20:]
    assert samples.shuffled_positions(8, range(33)) != order


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = str(people_pictures.write(tmp_path_factory.mktemp("people") / "flic"))
    config = DataConfig(source=folder, joints="left_wrist,right_wrist")
    return selection.open_data(folder, config).clips


@pytest.mark.parametrize("input_size_hw", [(64, 64), (64, 96)])
def test_each_person_of_a_picture_is_where_its_targets_are(people, input_size_hw):
    """Two people in one picture, and two whose squares reach beyond the border."""
    assert len(people) == 5
    assert any(clip.region[0] < 0 for clip in people)
    samples = Samples(people, input_size_hw)
    batch = samples.read_batch(range(len(samples)))
    seen = augment.warp_frames(tf.constant(batch["frames"]), tf.constant(batch["matrices"])[:, None], input_size_hw)
    for clip, frame, targets in zip(people, seen[:, 0].numpy(), batch["targets"]):
        np.testing.assert_allclose(targets[:, :2], samples.crop(clip).to_input(clip.joints[0]), atol=1e-3)
        for (x, y, weight), channel in zip(targets, (0, 1)):
            assert weight == 1
            # The person in the middle, not another one of the picture, has the only dot at its wrist.
            place = np.round([y, x]).astype(int)
            assert frame[place[0], place[1], channel] > 220
            np.testing.assert_allclose(centroid(frame[..., channel], (x, y)), (x, y), atol=0.3)


def centroid(channel, near_xy, reach=6):
    y, x = np.mgrid[: channel.shape[0], : channel.shape[1]]
    weights = np.where(np.hypot(x - near_xy[0], y - near_xy[1]) <= reach, channel, 0)
    return (weights * x).sum() / weights.sum(), (weights * y).sum() / weights.sum()


def test_only_the_surroundings_of_a_person_are_kept():
    clip = dataclasses.replace(make_clip(size_hw=(200, 300)), region=(100, 50, 40, 40))
    samples = Samples([clip], (32, 32))
    assert samples.stored_size_hw == (60, 60)
    np.testing.assert_array_equal(samples.read_batch([0])["frames"][0, 0], clip.frames.array[0, 40:100, 90:150])
    assert samples.frame_scales([0]) == pytest.approx([40 / 32])


def test_flow_of_a_region_is_on_its_own_grid():
    clip = dataclasses.replace(make_clip(size_hw=(80, 120)), region=(40, 20, 40, 40))
    samples = Samples([clip], (40, 40), (-1, 0, 1), estimate_flow=estimate_constant_flow)
    batch = samples.read_batch([2])
    assert batch["flows"].shape == (1, 3, 15, 15, 2)
    corner = batch["flow_matrices"][0] @ [-0.5, -0.5, 1]
    np.testing.assert_allclose(corner[:2], [-10.5, -10.5], atol=1e-4)  # the grid begins 10 px outside the region
