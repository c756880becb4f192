"""Jobs on a real Ray cluster of two nodes on this machine, one of which is killed while it works."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

from keras_pose import files, locks
from keras_pose.analysis import many_videos as analysing
from keras_pose.analysis.chosen_videos import choose
from keras_pose.analysis.config import PredictConfig
from keras_pose.annotating import many_videos as annotating
from keras_pose.annotating.config import AnnotateConfig
from keras_pose.cluster import jobs, ray_jobs
from keras_pose.cluster.config import RayConfig
from keras_pose.data.synthetic.signers import generate
from keras_pose.options import build
from keras_pose.sharding import preparing, writing
from keras_pose.sharding.config import PrepareConfig
from tests import conftest
from tests.helpers import exported_runs, predicted_videos, real_videos, sharded, teachers, tiny
from tests.helpers.ray_work import Halving

LIMIT_S = 180
FRAMES = 200
HOLD = """
import sys, time
from keras_pose.cluster import ray_jobs
with ray_jobs.hold_job(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def is_held(path):
    try:
        with locks.hold_file(path, "held"):
            return False
    except ValueError:
        return True
    except FileNotFoundError:
        return False


def test_a_job_is_held_by_one_process_until_it_ends(tmp_path):
    path = str(tmp_path / "job.lock")
    process = subprocess.Popen([sys.executable, "-c", HOLD, path], cwd=conftest.ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    assert is_held(path)
    threading.Timer(0.5, process.send_signal, [signal.SIGKILL]).start()
    began = time.monotonic()
    with ray_jobs.hold_job(path):  # waits until the process is gone
        assert time.monotonic() - began > 0.3
        assert is_held(path)
    process.wait()
    assert not is_held(path)


def test_another_machine_without_the_folder_is_named(tmp_path):
    with pytest.raises(OSError, match=r"nowhere: not found on .*; all machines need the same folders at the same"):
        ray_jobs.do_job(None, None, str(tmp_path / "nowhere"), 1)


class Nodes:
    """Two nodes of one core each."""

    def __init__(self):
        from ray.cluster_utils import Cluster

        self._cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        self.address = self._cluster.address
        self._second = None
        self.grow()

    def grow(self):
        self._second = self._cluster.add_node(num_cpus=1)

    def kill_second(self):
        """Kills the processes of the second node; what they did is lost."""
        second, self._second = self._second, None
        self._cluster.remove_node(second, allow_graceful=False)

    def close(self):
        self._cluster.shutdown()


@pytest.mark.parametrize(
    "address", ["127.0.0.1:9", "ray://127.0.0.1:9", "[::1]:9", "nowhere.invalid:6379", "127.0.0.1:99999"]
)
def test_a_cluster_that_is_not_there_is_named_at_once(address):
    pytest.importorskip("ray", reason="Ray is not installed: pip install -r requirements/cluster.txt")
    message = f"--ray_address={address}: cannot connect to the cluster: "
    with pytest.raises(ValueError, match=re.escape(message)):
        list(jobs.run(Halving(), [1], RayConfig(address)))


@pytest.fixture(scope="module")
def nodes():
    pytest.importorskip("ray", reason="Ray is not installed: pip install -r requirements/cluster.txt")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    nodes = Nodes()
    yield nodes
    nodes.close()


def test_a_command_connects_and_an_error_of_a_job_is_that_of_one_process(nodes):
    assert sorted(jobs.run(Halving(), [2, 6], RayConfig(nodes.address))) == [1.0, 3.0]
    with pytest.raises(TypeError, match="unsupported operand"):
        list(jobs.run(Halving(), ["text"], RayConfig(nodes.address)))


@pytest.fixture(scope="module")
def connected(nodes):
    """The address of both nodes, connected: their processes stay from test to test, and have loaded TensorFlow."""
    import ray

    ray.init(address=nodes.address, log_to_driver=False)
    assert sum(jobs.run(Halving(), ["load", "load"], RayConfig(nodes.address))) == 2
    yield nodes.address
    ray.shutdown()


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("videos")
    for number in range(4):
        frames = generate("train", number, 20, (64, 64)).frames
        real_videos.write(folder / f"clip{number}.mp4", [frames[place % 20] for place in range(FRAMES)])
    (folder / "broken.mp4").write_bytes(b"\0" * 100)
    return folder


def predict(run, videos, out_dir, **flags):
    values = {"run_dir": run, "video": (str(videos),), "out_dir": str(out_dir), "formats": "npz,csv", "labelled": False}
    config = build(PredictConfig, {**values, **flags})
    lines = []
    return analysing.analyse_all(choose(config), config, lines.append), lines


def kill_when_both_work(nodes, folder, killed):
    """Kills the second node as soon as both nodes hold a video; notes which videos these were."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        names = os.listdir(folder) if os.path.isdir(folder) else []
        held = [name for name in names if name.endswith(".lock") and is_held(os.path.join(folder, name))]
        if len(held) == 2:
            nodes.kill_second()
            killed += held
            return
        time.sleep(0.02)


def test_annotations_of_a_cluster_are_those_of_one_process(connected, tmp_path):
    teacher = teachers.write_movenet(tmp_path / "movenet")
    videos = [teachers.write_clip(tmp_path / f"{name}.avi", 8, seed=seed) for seed, name in enumerate("abc")]

    def annotate(out_dir, address):
        config = AnnotateConfig(teacher, tuple(videos), str(out_dir), ray=RayConfig(address))
        return annotating.annotate(config, videos, lambda line: None), predicted_videos.read_files(out_dir)

    assert annotate(tmp_path / "here", "") == annotate(tmp_path / "there", connected)


def test_shards_of_a_cluster_are_those_of_one_process(connected, tmp_path):
    source = sharded.write_video_project(tmp_path / "project")

    def prepare(out_dir, address):
        flags = {"data": source, "out_dir": str(out_dir), "frames": "all", "frames_per_shard": 5}
        with preparing.prepare(build(PrepareConfig, {**flags, "ray_address": address}), lambda line: None) as prepared:
            writing.write_shards(prepared)
        return predicted_videos.read_files(out_dir)

    here = prepare(tmp_path / "here", "")
    assert len(here) > 8
    assert prepare(tmp_path / "there", connected) == here


@pytest.mark.slow  # Ray needs about ten seconds to be sure that a node is lost
def test_a_killed_node_loses_nothing_and_no_video_is_done_twice(nodes, connected, videos, tmp_path):
    run = exported_runs.write_run(tmp_path / "run")[2]
    expected, usual = predict(run, videos, tmp_path / "here")
    killed = []
    killer = threading.Thread(target=kill_when_both_work, args=(nodes, str(tmp_path / "there"), killed))
    killer.start()
    failed, lines = predict(run, videos, tmp_path / "there", ray_address=connected)
    killer.join()
    assert len(killed) == 2, "the node was not killed while both worked"
    assert failed == expected == 1
    # Every video once, with the same words but for its times.
    assert sorted(line.partition(" in ")[0].replace("there", "here") for line in lines) == sorted(
        line.partition(" in ")[0] for line in usual
    )
    names = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == names
    for number in range(4):
        for ending in ("npz", "csv"):
            name = f"clip{number}.{ending}"
            assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
    entries = {entry["name"]: entry["status"] for entry in files.read_json(tmp_path / "there/summary.json")["videos"]}
    assert entries == {"broken": "failed", **{f"clip{number}": "done" for number in range(4)}}


@pytest.mark.slow  # Ray waits longer each time before it does a job again
def test_a_job_that_ends_its_process_each_time_fails_alone(connected):
    outcomes = sorted(map(str, jobs.run(Halving(), [2, "exit", 6], RayConfig(connected))))
    assert outcomes[:2] == ["1.0", "3.0"]
    assert outcomes[2].startswith("exit: its process was lost 6 times: ")


def processes_with(variable):
    """The processes that were started with an environment variable."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            found += [path.parent.name] if variable.encode() in path.read_bytes().split(b"\0") else []
    return found


@pytest.mark.slow  # Ray starts its processes
@pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")
def test_sigterm_ends_a_command_and_the_processes_of_its_cluster(videos, tmp_path):
    pytest.importorskip("ray", reason="Ray is not installed: pip install -r requirements/cluster.txt")
    run = exported_runs.write_run(tmp_path / "run")[2]
    out = tmp_path / "out"
    flags = ["--ray_address=local", "--formats=npz", "--nolabelled"]
    process = tiny.start(predicted_videos.command(run, videos, out, *flags), OF_THIS_TEST=str(tmp_path))
    while not any(out.glob(".clip*.lock")):
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)
    assert processes_with(f"OF_THIS_TEST={tmp_path}")
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 143, output
    assert output.rstrip().endswith("interrupted: the same command goes on where it was")
    assert "Traceback" not in output
    deadline = time.monotonic() + 20
    while processes_with(f"OF_THIS_TEST={tmp_path}") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_with(f"OF_THIS_TEST={tmp_path}") == []
