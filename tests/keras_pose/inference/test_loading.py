"""`keras_pose.load`: a run and its export answer alike, for frames, videos and streams."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

import keras_pose
from keras_pose.exporting import exporter
from keras_pose.exporting.config import ExportConfig
from keras_pose.media.video import write_video
from tests import conftest
from tests.helpers import nets, real_videos
from tests.helpers.exported_runs import write_run

NUM_FRAMES = 9
SIZE_HW = (64, 64)  # that of the input: nothing is resampled, which rounds a little differently in a graph
FPS = 20.0


def smooth_frames(count=NUM_FRAMES, size_hw=SIZE_HW):
    """uint8 [N, H, W, 3]: waves that move."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]]
    waves = [128 + 100 * np.sin((x - 2 * t) / 9)[..., None] * np.cos(y / 11)[..., None] for t in range(count)]
    return np.repeat(np.stack(waves), 3, axis=-1).astype(np.uint8)


def assert_same_where_seen(expected, joints, scores, atol):
    """An export answers 0 for a joint that it sees no sign of."""
    seen = scores > 0
    assert seen.mean() > 0.3
    np.testing.assert_allclose(joints[seen], expected[seen], atol=atol)


PAIRS = {
    "heatmap": nets.DEFAULT,
    "flowing": {"model": "flowing", "window": 2, "frame_stride": 1, "flow": "in_graph"},
    "coordinate": {"model": "coordinate"},
}


# The flowing net has the heatmap net as a part.
@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=pytest.mark.slow) if name == "heatmap" else name for name in PAIRS]
)
def pair(request, tmp_path_factory):
    """A run and its export, loaded."""
    folder = tmp_path_factory.mktemp(request.param)
    write_run(folder / "run", **PAIRS[request.param])
    version = exporter.export(ExportConfig(run_dir=str(folder / "run")), echo=lambda _: None)
    return keras_pose.load(folder / "run"), keras_pose.load(version)


def test_a_run_and_its_export_predict_the_same_frames(pair):
    frames = smooth_frames()
    run, export = (model.predict(frames) for model in pair)
    assert run.joints.shape == (NUM_FRAMES, 7, 2)
    assert run.scores.shape == (NUM_FRAMES, 7)
    assert run.joints.dtype == export.joints.dtype == np.float32
    assert_same_where_seen(run.joints, export.joints, export.scores, atol=0.05)
    assert pair[0].skeleton == pair[1].skeleton
    assert len(pair[0].skeleton.joints) == 7


@pytest.mark.parametrize("frames", [np.zeros((0, 64, 64, 3), np.uint8), np.zeros((0, 0, 0, 3), np.uint8), []])
def test_no_frames_give_no_poses(pair, frames):
    for model in pair:
        poses = model.predict(frames)
        assert poses.joints.shape == (0, 7, 2)
        assert poses.scores.shape == (0, 7)
        assert poses.joints.dtype == poses.scores.dtype == np.float32
        assert list(model.stream().predict(frames)) == []


def test_other_arrays_are_refused(pair):
    for model in pair:
        with pytest.raises(ValueError, match=r"frames: expected uint8 \[N, H, W, 3\], received float64"):
            model.predict(np.zeros((2, 64, 64, 3)))


def test_a_video_gives_a_pose_of_every_frame_with_its_time(pair, tmp_path):
    write_video(tmp_path / "clip.avi", smooth_frames(), FPS)
    run, export = pair
    poses = list(export.predict_video(tmp_path / "clip.avi"))
    assert [pose.frame for pose in poses] == list(range(NUM_FRAMES))
    np.testing.assert_allclose([pose.time_s for pose in poses], np.arange(NUM_FRAMES) / FPS)
    expected = list(run.predict_video(tmp_path / "clip.avi"))
    assert [pose.frame for pose in expected] == list(range(NUM_FRAMES))
    # OpenCV rounds positions of the stream's warp to 1/32 px.
    exported = np.stack([pose.joints for pose in poses])
    streamed = np.stack([pose.joints for pose in expected])
    assert_same_where_seen(streamed, exported, np.stack([pose.scores for pose in poses]), atol=0.5)


@pytest.mark.filterwarnings("ignore::keras_pose.media.MediaWarning")
def test_poses_beside_damaged_frames_are_those_of_the_whole_video(pair, tmp_path):
    for name in ("whole.mp4", "damaged.mp4"):
        real_videos.write(tmp_path / name, smooth_frames(16))
    real_videos.damage(tmp_path / "damaged.mp4", [7, 8])
    for model in pair:
        whole = list(model.predict_video(tmp_path / "whole.mp4"))
        poses = list(model.predict_video(tmp_path / "damaged.mp4"))
        assert [pose.frame for pose in poses] == list(range(16))
        assert [pose.time_s for pose in poses] == [pose.time_s for pose in whole]
        assert [pose.frame for pose in poses if not pose.decoded] == [7, 8]
        for i in [*range(5), *range(11, 16)]:  # windows of 2 frames to each side do not reach the gap
            np.testing.assert_allclose(poses[i].joints, whole[i].joints, atol=1e-2)
        assert np.abs(whole[4].joints - whole[11].joints).max() > 0.5  # else any order would do


@pytest.mark.parametrize("mode", ["centred", "causal"])
def test_the_stream_of_an_export_is_its_clip(pair, mode):
    """Each pose is that of the frame in its window; at the ends the window is shorter."""
    frames = smooth_frames()
    (_, export) = pair
    stream = export.stream(mode)
    pushed = [stream.push(frame) for frame in frames]
    poses = [pose for some in pushed for pose in some] + stream.flush()
    assert [pose.frame for pose in poses] == list(range(NUM_FRAMES))
    expected = export.predict(frames)
    if mode == "centred":
        np.testing.assert_allclose([p.joints for p in poses], expected.joints, atol=1e-3)
    else:
        assert all(len(some) == 1 for some in pushed)
        np.testing.assert_allclose(poses[-1].joints, expected.joints[-1], atol=1e-3)  # it has no later frames
    assert stream.flush() == []


def test_a_frame_of_another_size_ends_the_windows(pair):
    _, export = pair
    stream = export.stream()
    frames = [*smooth_frames(4), *smooth_frames(3, (80, 96))]
    poses = [pose for frame in frames for pose in stream.push(frame)] + stream.flush()
    assert [pose.frame for pose in poses] == list(range(7))
    np.testing.assert_allclose([p.joints for p in poses[:4]], export.predict(smooth_frames(4)).joints, atol=1e-3)


def test_an_unknown_mode_is_refused(pair):
    with pytest.raises(ValueError, match="mode: expected one of centred, causal, received 'future'"):
        pair[1].stream("future")


@pytest.mark.parametrize(
    "flags", [{}, {"model": "flowing", "window": 1, "frame_stride": 1}], ids=["heatmap", "flowing"]
)
def test_the_first_mode_of_a_run_is_its_prediction(tmp_path, flags):
    write_run(tmp_path / "run", **flags)
    model, frames = keras_pose.load(tmp_path / "run"), smooth_frames(4)
    poses, modes = model.predict(frames), model.predict_modes(frames, max_modes=2, min_height=1e-3)
    assert modes.joints.shape == (4, 7, 2, 2)
    assert modes.scores.shape == (4, 7, 2)
    none = model.predict_modes([], max_modes=2)
    assert (none.joints.shape, none.scores.shape) == ((0, 7, 2, 2), (0, 7, 2))
    seen = poses.scores > 1e-3
    assert seen.mean() > 0.3
    np.testing.assert_allclose(modes.joints[..., 0, :][seen], poses.joints[seen], atol=1e-3)
    assert (modes.scores[..., 0] >= modes.scores[..., 1]).all()


def test_a_coordinate_net_has_no_modes(tmp_path):
    write_run(tmp_path / "run", model="coordinate")
    with pytest.raises(ValueError, match="predict_modes: expected a net with the output 'heatmaps'"):
        keras_pose.load(tmp_path / "run").predict_modes(smooth_frames(1))


def test_a_net_with_flow_at_its_input_streams_the_windows_it_is_scored_by(tmp_path):
    write_run(tmp_path / "run", model="flow_input", window=1, flow="none")
    model, frames = keras_pose.load(tmp_path / "run"), smooth_frames(5)
    poses = list(model.stream().predict(frames))
    np.testing.assert_allclose([pose.joints for pose in poses], model.predict(frames).joints, atol=1e-4)


def test_loading_leaves_the_precision_of_keras_as_it_is(tmp_path):
    write_run(tmp_path / "run")
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        keras_pose.load(tmp_path / "run")
        assert keras.mixed_precision.global_policy().name == "mixed_bfloat16"
    finally:
        keras.mixed_precision.set_global_policy("float32")


def test_other_folders_are_refused(tmp_path):
    with pytest.raises(ValueError, match="nowhere: expected the folder of a run .* found no such folder"):
        keras_pose.load(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"expected the folder of a run \(with flags.txt\)"):
        keras_pose.load(tmp_path)
    (tmp_path / "10").mkdir()
    (tmp_path / "9").mkdir()
    for version in ("9", "10"):
        (tmp_path / version / "saved_model.pb").touch()
    with pytest.raises(ValueError, match="10 holds one"):
        keras_pose.load(tmp_path)


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, keras_pose; heavy = {'tensorflow', 'keras', 'cv2', 'numpy'} & set(sys.modules); "
        "assert not heavy, heavy; assert 'load' in dir(keras_pose); assert keras_pose.__version__"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_name_is_named():
    with pytest.raises(AttributeError, match="module 'keras_pose' has no attribute 'predict'"):
        keras_pose.predict  # noqa: B018


DOOR = """
import sys
import numpy as np
import keras_pose

frames = np.random.default_rng(0).integers(0, 256, (10, 70, 64, 3)).astype(np.uint8)
for path in sys.argv[1:]:
    model = keras_pose.load(path)
    for count, height in [(1, 64), (2, 64), (3, 70), (1, 50), (10, 33), (1, 40)]:
        model.predict(frames[:count, :height])
    for mode in ("centred", "causal") * 3:
        poses = list(model.stream(mode).predict(frames[:2]))
    if "export" not in path:
        for most in range(1, 6):
            model.predict_modes(frames[:most], max_modes=most)
assert "tensorflow" in sys.modules and len(poses) == 2
"""


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param({}, id="heatmap"),
        pytest.param({"model": "flowing", "window": 1, "frame_stride": 1}, id="flowing", marks=pytest.mark.slow),
    ],
)
def test_a_script_of_ones_own_shows_nothing_of_tensorflow(tmp_path, flags):
    write_run(tmp_path / "run", **flags)
    version = exporter.export(ExportConfig(run_dir=str(tmp_path / "run")), echo=lambda _: None)
    command = [sys.executable, "-c", DOOR, str(tmp_path / "run"), version]
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    quiet = subprocess.run(command, env=environment, cwd=conftest.ROOT, capture_output=True, text=True, timeout=600)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


@pytest.mark.slow
def test_predictions_of_many_sizes_are_traced_once(tmp_path):
    """With all messages of TensorFlow, there is no warning about retracing: none has to be hidden."""
    write_run(tmp_path / "run", model="flowing", window=1)
    command = [sys.executable, "-c", DOOR, str(tmp_path / "run")]
    environment = dict(os.environ)
    environment["TF_CPP_MIN_LOG_LEVEL"] = "0"
    loud = subprocess.run(command, env=environment, cwd=conftest.ROOT, capture_output=True, text=True, timeout=600)
    assert loud.returncode == 0
    assert "tensorflow" in loud.stderr or "port.cc" in loud.stderr
    assert "retracing" not in loud.stderr


MEMORY = """
import resource
import sys
import keras_pose

model = keras_pose.load(sys.argv[1])
peaks = []
for path in sys.argv[2:]:
    count = sum(1 for _ in model.predict_video(path))
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
print(count, *peaks)
"""


@pytest.mark.slow
def test_predicting_a_video_needs_little_memory(tmp_path):
    """A video of 166 MB in frames after one of 8 MB."""
    write_run(tmp_path / "run")
    frame = np.random.default_rng(0).integers(0, 256, (480, 640, 3)).astype(np.uint8)
    for name, count in (("short.mp4", 9), ("long.mp4", 180)):
        real_videos.write(tmp_path / name, (np.roll(frame, i, axis=1) // 2 for i in range(count)), "mpeg4")
    paths = [str(tmp_path / name) for name in ("run", "short.mp4", "long.mp4")]
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, *paths], cwd=conftest.ROOT, capture_output=True, text=True, check=True
    )
    count, short_mb, long_mb = map(float, done.stdout.split())
    assert count == 180
    assert long_mb - short_mb < 60
