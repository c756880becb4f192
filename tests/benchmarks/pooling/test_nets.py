"""The nets of the ablation: opened if they fit, refused otherwise."""

import dataclasses

import pytest

from benchmarks.pooling import nets
from benchmarks.pooling.warped_windows import open_clips
from keras_pose import files
from keras_pose.data.selection import DataSplit
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig
from tests.helpers import tiny
from tests.helpers.exported_runs import write_run

REACH = 2
SIDE = 64


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """A run directory of a single-frame net without training, opened."""
    _, _, run_dir = write_run(tmp_path_factory.mktemp("net") / "net", **tiny.FLAGS)
    return nets.open_net(run_dir)


def test_nets_that_do_not_fit_are_refused(tmp_path, net):
    with pytest.raises(ValueError, match="expected a run of train.py"):
        nets.open_net(str(tmp_path / "nowhere"))

    def begin(name, skeleton=SKELETON, **flags):
        """Writes a run with an empty file of weights."""
        config = TrainConfig.from_flags(**{**tiny.FLAGS, **flags, "run_dir": str(tmp_path / name)})
        run = run_directory.prepare(config)
        run_directory.begin(run, config, skeleton, DataSplit([], [], []))
        files.write_text(run.weights, "")
        return config.run_dir

    with pytest.raises(ValueError, match="--net: expected a run of --model=heatmap, .* --model=coordinate"):
        nets.open_net(begin("coordinate", model="coordinate"))
    with pytest.raises(ValueError, match="--trained: expected a run that never saw the test signers"):
        nets.score_runs([begin("seen", data="signers:test:4")], [])
    other = dataclasses.replace(SKELETON, joints=tuple(f"a{j}" for j in SKELETON.joints), flip_pairs=(), edges=())
    with pytest.raises(ValueError, match="--net: expected the joints of the signers"):
        nets.open_net(begin("strange", other))
    with pytest.raises(ValueError, match="runs of different names"):
        nets.score_runs([net.run_dir, net.run_dir + "/"], [])


def test_trained_runs_are_scored_on_the_same_frames(net):
    clips = open_clips("test", 2, REACH, SIDE)
    scored = nets.score_runs([net.run_dir], clips, echo=lambda line: None)
    assert list(scored) == ["net"]
    assert [found.frames.tolist() for found in scored["net"]] == [clip.labelled.tolist() for clip in clips]
