"""Exported signers read back as they were; a contact sheet shows them."""

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from keras_pose import files
from keras_pose.data import validation
from keras_pose.data.importers.coco import dataset
from keras_pose.data.synthetic import contact_sheet, export, signers


def smooth(frames):
    return np.stack([cv2.blur(frame, (5, 5)) for frame in frames]).astype(int)  # the codecs drop noise of colour


@pytest.mark.parametrize("ending", ["avi", "mp4"])
def test_round_trip_keeps_labels_exactly_and_frames_nearly(tmp_path, ending):
    export.export_signers(tmp_path, "validation", 2, num_frames=5, size_hw=(64, 80), ending=ending)
    read = dataset.read(tmp_path)
    original = signers.open_signers("validation", 2, 5, (64, 80))
    assert read.skeleton == original.skeleton
    assert [c.name for c in read.clips] == [c.name for c in original.clips]
    for found, wanted in zip(read.clips, original.clips):
        np.testing.assert_array_equal(found.joints, wanted.joints)
        np.testing.assert_array_equal(found.visibility, wanted.visibility)
        np.testing.assert_array_equal(found.labelled, wanted.labelled)
        assert found.frames.num_frames == 5
        assert found.frames.size_hw == (64, 80)
        frames = smooth(found.frames.read(range(5)))
        own = smooth(wanted.frames.read(range(5)))
        errors = np.abs(frames[:, None] - own[None]).mean((2, 3, 4))
        assert np.diag(errors).max() < 4
        if ending == "avi":  # MPEG-4 codes differences, so frames of a hold mix
            np.testing.assert_array_equal(errors.argmin(1), range(5))


def test_frames_of_a_video_may_be_partly_labelled_and_out_of_order(tmp_path):
    path = export.export_signers(tmp_path, "validation", 1, num_frames=5, size_hw=(64, 80))
    content = files.read_json(path)
    content["annotations"] = [content["annotations"][3], content["annotations"][1]]
    files.write_json(path, content)
    clip = dataset.read(path).clips[0]
    np.testing.assert_array_equal(clip.labelled, [1, 3])
    np.testing.assert_array_equal(clip.joints, signers.generate("validation", 0, 5, (64, 80)).joints[[1, 3]])


@pytest.mark.parametrize(
    ("field", "number", "values", "message"),
    [
        ("images", 2, {"frame_index": 1}, "two images have the same frame_index, 1, in video"),
        ("images", 2, {"frame_index": "1"}, "image 3 .annotation 3.: expected frame_index of 0 or more, received '1'"),
        ("images", 2, {"frame_index": -1}, "expected frame_index of 0 or more, received -1"),
        ("images", 2, {"frame_index": 2**40}, "expected frame_index of 0 or more, received 1099511627776"),
        ("images", 2, {"frame_index": 1.5}, "expected frame_index of 0 or more, received 1.5"),
        ("images", 2, {"video_id": 9}, r"expected video_id of an entry in 'videos', received \[9\]"),
        ("images", 2, {"frame_index": None}, "image 3 .annotation 3.: expected 'videos/.*#2' in"),
        ("videos", 1, {"file_name": "lost.avi"}, "image 4 .annotation 4.: expected 'lost.avi' in"),
        ("videos", 1, {"file_name": "annotations.json"}, "annotations.json"),
        ("videos", 1, {"id": 1}, "video id 1 belongs to 'videos/.*' and 'videos/.*'"),
    ],
)
def test_bad_frames_and_videos_stop_or_are_left_out(tmp_path, field, number, values, message):
    path = export.export_signers(tmp_path, "validation", 3, num_frames=3, size_hw=(64, 80))
    content = files.read_json(path)
    content[field][number].update(values)
    files.write_json(path, content)
    source = dataset.read(path)
    with pytest.raises(ValueError, match=message):
        validation.validate(source)
    kept = validation.validate(source, "skip")
    counts = {clip.name: clip.num_labelled for clip in kept.clips}
    names = [clip.name for clip in signers.open_signers("validation", 3, 3, (64, 80)).clips]
    assert counts[names[2]] == 3
    assert sum(counts.values()) < 9
    assert f"annotations.json: read {sum(counts.values())} of 9 annotations in" in source.summary


def test_frames_of_one_video_under_two_ids_are_one_clip(tmp_path):
    path = export.export_signers(tmp_path, "validation", 1, num_frames=3, size_hw=(64, 80))
    content = files.read_json(path)
    content["videos"].append({**content["videos"][0], "id": 2, "file_name": "./" + content["videos"][0]["file_name"]})
    content["images"][1].update(video_id=2, frame_index=1.0)
    files.write_json(path, content)
    (clip,) = dataset.read(path).clips
    assert clip.labelled.tolist() == [0, 1, 2]


def test_progress_is_told_and_an_unfinished_export_has_no_labels(tmp_path):
    told = []
    export.export_signers(tmp_path, "test", 2, 3, (48, 48), progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export.export_signers(tmp_path, "test", 2, 3, (64, 64), progress=stop)
    assert not os.path.exists(tmp_path / "annotations.json")


def test_the_command_writes_a_data_set(tmp_path):
    command = [sys.executable, "-m", "keras_pose.data.synthetic.export", f"--out={tmp_path}", "--num_clips=1"]
    command += ["--num_frames=3", "--height=48", "--width=64", "--split=test"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "1/1 clips" in done.stdout
    assert dataset.read(tmp_path).clips[0].frames.size_hw == (48, 64)


def test_contact_sheet_has_two_rows_a_clip_and_one_of_flow():
    sheet = contact_sheet.make_sheet("test", 0, num_clips=2, step=2, columns=3, size=48, zoom=2)
    assert sheet.shape == (5 * 96, 3 * 96, 3)
    clip = signers.generate("test", 0, 7, (48, 48))
    np.testing.assert_array_equal(sheet[:96:2, 96:192:2], clip.frames[2])
    assert (sheet[96:192] != sheet[:96]).any()


def test_the_contact_sheet_command_writes_a_picture(tmp_path):
    path = tmp_path / "sheet.png"
    command = [sys.executable, "-m", "keras_pose.data.synthetic.contact_sheet", f"--out={path}", "--num_clips=1"]
    subprocess.run([*command, "--columns=2", "--size=32"], capture_output=True, check=True)
    assert cv2.imread(str(path)).shape == (3 * 64, 2 * 64, 3)


def test_flow_colours_tell_direction_and_speed():
    flow = np.zeros((1, 3, 2), np.float32)
    flow[0, 1] = (4, 0)
    flow[0, 2] = (-4, 0)
    still, right, left = contact_sheet.color_flow(flow, 4.0)[0].astype(int)
    assert (still == 255).all()
    assert right[0] > right[2]
    assert left[2] > left[0]


def test_the_second_version_is_exported_under_its_name(tmp_path):
    path = export.export_signers(tmp_path, "test", 1, 3, (48, 48), version=2)
    content = files.read_json(path)
    assert content["info"]["version"] == "2"
    assert content["videos"][0]["file_name"] == "videos/signers2-test-00000.avi"
    own = signers.generate("test", 0, 3, (48, 48), 2)
    np.testing.assert_array_equal(dataset.read(path).clips[0].joints, own.joints)
    sheet = contact_sheet.make_sheet("test", 0, num_clips=1, step=1, columns=2, size=48, zoom=1, version=2)
    np.testing.assert_array_equal(sheet[:48, :48], signers.generate("test", 0, 3, (48, 48), 2).frames[0])
