"""Poolings around a frozen net: windows and their flow, fits, cells and their files, rows and figures."""

import dataclasses

import keras
import numpy as np
import pytest

from benchmarks import pooling_ablation
from benchmarks.pooling import ablation_cells, ablation_figure, fit_pooling, nets, pooled_maps
from benchmarks.pooling.pooled_maps import MapStore, Windows
from keras_pose import files
from keras_pose.data.synthetic import signers
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.evaluation import scoring
from keras_pose.heatmaps import render_heatmaps
from keras_pose.inference import loading
from keras_pose.models import factory
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig
from tests.benchmarks.test_trainings import make_predictions
from tests.helpers import tiny

SIDE, REACH = 64, 2


def no_echo(line):
    del line


def make_windows(count=24, shown_in=0):
    """Windows of 3 frames of 16×16 maps: the truth stands in one frame, noise in the others."""
    rng = np.random.default_rng(2)
    targets = np.ones((count, 2, 3), np.float32)
    targets[..., :2] = rng.uniform(8, SIDE - 8, (count, 2, 2))
    maps = rng.uniform(0, 0.5, (count, 3, 16, 16, 2))
    maps[:, shown_in] = render_heatmaps(targets, (16, 16), 4, 1.5)
    return Windows(maps.astype(np.float16), np.ones((count, 3, 16, 16), np.float16), targets)


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """A run directory of a single-frame net without training, opened."""
    run_dir = str(tmp_path_factory.mktemp("net") / "net")
    write_run(TrainConfig.from_flags(**{**tiny.FLAGS, "run_dir": run_dir}))
    return nets.open_net(run_dir)


def write_run(config, skeleton=SKELETON, weights=True):
    run = run_directory.prepare(config)
    run_directory.begin(run, config, skeleton, {})
    if not weights:
        files.write_text(run.weights, "")
        return config.run_dir
    keras.utils.set_random_seed(1)
    model, rng = factory.build_net(config.model, config.window, skeleton.num_joints), np.random.default_rng(1)
    # New heads are zero and give empty maps.
    model.set_weights([w if np.any(w) else rng.normal(0, 0.05, w.shape) for w in model.get_weights()])
    model.save_weights(run.weights)
    return config.run_dir


@pytest.mark.parametrize("kind", fit_pooling.LEARNED)
def test_a_fit_finds_the_frame_that_shows_the_joint(kind):
    windows = make_windows(shown_in=0)
    config = TrainConfig.from_flags(run_dir="", input_size="64")
    model = fit_pooling.build_pooling(kind, windows)

    def accuracy():
        joints, _ = fit_pooling.predict(model, windows, (SIDE, SIDE))
        return (np.linalg.norm(joints - windows.targets[..., :2], axis=-1) < 1).mean()

    assert accuracy() < 0.2
    fit_pooling.fit(model, windows, config, steps=100)
    assert accuracy() > 0.95
    weights = model.get_layer("heatmaps").frame_weights()
    assert weights[0].min() > 0.7
    assert np.abs(weights[1:]).max() < 0.3


def test_a_fit_depends_on_its_seed_alone():
    windows = make_windows()
    config = TrainConfig.from_flags(run_dir="", input_size="64")

    def fitted(seed):
        model = fit_pooling.build_pooling("parametric", windows)
        fit_pooling.fit(model, windows, config, steps=4, seed=seed)
        return model.get_layer("heatmaps").frame_weights()

    first = fitted(3)
    np.testing.assert_array_equal(fitted(3), first)
    assert np.abs(fitted(4) - first).max() > 0


def test_narrowed_windows_keep_the_middle():
    maps = np.arange(7, dtype=np.float16)[None, :, None, None, None] * np.ones((2, 1, 4, 4, 3), np.float16)
    windows = Windows(maps, maps[..., 0], np.zeros((2, 3, 3), np.float32))
    narrow = windows.narrowed(2)
    assert narrow.maps[0, :, 0, 0, 0].tolist() == narrow.reliability[0, :, 0, 0].tolist() == [1, 2, 3, 4, 5]


def test_clips_have_whole_windows_about_few_labels():
    clips = pooled_maps.open_clips("test", 2, REACH, SIDE)
    offsets = range(-REACH, REACH + 1)
    assert [clip.num_labelled for clip in clips] == [pooled_maps.LABELS] * 2
    assert all(clip.window(row, offsets)[1].all() for clip in clips for row in range(clip.num_labelled))
    assert clips[0].labelled[0] == REACH
    assert clips[0].frames.num_frames == clips[0].labelled[-1] + REACH + 1


def darkness(frames):
    """A net whose map of a joint is the darkness of the frame, reduced to the maps' grid."""
    frames = np.asarray(frames).mean(-1, keepdims=True)
    small = frames.reshape(len(frames), SIDE // 4, 4, SIDE // 4, 4, 1).mean((2, 4))
    return np.repeat(1 - small / 255, SKELETON.num_joints, -1)


def test_true_motion_brings_the_maps_of_neighbours_onto_the_joint(tmp_path):
    clips, reach, wrists = pooled_maps.open_clips("test", 4, 4, 128), 4, [1, 2]
    in_order = iter(clips)

    def perfect_net(frames):
        """The maps of the true joints; the store asks clip by clip."""
        drawn = next(in_order).frames
        joints = signers.generate(drawn.split, drawn.index, drawn.num_frames, drawn.size_hw).joints
        assert len(joints) == len(frames)
        return render_heatmaps(np.concatenate([joints, np.ones((*joints.shape[:2], 1))], -1), (32, 32), 4, 1.5)

    store = MapStore(str(tmp_path), perfect_net, (128, 128), reach)
    store.fill([clips], ["none", "true", "joints"], no_echo)

    def height_at_wrists(flow):
        windows = store.windows(clips, flow)
        assert windows.maps.shape == (12, 9, 32, 32, 7)
        assert windows.reliability[:, reach].min() == 1
        x, y = np.clip(np.rint((windows.targets[..., :2] + 0.5) / 4 - 0.5), 0, 31).astype(int).transpose(2, 0, 1)
        i, j = np.arange(12)[:, None], np.array(wrists)
        maps = windows.maps.astype(np.float32)
        return maps[:, [0, -1]].transpose(0, 2, 3, 4, 1)[i, y[:, wrists], x[:, wrists], j].mean()

    assert height_at_wrists("true") > height_at_wrists("none") + 0.2
    assert height_at_wrists("joints") > 0.85


def test_windows_hold_the_frames_about_each_label_in_order(tmp_path):
    clips = pooled_maps.open_clips("test", 2, REACH, SIDE)
    store = MapStore(str(tmp_path), darkness, (SIDE, SIDE), REACH)
    store.fill([clips], ["none"], no_echo)
    windows = store.windows(clips, "none")
    for i, clip in enumerate(clips):
        for row in range(clip.num_labelled):
            number = i * clip.num_labelled + row
            expected = darkness(clip.read_window(row, range(-REACH, REACH + 1)).astype(np.float32))
            np.testing.assert_allclose(windows.maps[number], expected, atol=2e-3)
            np.testing.assert_allclose(windows.targets[number, :, :2], clip.joints[row], atol=1e-3)


def test_none_is_the_net_alone(net, tmp_path):
    cells = ablation_cells.Cells(str(tmp_path), net, 2, 2, REACH, fit_steps=4, echo=no_echo)
    single = cells.predict_single()
    alone = scoring.predict_clips(loading.load_predictor(net.run_dir), cells.test_clips)
    for a, b in zip(single, alone):
        assert a.name == b.name
        np.testing.assert_array_equal(a.frames, b.frames)
        np.testing.assert_array_equal(a.truth, b.truth)
        # Maps are kept in 16 bits, which may change which of two pixels of an untrained map is the higher one.
        near = np.linalg.norm(a.predicted - b.predicted, axis=-1) < 0.5
        assert near.mean() > 0.9


@pytest.fixture(scope="module")
def finished(net, tmp_path_factory):
    """The folder of finished cells, and what they hold."""
    folder = str(tmp_path_factory.mktemp("cells"))
    cells = ablation_cells.Cells(folder, net, 2, 2, REACH, fit_steps=4, echo=no_echo)
    return folder, cells.predict_all(["none", "dis_medium"], ["max", "parametric"], [1, 2])


def test_there_is_a_cell_of_each_flow_pooling_and_window(finished):
    _, cells = finished
    assert list(cells)[:3] == [("none", "max", 1), ("none", "max", 2), ("none", "parametric", 1)]
    assert len(cells) == 8
    for clips in cells.values():
        assert [clip.name for clip in clips] == ["signers-test-00000", "signers-test-00001"]
    differing = [
        np.abs(a.predicted - b.predicted).max() for a, b in zip(cells["none", "max", 1], cells["none", "max", 2])
    ]
    assert max(differing) > 0


def test_finished_cells_and_maps_are_found_again(finished, net, monkeypatch):
    folder, cells = finished
    lines = []
    again = ablation_cells.Cells(folder, net, 2, 2, REACH, fit_steps=4, echo=lines.append)
    monkeypatch.setattr(fit_pooling, "fit", lambda *_, **__: pytest.fail("fitted again"))
    monkeypatch.setattr(MapStore, "_fill_chunk", lambda *_: pytest.fail("computed again"))
    found = again.predict_all(["none", "dis_medium"], ["max", "parametric"], [1, 2])
    assert lines == []
    np.testing.assert_array_equal(found["none", "max", 1][0].predicted, cells["none", "max", 1][0].predicted)
    assert again.weights("dis_medium", "parametric", 2).shape == (5, SKELETON.num_joints)
    again.predict_all(["dis_medium"], ["sum"], [1])  # a cell more needs no maps more
    assert len(lines) == 1


def test_a_stopped_computation_keeps_its_finished_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(pooled_maps, "_CHUNK_CLIPS", 1)
    clips = pooled_maps.open_clips("test", 2, REACH, SIDE)
    seen = []

    def stops(frames):
        if len(seen) == 1:
            raise KeyboardInterrupt
        seen.append(1)
        return darkness(frames)

    with pytest.raises(KeyboardInterrupt):
        MapStore(str(tmp_path), stops, (SIDE, SIDE), REACH).fill([clips], ["none"], no_echo)
    counted = []
    store = MapStore(str(tmp_path), lambda frames: counted.append(1) or darkness(frames), (SIDE, SIDE), REACH)
    store.fill([clips], ["none"], no_echo)
    assert len(counted) == 1
    assert len(store.windows(clips, "none").maps) == 2 * pooled_maps.LABELS


def test_a_folder_of_other_settings_is_refused(finished, net):
    with pytest.raises(ValueError, match="--work_dir: .* other settings .clips 2 there, 3 now.; choose another"):
        ablation_cells.Cells(finished[0], net, 3, 2, REACH, fit_steps=4)


def test_weights_that_were_not_fitted_are_missed_by_name(finished, net):
    cells = ablation_cells.Cells(finished[0], net, 2, 2, REACH, fit_steps=4)
    with pytest.raises(ValueError, match="weights of max pooling, n = 1, flow none"):
        cells.weights("none", "max", 1)


def test_nets_that_do_not_fit_are_refused(tmp_path, net):
    with pytest.raises(ValueError, match="expected a run of train.py"):
        nets.open_net(str(tmp_path / "nowhere"))

    def begun(name, skeleton=SKELETON, **flags):
        config = TrainConfig.from_flags(**{**tiny.FLAGS, **flags, "run_dir": str(tmp_path / name)})
        return write_run(config, skeleton, weights=False)

    with pytest.raises(ValueError, match="--net: expected a run of --model=heatmap, .* --model=coordinate"):
        nets.open_net(begun("coordinate", model="coordinate"))
    with pytest.raises(ValueError, match="--trained: expected a run that never saw the test signers"):
        nets.score_runs([begun("seen", data="signers:test:4")], [], SKELETON)
    other = dataclasses.replace(SKELETON, joints=tuple(f"a{j}" for j in SKELETON.joints), flip_pairs=(), edges=())
    with pytest.raises(ValueError, match="--net: expected the joints of the signers"):
        nets.open_net(begun("strange", other))
    with pytest.raises(ValueError, match="runs of different names"):
        nets.score_runs([net.run_dir, net.run_dir + "/"], [], SKELETON)


def test_trained_runs_are_scored_on_the_same_frames(net):
    clips = pooled_maps.open_clips("test", 2, REACH, SIDE)
    scored = nets.score_runs([net.run_dir], clips, SKELETON, no_echo)
    assert list(scored) == ["net"]
    assert [found.frames.tolist() for found in scored["net"]] == [clip.labelled.tolist() for clip in clips]


@pytest.mark.parametrize(
    "argument", ["--flows=none,brox", "--poolings=mean", "--windows=a", "--windows=0,1", "--clips=1"]
)
def test_arguments_that_cannot_be_are_refused(argument, capsys):
    with pytest.raises(SystemExit):
        pooling_ablation.parse_arguments(["--net=a", argument])
    assert argument.split("=")[0] in capsys.readouterr().err


def test_arguments_and_their_defaults(capsys):
    full = pooling_ablation.parse_arguments(["--net=a"])
    assert (full.clips, full.test_clips, full.windows) == (200, 150, [1, 2, 5, 10, 14])
    assert full.flows == ["none", "dis_medium", "variational", "in_graph", "true", "joints"]
    quick = pooling_ablation.parse_arguments(["--net=a", "--quick", "--windows=2,1", "--trained=b,c"])
    assert (quick.clips, quick.windows, quick.trained) == (12, [1, 2], ["b", "c"])
    assert full.work_dir != quick.work_dir
    with pytest.raises(SystemExit):
        pooling_ablation.parse_arguments([])
    assert "--net" in capsys.readouterr().err


def test_rows_have_the_difference_to_the_single_frame_and_the_targets():
    single = make_predictions(8)
    worse = [dataclasses.replace(clip, predicted=clip.predicted + 30) for clip in single]
    better = [dataclasses.replace(clip, predicted=clip.truth) for clip in single]
    cells = {("none", "max", 1): worse, pooling_ablation.TARGET_CELL: better}
    rows = pooling_ablation.make_rows(single, cells, {"joint": better}, SKELETON)
    by_name = {row.what: row for row in rows}
    assert by_name["parametric, n = 5, dis_medium flow: wrists"].value == 1
    assert by_name["max, n = 1, without flow: elbows − single frame"].high < 0
    gain = by_name["trained: joint: wrists − single frame"]
    assert gain.value == pytest.approx(1 - by_name["single frame: wrists"].value)
    aimed = [(row.what, row.target, row.holds) for row in rows if row.target]
    what = "parametric, n = 5, dis_medium flow: wrists − single frame"
    assert aimed == [(what, ">= 0.03", True), (what, "low > 0", True)]
    assert not any(row.target for row in pooling_ablation.make_rows(single, cells, {}, SKELETON, targets=False))


def test_the_figure_has_a_panel_for_each_flow_and_a_colour_for_each_pooling():
    def pixels(picture, color):
        return int((np.abs(picture.astype(int) - color).max(-1) < 8).sum())

    single, blue, pink = (0.85, [0.8, 0.9]), (0x00, 0x72, 0xB2), (0xCC, 0x79, 0xA7)
    points = {("dis_medium", "parametric", n): (0.9, [0.88, 0.93]) for n in (1, 5)}
    alone = ablation_figure.draw(points, single)
    assert alone.shape == (672, 864, 3)
    assert pixels(alone, blue) > 50
    assert pixels(alone, pink) == 0
    more = {**points, ("none", "max", 1): (0.5, [0.4, 0.6]), ("none", "max", 5): (0.2, [0.1, 0.3])}
    both = ablation_figure.draw(more, single)
    assert both.shape == (672, 1368, 3)
    assert pixels(both, pink) > 50
    assert ablation_figure.main_flow(["none", "joints", "true"]) == "true"
    with pytest.raises(ValueError, match="at least one pooling"):
        ablation_figure.draw({}, single)
