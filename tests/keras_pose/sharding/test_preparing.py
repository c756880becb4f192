"""Shards are resumed after a kill with the same bytes; folders of other data or settings are refused."""

import os
import random
import signal
import sys
import time

import pytest

from keras_pose import locks
from keras_pose.sharding import preparing
from tests import conftest
from tests.helpers import sharded, tiny

FLAGS = {**sharded.SIGNERS, "data": "signers:train:16", "frames_per_shard": 2}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder, _ = sharded.prepare(tmp_path_factory.mktemp("finished") / "shards", **FLAGS)
    return folder


def command(out_dir):
    flags = [f"--{name}={value}" for name, value in FLAGS.items()]
    return [sys.executable, "-m", "keras_pose", "prepare", *flags, f"--out_dir={out_dir}", "--workers=2"]


def num_written(folder):
    return sum(name.endswith(".index.npz") for name in os.listdir(folder)) if os.path.isdir(folder) else 0


def test_a_killed_command_goes_on_and_ends_with_the_same_bytes(finished, tmp_path):
    folder = str(tmp_path / "shards")
    process = tiny.start(command(folder))
    deadline = time.monotonic() + 120
    while num_written(folder) < 3:
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    time.sleep(random.Random(conftest.__file__).uniform(0, 0.05))
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert not os.path.exists(os.path.join(folder, "shards.json"))
    with pytest.raises(ValueError, match="not all written"):
        sharded.open_with(data=folder)
    _, said = sharded.prepare(folder, **FLAGS)
    assert any(line.startswith("going on: ") and line.endswith("of 24 shards are there") for line in said)
    assert sharded.contents(folder) == sharded.contents(finished)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_and_sigterm_say_how_to_go_on(tmp_path, number, code):
    folder = str(tmp_path / "shards")
    process = tiny.start(command(folder))
    deadline = time.monotonic() + 120
    while num_written(folder) < 2:
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == code
    assert output.strip().endswith("interrupted: the same command goes on where it was")
    assert "Traceback" not in output


def test_a_finished_folder_is_left_alone_and_a_lost_shard_is_written_again(finished, tmp_path):
    before = sharded.contents(finished)
    _, said = sharded.prepare(finished, **FLAGS)
    assert said == [f"{finished}: finished before; train with --data={finished}"]
    os.remove(os.path.join(finished, "frames-00005-of-00024.tfrecord"))
    sharded.prepare(finished, **FLAGS)
    assert sharded.contents(finished) == before


@pytest.mark.parametrize(
    ("flags", "difference"),
    [
        ({"window": 2}, "--window=0 there, 2 now"),
        ({"frame_format": "jpeg"}, "--frame_format=png there, jpeg now; --jpeg_quality=unused there, 95 now"),
        ({"frames": "all"}, "--frames=labelled there, all now; --window=0 there, unused now"),
        ({"data": "signers:train:17"}, "clip signers-train-00016 is new"),
        ({"signer_size": 72}, "the labels, the pictures or the video of clip signers-train-00000 have changed"),
    ],
)
def test_other_data_and_settings_are_refused(finished, flags, difference):
    with pytest.raises(ValueError, match="holds shards of other") as caught:
        sharded.prepare(finished, **{**FLAGS, **flags})
    assert str(caught.value) == f"--out_dir: {finished} holds shards of other data or settings: {difference}"


def test_other_files_are_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(ValueError, match="expected a new folder or shards, .* which holds letter.txt"):
        sharded.prepare(tmp_path, **FLAGS)


def test_another_process_in_the_folder_is_refused(tmp_path):
    with locks.hold_folder(tmp_path, ""), pytest.raises(ValueError, match="another process is preparing shards in"):
        sharded.prepare(tmp_path, **FLAGS)
    assert os.listdir(tmp_path) == []


def test_shards_can_be_prepared_from_shards(tmp_path):
    project = sharded.write_video_project(tmp_path / "project", ["one"])
    first, _ = sharded.prepare(tmp_path / "first", data=project, window=2)
    second, _ = sharded.prepare(tmp_path / "second", data=first, window=1, frames_per_shard=3)
    sharded.assert_same_batches(sharded.open_with(data=project), sharded.open_with(data=second), (-1, 0, 1))


def test_digests_of_lossy_pictures_differ():
    assert preparing.change_digest("", 95) == ""
    assert len({preparing.change_digest("ab", 95), preparing.change_digest("ab", 90), "ab"}) == 3
