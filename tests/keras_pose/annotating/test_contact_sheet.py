"""The picture of sure and unsure frames."""

import numpy as np

from keras_pose.annotating import contact_sheet, video_labels
from keras_pose.annotating.person_joints import COCO
from keras_pose.annotating.weighting import VideoLabels
from keras_pose.media.images import image_size
from tests.helpers import teachers


def test_frames_of_different_videos_come_first_then_frames_that_lie_apart():
    ranked = [(1.0, "a", 0), (0.9, "a", 1), (0.8, "a", 30), (0.7, "b", 5), (0.6, "b", 6)]
    chosen = contact_sheet._spread(ranked, 4)
    assert chosen == [ranked[0], ranked[3], ranked[2], ranked[1]]


def test_the_picture_shows_labels_and_what_was_thrown_out(tmp_path):
    path = teachers.write_clip(tmp_path / "a.avi", 4)
    joints = np.repeat(teachers.spot_positions(4)[:, None], 17, 1) + np.arange(17)[:, None]
    values = np.full((4, 17), 0.8, np.float32)
    weights = values.copy()
    weights[:, 0] = 0
    labels = VideoLabels(np.arange(4, dtype=np.int32), joints, values, values, values, weights)
    video_labels.write(str(tmp_path / "a.npz"), labels)
    videos = [{"name": "a", "file": "a.npz", "path": path}]
    written = contact_sheet.write(str(tmp_path), videos, COCO, 0.3)
    first = (tmp_path / contact_sheet.FILE_NAME).read_bytes()
    assert image_size(written)[1] > 1000
    contact_sheet.write(str(tmp_path), videos, COCO, 0.9)
    assert (tmp_path / contact_sheet.FILE_NAME).read_bytes() != first
