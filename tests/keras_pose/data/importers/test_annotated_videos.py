"""Folders of `keras-pose annotate` as data: videos that have moved, and folders that are not whole."""

import json
import shutil

import numpy as np
import pytest

from keras_pose import files
from keras_pose.data.clip import UNLABELLED
from keras_pose.data.importers import annotated_videos
from keras_pose.data.open_source import open_source
from keras_pose.media.file_digests import digest_video
from tests.helpers import suggested_frames
from tests.helpers.suggested_frames import SKELETON


def write_folder(folder, videos=("one", "two")):
    """Writes videos/<name>.avi beside out/, whose first joint is unlabelled in frame 2; frame 3 has no label."""
    entries = []
    for seed, name in enumerate(videos):
        path = suggested_frames.write_clip(folder / "videos" / f"{name}.avi", 5, seed)
        weights = np.tile(np.array([0.5, 0.25], np.float32), (5, 1))
        weights[2, 0] = 0
        weights[3] = 0
        arrays = {"frames": np.arange(5, dtype=np.int32), "joints": suggested_frames.true_joints(5), "weights": weights}
        files.write_arrays(folder / "out" / f"{name}.npz", arrays)
        about = {"path": path, "relative_path": f"../videos/{name}.avi", "digest": digest_video(path)}
        entries.append({"name": name, "status": "labelled", "file": f"{name}.npz", **about})
    head = {"format": 1, "teacher": {"name": "net"}, "settings": {}, "skeleton": SKELETON.to_dict()}
    files.write_json(folder / "out" / annotated_videos.FILE_NAME, {**head, "videos": entries})
    return folder / "out"


def change(folder, **values):
    path = folder / annotated_videos.FILE_NAME
    about = json.loads(path.read_text())
    path.write_text(json.dumps({**about, **values}))


def test_labels_and_weights_are_those_of_the_archive(tmp_path):
    source = open_source(write_folder(tmp_path))
    assert source.skeleton == SKELETON
    clip = source.clips[0]
    assert clip.labelled.tolist() == [0, 1, 2, 4]
    assert clip.visibility[2].tolist() == [UNLABELLED, 2]
    assert np.isnan(clip.joints[2, 0]).all()
    np.testing.assert_array_equal(clip.weights[0], [0.5, 0.25])
    np.testing.assert_array_equal(clip.joints[1], suggested_frames.true_joints(2)[1])
    assert clip.frames.num_frames == 5
    assert clip.has_neighbours(0)


def test_videos_that_moved_with_the_folder_or_lie_elsewhere_are_found(tmp_path):
    write_folder(tmp_path / "before")
    shutil.move(str(tmp_path / "before"), str(tmp_path / "after"))
    folder = tmp_path / "after" / "out"
    assert len(open_source(folder).clips) == 2
    shutil.move(str(tmp_path / "after" / "videos"), str(tmp_path / "elsewhere"))
    with pytest.raises(ValueError, match=r"one\.avi.*set --image_dir"):
        open_source(folder)
    assert open_source(folder, image_dir=str(tmp_path / "elsewhere")).clips[1].frames.num_frames == 5
    shutil.move(str(tmp_path / "elsewhere"), str(folder / "videos"))
    assert len(open_source(folder / annotated_videos.FILE_NAME).clips) == 2


def test_another_video_of_the_same_name_is_refused(tmp_path):
    folder = write_folder(tmp_path)
    shutil.copy(tmp_path / "videos" / "two.avi", tmp_path / "videos" / "one.avi")
    with pytest.raises(ValueError, match=r"one\.avi: has another content than the video that was labelled"):
        open_source(folder)


def test_folders_that_are_not_whole_name_what_is_wrong(tmp_path):
    folder = write_folder(tmp_path)
    (folder / "two.npz").unlink()
    with pytest.raises(OSError, match=r"two\.npz"):
        open_source(folder)
    files.write_arrays(
        folder / "two.npz", {"frames": np.arange(5), "joints": np.zeros((5, 3, 2)), "weights": np.ones(5)}
    )
    with pytest.raises(ValueError, match=r"two\.npz: expected labels of a video"):
        open_source(folder)
    change(folder, format=2)
    with pytest.raises(ValueError, match=r"annotations_source\.json: expected format 1, received 2"):
        open_source(folder)
    change(folder, format=1, videos=[])
    with pytest.raises(ValueError, match="expected at least one labelled video"):
        open_source(folder)
