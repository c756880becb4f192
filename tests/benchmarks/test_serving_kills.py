"""The benchmark's part that kills exports: what it says of good writers and of bad ones."""

import random
import shutil
import sys

import pytest

from benchmarks import serving
from benchmarks.server import kills
from keras_pose.exporting import publish
from tests.benchmarks.test_serving import find
from tests.helpers import serving_export

pytestmark = pytest.mark.timeout(240)
IMAGE = serving_export.encode(".jpg", 24, 32)

# Publishes a copy of a SavedModel file by file, slowly: whole, or (torn) where it can be seen.
_WRITER = """
import os, shutil, sys, time

kind, source, folder = sys.argv[1:]

def write(target):
    for name in ("saved_model.pb", "fingerprint.pb", "variables/variables.index"):
        os.makedirs(os.path.dirname(os.path.join(target, name)), exist_ok=True)
        shutil.copy(os.path.join(source, name), os.path.join(target, name))
        time.sleep(0.2)
    shutil.copytree(source, target, dirs_exist_ok=True)

if kind == "torn":
    write(os.path.join(folder, str(len(os.listdir(folder)) + 1)))
else:
    from keras_pose.exporting import publish

    with publish.new_version(folder) as (_, hidden):
        write(hidden)
"""


@pytest.fixture(scope="module")
def numbered(tmp_path_factory):
    """pathlib.Path of a model that loads in a moment."""
    path = tmp_path_factory.mktemp("numbered") / "pose" / "1"
    serving_export.write_numbered(path, 1)
    return path


def kill(kind, numbered, folder, count):
    folder.mkdir()
    command = [sys.executable, "-c", _WRITER, kind, str(numbered), str(folder)]
    return kills.kill_exports(command, folder, IMAGE, count, random.Random(0))


def test_kills_of_an_export_that_publishes_whole_versions(numbered, tmp_path):
    seen = kill("whole", numbered, tmp_path / "pose", 6)
    rows = seen.rows()
    assert seen.faults == []
    assert find(rows, "incomplete versions").holds
    assert seen.kills + seen.finished == 6
    assert seen.kills >= 1
    assert publish.versions(tmp_path / "pose") == list(range(1, seen.published + 3))
    assert [path.name for path in (tmp_path / "pose").glob(".*")] == []


def test_kills_of_an_export_that_is_seen_half_written_are_told(numbered, tmp_path):
    seen = kill("torn", numbered, tmp_path / "pose", 6)
    assert any("lacks, or has beyond the first version: " in fault for fault in seen.faults)
    assert find(seen.rows(), "incomplete versions").holds is False


def test_kills_find_what_else_can_be_wrong(numbered, tmp_path):
    folder = tmp_path / "pose"
    for number in (1, 2, 3):
        shutil.copytree(numbered, folder / str(number))
        if number == 1:
            watch = kills._Watch(folder, IMAGE)
    (folder / "2" / "saved_model.pb").write_bytes(b"half")
    shutil.rmtree(folder / "3")
    serving_export.write_numbered(folder / "3", 3)
    (folder / "writing-4").mkdir()
    (folder / ".writing-5").mkdir()
    faults = watch.find_faults()
    assert [fault.split(":")[0] for fault in faults] == ["writing-4 can be seen", "version 2", "version 3"]
    assert "cannot be loaded and asked" in faults[1]
    assert "answers otherwise than the first version" in faults[2]
    (folder / "1" / "variables" / "variables.index").write_bytes(b"")
    assert "version 1: its files have changed" in watch.find_faults()


def test_an_export_that_dies_by_itself_is_not_taken_for_a_killed_one(monkeypatch):
    dies = 'import os, signal; print("dying", flush=True); os.kill(os.getpid(), signal.SIGTERM)'
    with pytest.raises(RuntimeError, match=r"ended with -15:\ndying"):
        kills._run([sys.executable, "-c", dies], 60)
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    assert kills._run(sleeps, 0.1) is None
    monkeypatch.setattr(kills, "LIMIT_S", 0.1)
    with pytest.raises(RuntimeError, match="ended with -9"):  # it was to be left alone
        kills._run(sleeps)


def test_the_part_kills_exports_the_run_that_the_versions_lie_in(numbered, tmp_path, monkeypatch):
    asked = {}

    def note(command, model_dir, image, count, chooser):
        asked.update(command=command, model_dir=model_dir, count=count)
        return kills.Kills(whole_s=1.0)

    monkeypatch.setattr(kills, "kill_exports", note)
    (tmp_path / "export").mkdir()
    (tmp_path / "flags.txt").touch()
    shutil.copytree(numbered.parent, tmp_path / "export" / "pose")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "flags.txt").touch()
    for run_dir, expected in ((None, tmp_path), (str(tmp_path / "other"), tmp_path / "other")):
        serving.measure_kills(tmp_path / "export" / "pose" / "1", quick=True, run_dir=run_dir)
        assert asked["command"][1:3] == ["export.py", f"--run_dir={expected.resolve()}"]
        assert asked["command"][3] == f"--export_dir={asked['model_dir'].parent}"
        assert asked["count"] == 2
    with pytest.raises(ValueError, match="--run_dir: expected a run to export"):
        serving.measure_kills(numbered, quick=True)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ([], "--run_dir: expected a run to export, and {} lies in none"),
        (["--run_dir=/nowhere"], "--run_dir: expected a run to export, received /nowhere"),
    ],
)
def test_a_run_that_is_not_there_ends_the_command_before_any_part(numbered, monkeypatch, flags, says, capsys):
    monkeypatch.setitem(serving.PARTS, "latency", lambda *_: pytest.fail("was run"))
    with pytest.raises(SystemExit) as ended:
        serving.main(["--only=latency,kills", f"--base_path={numbered.parent}", *flags])
    assert ended.value.code == 2
    assert says.format(numbered) in capsys.readouterr().err
