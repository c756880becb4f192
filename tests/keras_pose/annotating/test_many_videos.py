"""A folder of annotations: failures, videos that are left out, going on after a kill, and the way back as `--data`."""

import json
import shutil
import signal
import sys

import numpy as np
import pytest

from keras_pose import locks
from keras_pose.annotating import contact_sheet, many_videos
from keras_pose.annotating.config import AnnotateConfig
from keras_pose.data.clip import UNLABELLED
from keras_pose.data.open_source import open_source
from keras_pose.data.validation import validate
from tests.helpers import exported_runs, predicted_videos, teachers


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("videos")
    return [
        teachers.write_clip(folder / "a.avi", 8, jumps=(3,)),
        teachers.write_clip(folder / "b.avi", 6, seed=1),
        teachers.write_empty_clip(folder / "empty.avi"),
    ]


def annotate(teacher, videos, out_dir, **flags):
    lines = []
    config = AnnotateConfig(teacher=teacher, video=tuple(videos), out_dir=str(out_dir), **flags)
    failed = many_videos.annotate(config, videos, lines.append)
    return failed, lines


@pytest.fixture(scope="module")
def annotated(movenet_folder, videos, tmp_path_factory):
    folder = tmp_path_factory.mktemp("annotated") / "out"
    failed, lines = annotate(movenet_folder, videos, folder)
    assert failed == 0
    return folder, lines


def test_the_folder_opens_as_data_with_weights_and_neighbours(annotated, videos):
    folder, lines = annotated
    source = validate(open_source(str(folder)))
    assert [clip.name for clip in source.clips] == ["a", "b"]
    clip = source.clips[0]
    assert clip.labelled.tolist() == [0, 1, 2, 4, 5, 6, 7]  # the teacher jumped in frame 3
    ankle = source.skeleton.index("left_ankle")
    assert (clip.visibility[:, ankle] == UNLABELLED).all()
    assert (clip.weights[clip.visibility > 0] < 0.8).all()
    assert (clip.weights[clip.visibility > 0] > 0.2).all()
    assert clip.read_window(1, (-1, 0, 1)).shape == (3, 96, 96, 3)
    assert any("empty.avi: left out: only 0 % of its joints are labelled" in line for line in lines)
    assert "1 videos have no labels because the teacher is too unsure: empty" in source.notes
    assert (folder / contact_sheet.FILE_NAME).stat().st_size > 10_000


def test_finished_videos_are_not_labelled_again_and_other_settings_are_refused(annotated, movenet_folder, videos):
    folder, _ = annotated
    before = predicted_videos.read_files(folder)
    failed, lines = annotate(movenet_folder, videos, folder)
    assert failed == 0
    assert sum("finished before, skipped" in line for line in lines) == 3
    assert predicted_videos.read_files(folder) == before
    with pytest.raises(ValueError, match=r"holds annotations made with another --min_confidence: 0\.3, now 0\.5"):
        annotate(movenet_folder, videos, folder, min_confidence=0.5)
    assert predicted_videos.read_files(folder) == before


def test_a_second_process_in_the_folder_is_refused(movenet_folder, videos, tmp_path):
    with locks.hold_folder(tmp_path, ""), pytest.raises(ValueError, match=r"another process is writing to .*: process"):
        annotate(movenet_folder, videos, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_video_that_fails_does_not_stop_the_others(movenet_folder, videos, tmp_path):
    (tmp_path / "broken.avi").write_bytes(b"no video")
    failed, lines = annotate(movenet_folder, [str(tmp_path / "broken.avi"), videos[1]], tmp_path / "out")
    assert failed == 1
    assert any("broken.avi: failed: " in line for line in lines)
    [broken] = [
        v for v in json.loads((tmp_path / "out/annotations_source.json").read_text())["videos"] if v["name"] != "b"
    ]
    assert broken["status"] == "failed"
    assert "expected a video, but" in broken["reason"]
    assert len(open_source(str(tmp_path / "out")).clips) == 1


def test_a_teacher_that_is_too_unsure_everywhere_is_refused(movenet_folder, videos, tmp_path):
    with pytest.raises(ValueError, match="too unsure in all 1 videos; .*only 0 % of its joints"):
        annotate(movenet_folder, videos[2:], tmp_path / "out")
    with pytest.raises(ValueError, match="expected at least 100 %"):
        annotate(movenet_folder, videos[:1], tmp_path / "strict", min_agreeing=1.0, min_kept=0.0)


def test_a_run_of_this_package_is_a_teacher(videos, tmp_path):
    _, _, run = exported_runs.write_run(tmp_path / "run", data="signers:train:2")
    failed, lines = annotate(
        run, videos[:1], tmp_path / "out", min_confidence=0.0, agree_distance=1.0, min_agreeing=0.0
    )
    assert failed == 0
    assert any("has no calibration" in line for line in lines)
    source = open_source(str(tmp_path / "out"))
    assert source.skeleton.joints[:2] == ("head", "right_wrist")
    assert np.isfinite(source.clips[0].joints).any()


def test_a_killed_command_goes_on_with_equal_files(annotated, movenet_folder, videos, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "keras_pose", "annotate", f"--teacher={movenet_folder}", f"--out_dir={out}"]
    command += [f"--video={path}" for path in videos]
    status, _ = predicted_videos.stop_when(command, lambda: (out / "a.npz").exists(), signal.SIGKILL)
    assert status == -signal.SIGKILL
    failed, _ = annotate(movenet_folder, videos, out)
    assert failed == 0
    whole = predicted_videos.read_files(annotated[0])
    resumed = predicted_videos.read_files(out)
    assert resumed.keys() == whole.keys()
    for name in ("a.npz", "b.npz", contact_sheet.FILE_NAME):
        assert resumed[name] == whole[name], name
    records = [json.loads(each["annotations_source.json"]) for each in (whole, resumed)]
    for video in (each for found in records for each in found["videos"]):
        del video["relative_path"]  # the folders differ
    assert records[0] == records[1]
    assert not [path for path in out.iterdir() if path.name.endswith(".parts")]


def test_labels_of_a_video_that_changed_are_made_again(movenet_folder, videos, tmp_path):
    video = tmp_path / "a.avi"
    shutil.copy(videos[0], video)
    annotate(movenet_folder, [str(video)], tmp_path / "out")
    shutil.copy(videos[1], video)
    with pytest.raises(ValueError, match="has another content than the video that was labelled"):
        open_source(str(tmp_path / "out"))
    _, lines = annotate(movenet_folder, [str(video)], tmp_path / "out")
    assert not any("skipped" in line for line in lines)
    assert open_source(str(tmp_path / "out")).clips[0].num_labelled == 6
