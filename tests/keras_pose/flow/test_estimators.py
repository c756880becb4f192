import concurrent.futures
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from keras_pose.data.synthetic.signer_clip import SignerClip
from keras_pose.flow import estimators, opencv
from tests.helpers.motion import shifted_texture

ROOT = pathlib.Path(__file__).resolve().parents[3]
WITHOUT_CONTRIB = ("none", *opencv.CORE)
CORNER_PX = {"farneback_gaussian": 0.6, "farneback_half": 1.2}  # Farnebäck, in the corners
MOVING = tuple(name for name in estimators.ESTIMATORS if name != "none")


def open_or_skip(name):
    if name in opencv.CONTRIB and not opencv.has_contrib():
        pytest.skip("opencv-contrib is not installed")
    if name == "in_graph":
        pytest.importorskip("keras_pose.flow.in_graph")
    return estimators.open_estimator(name)


@pytest.mark.parametrize("name", MOVING)
def test_a_translation_is_found_with_its_sign(name):
    estimate = open_or_skip(name)
    for shift_xy in ((3, 2), (-4, 1)):
        flow = estimate(*shifted_texture(shift_xy))
        assert flow.shape == (128, 128, 2)
        assert flow.dtype == np.float32
        errors = np.linalg.norm(flow - np.float32(shift_xy), axis=-1)
        assert np.median(errors) < 0.2, shift_xy


@pytest.mark.parametrize("name", opencv.CORE)
def test_flow_follows_a_signer_better_than_no_flow(name):
    clip = SignerClip("test", 2, num_frames=6)
    estimate = estimators.open_estimator(name)
    errors = []
    without = []
    for frame in range(1, 6):
        truth = clip.flow(frame, frame - 1)
        seen = clip.body_mask(frame) & clip.visible_in(frame, frame - 1) & (np.linalg.norm(truth, axis=-1) > 1)
        flow = estimate(clip.frames[frame], clip.frames[frame - 1])
        errors.append(np.linalg.norm(flow - truth, axis=-1)[seen])
        without.append(np.linalg.norm(truth, axis=-1)[seen])
    assert np.concatenate(errors).mean() < 0.8 * np.concatenate(without).mean()


def test_none_returns_zero_flow():
    target, source = shifted_texture((3, 2), size_hw=(5, 7))
    flow = estimators.open_estimator("none")(target, source)
    np.testing.assert_array_equal(flow, np.zeros((5, 7, 2), np.float32))
    assert flow.dtype == np.float32


@pytest.mark.parametrize("name", MOVING)
def test_black_and_identical_frames_have_about_no_flow(name):
    estimate = open_or_skip(name)
    for size_hw in ((32, 32), (32, 150), (150, 32), (45, 67)):
        black = np.zeros((*size_hw, 3), np.uint8)
        same, _ = shifted_texture((0, 0), size_hw)
        for frame in (black, same):
            flow = estimate(frame, frame.copy())
            assert flow.shape == (*size_hw, 2)
            assert np.abs(flow).max() < CORNER_PX.get(name, 0.5)
            assert np.median(np.abs(flow)) < 0.02
        assert np.isfinite(estimate(black, same)).all()


@pytest.mark.parametrize("name", MOVING)
def test_grey_frames_are_taken(name):
    target, source = (opencv.to_grey(frame) for frame in shifted_texture((2, 1)))
    flow = open_or_skip(name)(target, source)
    assert np.median(np.linalg.norm(flow - np.float32((2, 1)), axis=-1)) < 0.2


@pytest.mark.parametrize("name", MOVING)
def test_threads_find_what_one_thread_finds(name):
    estimate = open_or_skip(name)
    pairs = [shifted_texture((k % 5 - 2, k % 3), (64, 64 + 8 * (k % 2)), seed=k) for k in range(12)]
    expected = [estimate(*pair) for pair in pairs]
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda pair: estimate(*pair), pairs))
    for flow, single in zip(found, expected):
        np.testing.assert_allclose(flow, single, atol=1e-4)


def test_vectors_that_are_not_finite_become_zero(monkeypatch):
    broken = np.ones((64, 64, 2), np.float32)
    broken[3, 4, 0] = np.nan
    broken[5, 6, 1] = np.inf
    monkeypatch.setitem(opencv.CORE, "farneback", lambda target, source: broken)
    flow = estimators.open_estimator("farneback")(*shifted_texture((0, 0), (64, 64)))
    expected = np.ones((64, 64, 2), np.float32)
    expected[3, 4] = expected[5, 6] = 0
    np.testing.assert_array_equal(flow, expected)


def test_an_unknown_name_is_refused_with_all_names():
    with pytest.raises(ValueError, match=r"--flow: expected one of dis_ultrafast, .*in_graph, none, received 'brox'"):
        estimators.open_estimator("brox")


@pytest.mark.parametrize("name", opencv.CONTRIB)
def test_without_contrib_the_error_says_what_to_install_or_choose(name, monkeypatch):
    monkeypatch.setattr(opencv, "has_contrib", lambda: False)
    with pytest.raises(ValueError, match=f"--flow={name} .*install opencv-contrib-python.*--flow=variational"):
        estimators.open_estimator(name)


GOOD = np.zeros((64, 64, 3), np.uint8)


@pytest.mark.parametrize("name", WITHOUT_CONTRIB)
@pytest.mark.parametrize(
    ("target", "source", "message"),
    [
        (GOOD.astype(np.float32), GOOD, "flow, target: expected uint8 of 0 to 255, received float32"),
        (GOOD, GOOD[None], r"flow, source: expected \[H, W, 3\] RGB or \[H, W\] grey, received shape \(1, 64, 64, 3\)"),
        (GOOD[..., :1], GOOD, r"flow, target: expected .* received shape \(64, 64, 1\)"),
        (GOOD, GOOD[:60], r"two frames of one shape, received target \(64, 64, 3\), source \(60, 64, 3\)"),
        (GOOD, GOOD[..., 0], r"two frames of one shape, received target \(64, 64, 3\), source \(64, 64\)"),
    ],
)
def test_bad_frames_are_refused(name, target, source, message):
    with pytest.raises(ValueError, match=message):
        estimators.open_estimator(name)(target, source)


@pytest.mark.parametrize("name", opencv.CORE)
@pytest.mark.parametrize("size_hw", [(31, 64), (12, 200)])  # DIS would end the process for the second
def test_frames_too_small_for_an_estimator_are_refused(name, size_hw):
    frame = np.zeros(size_hw, np.uint8)
    with pytest.raises(ValueError, match=f"at least 32 px in height and width, received {size_hw[0]}×{size_hw[1]}"):
        estimators.open_estimator(name)(frame, frame)


def test_opencv_flow_does_not_load_tensorflow():
    code = "import sys; from keras_pose.flow import estimators as e; e.open_estimator('dis_fast'); "
    code += "sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
