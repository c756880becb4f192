"""Killed exports: complete versions pass, torn ones are faults."""

import random
import shutil
import sys

import pytest

from benchmarks.server import kills
from keras_pose.exporting import publish
from tests.helpers import serving_export
from tests.helpers.benchmark_rows import find_row

pytestmark = pytest.mark.timeout(240)
IMAGE = serving_export.encode(".jpg", 24, 32)

# Publishes a copy of a SavedModel file by file, slowly: hidden until it is whole, or (torn) visible at once.
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


def kill(kind, numbered, folder, count):
    folder.mkdir()
    command = [sys.executable, "-c", _WRITER, kind, str(numbered), str(folder)]
    return kills.kill_exports(command, folder, IMAGE, count, random.Random(0))


def test_kills_of_an_export_that_publishes_whole_versions(numbered, tmp_path):
    seen = kill("whole", numbered, tmp_path / "pose", 6)
    rows = seen.rows()
    assert seen.faults == []
    assert find_row(rows, "incomplete versions").holds
    assert seen.kills + seen.finished == 6
    assert seen.kills >= 1
    assert publish.versions(tmp_path / "pose") == list(range(1, seen.published + 3))
    assert [path.name for path in (tmp_path / "pose").glob(".*")] == []


def test_kills_of_an_export_that_is_visible_half_written_are_faults(numbered, tmp_path):
    seen = kill("torn", numbered, tmp_path / "pose", 6)
    assert any("missing, or not in the first version: " in fault for fault in seen.faults)
    assert find_row(seen.rows(), "incomplete versions").holds is False


def test_an_export_that_dies_by_itself_is_not_taken_for_a_killed_one(monkeypatch):
    dies = 'import os, signal; print("dying", flush=True); os.kill(os.getpid(), signal.SIGTERM)'
    with pytest.raises(RuntimeError, match=r"ended with -15:\ndying"):
        kills._run([sys.executable, "-c", dies], 60)
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    assert kills._run(sleeps, 0.1) is None
    monkeypatch.setattr(kills, "LIMIT_S", 0.1)
    with pytest.raises(RuntimeError, match="ended with -9"):  # nobody was to kill it
        kills._run(sleeps)


def test_the_run_that_contains_the_versions_is_exported(numbered, tmp_path, monkeypatch):
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
        kills.measure_kills(tmp_path / "export" / "pose" / "1", quick=True, run_dir=run_dir)
        assert asked["command"][1:3] == ["export.py", f"--run_dir={expected.resolve()}"]
        assert asked["command"][3] == f"--export_dir={asked['model_dir'].parent}"
        assert asked["count"] == 2
    with pytest.raises(ValueError, match="--run_dir: expected a run to export"):
        kills.measure_kills(numbered, quick=True)
