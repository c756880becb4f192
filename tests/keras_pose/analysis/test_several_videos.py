"""What becomes of a video: recorded first, then what was kept to go on is removed; a failed one keeps it."""

import threading
import time

import pytest

from keras_pose.analysis import several_videos
from keras_pose.analysis.several_videos import Done
from keras_pose.cluster.config import RayConfig


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ".clip.parts").mkdir()
    (tmp_path / ".clip.parts" / "part").write_text("kept")
    (tmp_path / ".clip.lock").write_text("")
    return tmp_path


@pytest.mark.parametrize(("failed", "left"), [(False, []), (True, [".clip.parts"])])
def test_a_video_is_recorded_before_its_parts_are_removed(folder, failed, left):
    seen = []

    def put(name, entry):
        seen.append((name, entry, (folder / ".clip.parts" / "part").exists()))

    lines = []
    several_videos.finish(str(folder), Done("clip", {"status": "x"}, "a line", failed), put, lines.append)
    assert seen == [("clip", {"status": "x"}, True)]
    assert lines == ["a line"]
    assert [path.name for path in folder.iterdir()] == left


def test_a_video_that_was_finished_before_is_not_recorded_again(folder):
    several_videos.finish(str(folder), Done("clip", None, ""), lambda *_: pytest.fail("recorded"), lambda _: None)
    assert list(folder.iterdir()) == []


def test_a_folder_is_made_held_and_rid_of_unfinished_files(tmp_path):
    folder = str(tmp_path / "new" / "out")
    with several_videos.writing_to(folder):
        (tmp_path / "new" / "out" / ".writing-clip.csv").write_text("half")
        with pytest.raises(ValueError, match="--out_dir: another process is writing to .*out: process"):  # noqa: SIM117
            with several_videos.writing_to(folder):
                pass
    with several_videos.writing_to(folder):
        assert [path.name for path in (tmp_path / "new" / "out").iterdir()] == [".lock"]


def test_a_job_waits_for_another_process_that_does_the_same(tmp_path):
    class Job:
        name = "clip"

    at_once = []

    def do(job):
        at_once.append(job)
        assert len(at_once) == 1
        time.sleep(0.2)
        at_once.remove(job)
        return Done("clip", None, "")

    alone = several_videos.alone(str(tmp_path), do)
    threads = [threading.Thread(target=alone, args=(Job(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert at_once == []


def test_a_folder_that_a_machine_does_not_see_is_named(tmp_path):
    several_videos.check_shared(str(tmp_path))
    with pytest.raises(OSError, match="nowhere: not found on .*; all machines need the same folders at the same paths"):
        several_videos.check_shared(str(tmp_path / "nowhere"))


def test_one_process_shows_no_number_of_videos():
    with several_videos.shown("predicting", 3, RayConfig()) as count:
        assert count() is None
