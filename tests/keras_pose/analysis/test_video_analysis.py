"""The analysis of a video: the same poses for any batches and after any interruption."""

import dataclasses
import threading

import numpy as np
import pytest

import keras_pose
from keras_pose.analysis import video_analysis
from keras_pose.analysis.parts import PartFolder
from keras_pose.analysis.settings import Settings
from keras_pose.data.synthetic.signers import generate
from keras_pose.media.video import VideoFrames
from keras_pose.poses import video_poses
from tests.helpers import analysed_videos, coded_videos, exported_runs, real_videos

PART_FRAMES = analysed_videos.PART_FRAMES
ARRAYS = ("frames", "times_s", "decoded", "joints", "scores", "ambiguous", "regions")


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """70 frames of one signer, 40 of another: a cut between them, near the end of a part."""
    path = tmp_path_factory.mktemp("videos") / "two signers.mp4"
    frames = [*generate("train", 0, 70, (64, 64)).frames, *generate("train", 1, 40, (64, 64)).frames]
    real_videos.write(path, frames)
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return {
        kind: exported_runs.write_run(folder / kind, model=kind, window=2)[2]
        for kind in ("flowing", "heatmap", "coordinate", "flow_input")
    }


@pytest.fixture(scope="module")
def flowing(runs):
    return keras_pose.load(runs["flowing"])


def analyse(model, path, folder=None, **settings):
    return video_analysis.analyse(model, path, Settings(part_frames=PART_FRAMES, **settings), folder)


def assert_same(poses, expected):
    assert poses.people == expected.people
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(poses, name), getattr(expected, name), err_msg=name)


@pytest.mark.parametrize("kind", ["flowing", "heatmap", "coordinate", "flow_input"])
def test_poses_are_those_of_predict_video(runs, video, kind):
    model = keras_pose.load(runs[kind])
    path = video
    if kind == "flow_input":  # every frame's window is estimated again
        path = video.parent / "short.mp4"
        real_videos.write(path, generate("train", 0, 12, (64, 64)).frames)
    expected = list(model.predict_video(path))
    poses = analyse(model, path)
    np.testing.assert_array_equal(poses.joints[:, 0], [pose.joints for pose in expected])
    np.testing.assert_array_equal(poses.scores[:, 0], [pose.scores for pose in expected])
    np.testing.assert_array_equal(poses.times_s, [pose.time_s for pose in expected])


def test_poses_do_not_depend_on_the_batch(flowing, video):
    expected = analyse(flowing, video)
    for batch_size in (1, 3):
        assert_same(analyse(flowing, video, batch_size=batch_size), expected)


@pytest.mark.slow
def test_a_killed_analysis_goes_on_to_the_same_file(runs, video, flowing, tmp_path):
    expected = tmp_path / "expected.npz"
    video_poses.save(expected, analyse(flowing, str(video)))
    folder = tmp_path / "parts"
    out = tmp_path / "out.npz"
    for part in (0, 1, 2):
        process = analysed_videos.start_analysis(runs["flowing"], video, folder, out, batch_size=3 + part)
        analysed_videos.kill_at_part(process, folder, part)
        assert not out.exists()
    assert analysed_videos.start_analysis(runs["flowing"], video, folder, out).wait(300) == 0
    assert out.read_bytes() == expected.read_bytes()


@pytest.mark.parametrize("region", ["whole", "8,4,48,48"])
@pytest.mark.parametrize("parts", [1, 2, 3])
def test_poses_do_not_depend_on_where_it_resumes(flowing, video, tmp_path, region, parts):
    expected = analyse(flowing, video, region=region)
    folder = tmp_path / "parts"
    stopped = StopAfter(parts * PART_FRAMES)
    settings = Settings(part_frames=PART_FRAMES, region=region)
    with pytest.raises(KeyboardInterrupt):
        video_analysis.analyse(flowing, video, settings, folder, stopped)
    assert_same(analyse(flowing, video, folder, region=region), expected)
    assert_same(analyse(flowing, video, folder, region=region), expected)  # all parts are there


class StopAfter:
    """Interrupts an analysis behind a frame."""

    def __init__(self, frames):
        self._frames = frames

    def __call__(self, state):
        if state.done > self._frames + 4:
            raise KeyboardInterrupt


def test_parts_of_another_job_are_removed(flowing, video, tmp_path):
    analyse(flowing, video, tmp_path / "parts", end=40)
    poses = analyse(flowing, video, tmp_path / "parts", end=50)
    assert poses.num_frames == 50
    assert PartFolder(tmp_path / "parts", {"another": 1}).removed


def test_every_third_frame_has_the_pose_that_it_has_among_all(flowing, video):
    expected = analyse(flowing, video, start=5, end=100)
    poses = analyse(flowing, video, start=5, end=100, every=7)
    np.testing.assert_array_equal(poses.frames, np.arange(5, 100, 7))
    np.testing.assert_array_equal(poses.joints, expected.joints[::7])
    np.testing.assert_array_equal(poses.times_s, expected.times_s[::7])


def test_a_first_frame_behind_the_end_is_refused_and_leaves_nothing(flowing, video, tmp_path):
    folder = tmp_path / "parts"
    with pytest.raises(ValueError, match=r"--start: expected a frame of .*, which has \d+, received 5000"):
        analyse(flowing, video, folder, start=5000)
    assert not folder.exists()


def test_missing_frames_keep_their_rows(flowing, tmp_path):
    path = tmp_path / "damaged.mp4"
    real_videos.write(path, generate("train", 0, 40, (64, 64)).frames)
    real_videos.damage(path, [10, 11, 33])
    with pytest.warns(keras_pose.media.MediaWarning, match="3 of 40 frames"):
        poses = analyse(flowing, path)
    assert poses.frames.tolist() == list(range(40))
    assert np.flatnonzero(~poses.decoded).tolist() == [10, 11, 33]
    assert np.isnan(poses.joints[~poses.decoded]).all()
    assert np.isfinite(poses.joints[poses.decoded]).all()
    assert not poses.scores[~poses.decoded].any()


def test_times_of_a_variable_frame_rate_are_kept(flowing, tmp_path):
    times = [0, 1, 2, 5, 6, 11, 12, 13]
    path = coded_videos.write_numbered(tmp_path / "variable.mp4", len(times), times=times)
    np.testing.assert_allclose(analyse(flowing, path).times_s, np.array(times) / 25, atol=1e-6)


def test_a_region_gives_joints_in_px_of_the_frame(flowing, video):
    poses = analyse(flowing, video, region="8,4,48,48", end=8)
    assert (poses.regions == [8, 4, 48, 48]).all()
    stream = flowing.stream()
    frames = generate("train", 0, 70, (64, 64)).frames[:8]
    del frames
    assert poses.joints[..., 0].min() >= 8 - 1
    assert poses.joints[..., 0].max() <= 56 + 1
    assert stream.flush() == []


def test_several_people_are_one_batch(flowing, video, monkeypatch):
    from keras_pose.tracking import regions

    boxes = {"left": (0.0, 0.0, 40.0, 64.0), "right": (24.0, 0.0, 40.0, 64.0)}

    class Two(regions.RegionSource):
        def regions(self, number, frame):
            return {name: box for name, box in boxes.items() if name == "left" or 20 <= number < 60}

    sizes = []
    engine = flowing.open_engine()
    run = engine.run
    monkeypatch.setattr(engine, "run", lambda views: (sizes.append(len(views)), run(views))[1])
    monkeypatch.setattr(type(flowing), "open_engine", lambda self, frame_rate: engine)
    monkeypatch.setattr(video_analysis.sources, "open_source", lambda *args, **kwargs: Two())
    poses = analyse(flowing, video, region="follow")
    assert max(sizes) == 8
    assert poses.people == ("left", "right")
    there = np.isfinite(poses.joints[:, 1]).all((1, 2))
    assert np.flatnonzero(there).tolist() == list(range(20, 60))
    monkeypatch.setattr(
        video_analysis.sources, "open_source", lambda *args, **kwargs: regions.FixedRegion(boxes["left"])
    )
    alone = analyse(flowing, video, region="follow")
    np.testing.assert_array_equal(poses.joints[:, 0], alone.joints[:, 0])


def test_no_thread_is_left_behind(flowing, video, tmp_path):
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        video_analysis.analyse(flowing, video, Settings(part_frames=PART_FRAMES), tmp_path / "parts", StopAfter(8))
    assert threading.active_count() == before


def test_calibrated_scores_become_confidences_and_errors_in_px(flowing, video):
    class Halves:
        def probabilities(self, scores):
            return np.clip(scores / 2, 0, 1).astype(np.float32)

        def expected_errors(self, scores):
            return np.full(scores.shape, 0.25, np.float32)

        def describe(self, side_px):
            return {"distance_px": 0.1 * side_px}

        def to_dict(self):
            return {}

    flowing.calibration = Halves()
    try:
        poses = analyse(flowing, video, end=4)
    finally:
        flowing.calibration = None
    np.testing.assert_allclose(poses.confidences, np.clip(poses.scores / 2, 0, 1))
    assert (poses.expected_errors_px == 16).all()
    assert poses.calibration == {"distance_px": 6.4}


def test_settings_are_in_the_poses(flowing, video):
    poses = analyse(flowing, video, end=4)
    assert poses.settings["window"] == 2
    assert poses.settings["end"] == 4
    assert "batch_size" not in poses.settings
    assert dataclasses.asdict(poses.model)["digest"] == flowing.facts.digest


class WithoutRate(VideoFrames):
    """A video whose file states no frame rate."""

    def __init__(self, path):
        super().__init__(path)
        self.fps = 0.0


def test_a_rate_that_is_told_counts_for_videos_that_state_none(flowing, video, monkeypatch):
    stated = analyse(flowing, video, end=8)  # 25 frames/s
    assert_same(analyse(flowing, video, end=8, frame_rate=100.0), stated)
    monkeypatch.setattr(video_analysis, "VideoFrames", WithoutRate)
    assert_same(analyse(flowing, video, end=8, frame_rate=25.0), stated)
    other = analyse(flowing, video, end=8, frame_rate=100.0)
    assert np.abs(other.joints - stated.joints).max() > 0
