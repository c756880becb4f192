"""From frames of any size to positions in px of the frame, checked with nets that see a red and a green dot."""

import keras
import numpy as np
import pytest

from keras_pose import geometry, heatmaps
from keras_pose.data import selection
from keras_pose.data.config import DataConfig
from keras_pose.inference.predictor import Predictor
from keras_pose.models import factory
from keras_pose.skeleton import Skeleton
from tests.helpers import people_pictures
from tests.helpers.dots import SKELETON, dot_net, dots


@pytest.mark.parametrize(
    ("frame_hw", "input_hw"),
    [((64, 64), (64, 64)), ((61, 97), (64, 64)), ((97, 61), (64, 96)), ((301, 517), (64, 96)), ((23, 31), (96, 64))],
)
def test_positions_are_right_at_odd_sizes_and_aspects(frame_hw, input_hw):
    scale = min(input_hw[0] / frame_hw[0], input_hw[1] / frame_hw[1])
    expected = np.array([[0.37, 0.61], [0.7, 0.3]]) * (frame_hw[1], frame_hw[0])
    frame = dots(frame_hw, *expected, sigma_px=6 / scale)
    predictor = Predictor(dot_net(input_hw), SKELETON, input_hw)
    joints, scores = predictor.predict(frame[None])
    assert (joints.shape, joints.dtype, scores.shape) == ((1, 2, 2), np.float32, (1, 2))
    np.testing.assert_allclose(joints[0], expected, atol=0.3 / scale)  # 0.3 px of the input, 0.08 of a heatmap
    assert (scores > 0.8).all()


def test_each_frame_has_its_own_positions_over_several_batches():
    places = [(20 + 3 * i, 40 - 2 * i) for i in range(7)]
    frames = np.stack([dots((64, 64), place, place[::-1], 6) for place in places])
    joints, _ = Predictor(dot_net((64, 64)), SKELETON, (64, 64), batch_size=3).predict(frames)
    np.testing.assert_allclose(joints[:, 0], places, atol=0.3)
    np.testing.assert_allclose(joints[:, 1], [p[::-1] for p in places], atol=0.3)


def test_only_the_region_is_looked_at():
    frame = np.maximum(dots((120, 200), (30, 30), (30, 30), 5), dots((120, 200), (140, 70), (150, 80), 3))
    predictor = Predictor(dot_net((64, 64)), SKELETON, (64, 64))
    joints, _ = predictor.predict(frame[None], region=(110, 40, 64, 64))
    np.testing.assert_allclose(joints[0], [(140, 70), (150, 80)], atol=0.5)
    assert np.abs(predictor.predict(frame[None])[0][0] - (30, 30)).max() < 3


def test_flip_test_is_the_mean_of_both_ways():
    rng = np.random.default_rng(3)
    model = dot_net((64, 96), rng.normal(size=(3, 3, 3, 2)).astype(np.float32) / 255)  # left and right unlike
    frames = rng.integers(0, 256, (2, 50, 91, 3)).astype(np.uint8)
    crop = geometry.CropTransform.fit((50, 91), (64, 96))
    inputs = np.stack([crop.warp(frame) for frame in frames]).astype(np.float32)
    straight = model.predict(inputs, verbose=0)["heatmaps"]
    mirrored = model.predict(inputs[:, :, ::-1], verbose=0)["heatmaps"][:, :, ::-1, ::-1]  # left is right there
    assert np.abs(straight - mirrored).max() > 0.1
    points, scores = heatmaps.decode_subpixel((straight + mirrored) / 2)
    found, found_scores = Predictor(model, SKELETON, (64, 96), flip_test=True).predict(frames)
    np.testing.assert_allclose(found, crop.to_frame((np.array(points) + 0.5) * 4 - 0.5), atol=1e-2)
    np.testing.assert_allclose(found_scores, scores, rtol=1e-4)


def test_a_flip_test_changes_nothing_for_a_symmetric_net():
    nose = Skeleton("nose", ("a", "b", "nose"), (("a", "b"),))
    frames = keras.Input((64, 64, 3), name="frames")
    model = keras.Model(frames, {"heatmaps": keras.layers.AveragePooling2D(4, name="heatmaps")(frames)})
    frame = np.repeat(dots((64, 64), (20, 40), (20, 40), 6)[..., :1], 3, -1)  # all joints at one place
    for flip_test in (False, True):
        joints, _ = Predictor(model, nose, (64, 64), flip_test).predict(frame[None])
        np.testing.assert_allclose(joints[0], [(20, 40)] * 3, atol=0.3)


@pytest.mark.parametrize("flip_test", [False, True])
def test_a_coordinate_net_has_positions_and_no_scores(flip_test):
    model = factory.build_model("coordinate", "lite", 2, (32, 64), width=0.25)
    joints, scores = Predictor(model, SKELETON, (32, 64), flip_test).predict(np.zeros((3, 41, 77, 3), np.uint8))
    np.testing.assert_allclose(joints, np.broadcast_to([38.0, 20.0], (3, 2, 2)), atol=1e-4)  # untrained: the middle
    assert np.isnan(scores).all()
    assert scores.shape == (3, 2)


def test_a_coordinate_net_is_mirrored_in_x_and_swaps_its_pairs():
    frames = keras.Input((32, 32, 3), name="frames")
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Cropping2D(((0, 0), (0, 16)))(frames))  # the left half
    x = keras.layers.Dense(4, use_bias=False, name="d")(x)
    model = keras.Model(frames, {"joints": keras.layers.Reshape((2, 2), name="joints")(x)})
    model.get_layer("d").set_weights([np.array([[1, 2, 3, 4], [0] * 4, [0] * 4], np.float32)])
    frame = np.zeros((32, 32, 3), np.uint8)
    frame[:, :16, 0] = 4
    frame[:, 16:, 0] = 1  # straight: (4, 8), (12, 16); mirrored: (1, 2), (3, 4)
    joints, _ = Predictor(model, SKELETON, (32, 32), flip_test=True).predict(frame[None])
    np.testing.assert_allclose(joints[0], [[(4 + 31 - 3) / 2, (8 + 4) / 2], [(12 + 31 - 1) / 2, (16 + 2) / 2]])


def test_no_frames_give_no_positions():
    joints, scores = Predictor(dot_net((64, 64)), SKELETON, (64, 64)).predict(np.zeros((0, 30, 40, 3), np.uint8))
    assert (joints.shape, scores.shape) == ((0, 2, 2), (0, 2))


@pytest.mark.parametrize("frames", [np.zeros((30, 40, 3), np.uint8), np.zeros((1, 30, 40, 3), np.float32)])
def test_other_arrays_are_refused(frames):
    predictor = Predictor(dot_net((64, 64)), SKELETON, (64, 64))
    with pytest.raises(ValueError, match=r"frames: expected uint8 \[N, H, W, 3\], received"):
        predictor.predict(frames)


def test_a_region_without_area_and_a_flip_without_pairs_are_refused():
    predictor = Predictor(dot_net((64, 64)), SKELETON, (64, 64))
    with pytest.raises(ValueError, match="region: expected"):
        predictor.predict(np.zeros((1, 30, 40, 3), np.uint8), region=(5, 5, 0, 9))
    with pytest.raises(ValueError, match="flip_test: skeleton 'plain' declares no left/right pairs"):
        Predictor(dot_net((64, 64)), Skeleton("plain", ("a", "b")), (64, 64), flip_test=True)


def two_hands(size_hw, *places_and_levels):
    """uint8 [H, W, 3]: a red dot at each place, of that level; nothing green."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]]
    red = sum(level * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * 6**2)) for (cx, cy), level in places_and_levels)
    return np.stack([red.clip(0, 255), 0 * red, 0 * red], -1).round().astype(np.uint8)


def test_modes_are_all_peaks_of_a_map_the_highest_first():
    frame = two_hands((64, 96), ((20, 40), 150), ((70, 22), 240))
    predictor = Predictor(dot_net((64, 96)), SKELETON, (64, 96))
    points, scores = predictor.predict_modes(frame[None])
    assert (points.shape, points.dtype) == ((1, 2, 3, 2), np.float32)
    assert (scores.shape, scores.dtype) == ((1, 2, 3), np.float32)
    np.testing.assert_allclose(points[0, 0, :2], [(70, 22), (20, 40)], atol=0.3)
    np.testing.assert_allclose(scores[0, 0], [240 / 255, 150 / 255, 0], atol=0.07)
    # There is no third peak, and nothing green at all.
    assert not points[0, 0, 2].any()
    assert not points[0, 1].any()
    assert not scores[0, 1].any()


@pytest.mark.parametrize("flip_test", [False, True])
def test_the_first_mode_is_what_predict_returns(flip_test):
    frames = np.stack([dots((50, 91), (20 + 5 * i, 30), (60, 20 + i), 6) for i in range(5)])
    predictor = Predictor(dot_net((64, 96)), SKELETON, (64, 96), flip_test, batch_size=2)
    joints, heights = predictor.predict(frames)
    points, scores = predictor.predict_modes(frames, max_modes=2)
    np.testing.assert_allclose(points[:, :, 0], joints, atol=1e-3)
    np.testing.assert_allclose(scores[:, :, 0], heights, rtol=1e-5)


def test_modes_in_a_region_are_in_px_of_the_frame():
    frame = two_hands((128, 128), ((30, 100), 240), ((90, 30), 200), ((100, 75), 160))
    predictor = Predictor(dot_net((64, 64)), SKELETON, (64, 64))
    points, scores = predictor.predict_modes(frame[None], region=(60, 10, 68, 90))
    np.testing.assert_allclose(points[0, 0], [(90, 30), (100, 75), (0, 0)], atol=0.7)
    assert scores[0, 0, 0] > scores[0, 0, 1] > scores[0, 0, 2] == 0


def test_low_modes_are_left_out():
    frame = two_hands((64, 96), ((20, 40), 100), ((70, 22), 240))
    predictor = Predictor(dot_net((64, 96)), SKELETON, (64, 96))
    for min_height, count in ((0.2, 2), (0.6, 1), (0.99, 0)):
        _, scores = predictor.predict_modes(frame[None], min_height=min_height)
        assert (scores[0, 0] > 0).sum() == count


def test_no_frames_give_no_modes():
    predictor = Predictor(dot_net((64, 64)), SKELETON, (64, 64))
    points, scores = predictor.predict_modes(np.zeros((0, 30, 40, 3), np.uint8), max_modes=4)
    assert (points.shape, scores.shape) == ((0, 2, 4, 2), (0, 2, 4))


def test_modes_of_a_coordinate_net_and_invalid_numbers_are_refused():
    coordinates = factory.build_model("coordinate", "lite", 2, (32, 64), width=0.25)
    frames = np.zeros((1, 32, 64, 3), np.uint8)
    with pytest.raises(ValueError, match="predict_modes: expected a net with the output 'heatmaps', received one with"):
        Predictor(coordinates, SKELETON, (32, 64)).predict_modes(frames)
    predictor = Predictor(dot_net((32, 64)), SKELETON, (32, 64))
    with pytest.raises(ValueError, match="max_modes: expected at least 1, received 0"):
        predictor.predict_modes(frames, max_modes=0)
    with pytest.raises(ValueError, match="min_height: expected a number above 0, received 0"):
        predictor.predict_modes(frames, min_height=0)
    with pytest.raises(ValueError, match=r"frames: expected uint8 \[N, H, W, 3\], received float32"):
        predictor.predict_modes(frames.astype(np.float32))


def test_labelled_people_are_looked_for_in_their_regions_and_found_in_px_of_the_picture(tmp_path):
    folder = str(people_pictures.write(tmp_path / "flic"))
    clips = selection.open_data(folder, DataConfig(source=folder, joints="left_wrist,right_wrist")).clips
    predictor = Predictor(dot_net((64, 64)), SKELETON, (64, 64))
    expected = [wrists for people in people_pictures.PEOPLE for wrists in people]
    assert len(clips) == len(expected) == 5
    for clip, wrists in zip(clips, expected):
        np.testing.assert_allclose(predictor.predict_labelled(clip)[0], [wrists], atol=1)
        np.testing.assert_allclose(clip.joints, [wrists], atol=1e-4)
