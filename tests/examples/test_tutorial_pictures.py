"""The pictures of the tutorial come from the folder in which its commands were run."""

import numpy as np
import pytest
from PIL import Image

from examples import tutorial_pictures
from keras_pose.media.mp4_writer import Mp4Writer
from keras_pose.poses import formats
from keras_pose.poses.video_poses import VideoFacts
from keras_pose.skeleton import UPPER_BODY
from keras_pose.viz.pictures import save_png
from tests.helpers.video_poses import random_poses


@pytest.fixture
def folder(tmp_path):
    """A folder of the tutorial, with noise in its pictures."""
    rng = np.random.default_rng(0)
    for place in ("inspect/contact_sheet.png", "to_label/suggested.png"):
        (tmp_path / place).parent.mkdir()
        save_png(tmp_path / place, rng.integers(0, 256, (40, 1000, 3)).astype(np.uint8))
    (tmp_path / "predictions").mkdir()
    poses = random_poses(20, skeleton=UPPER_BODY).replace(video=VideoFacts("signer_5.mp4", (240, 320), 25.0, 20))
    formats.write(tmp_path / "predictions" / "signer_5.npz", poses)
    with Mp4Writer(tmp_path / "predictions" / "signer_5_labelled.mp4", (48, 64)) as writer:
        for number in range(20):
            writer.write(np.full((48, 64, 3), 12 * number, np.uint8), number / 25)
    return tmp_path


def test_pictures_are_small_and_show_what_was_written(folder, tmp_path):
    paths = tutorial_pictures.write_pictures(str(folder), str(tmp_path / "images"))
    images = {path.rsplit("_", 1)[1]: np.asarray(Image.open(path).convert("RGB")) for path in paths}
    assert images["labels.jpg"].shape == images["suggested.jpg"].shape == (36, 900, 3)
    assert images["labelled.jpg"].shape == (48, 3 * 64, 3)
    greys = [images["labelled.jpg"][24, 64 * n + 32].mean() for n in range(3)]
    np.testing.assert_allclose(greys, [12 * 4, 12 * 9, 12 * 14], atol=8)


def test_what_the_net_is_not_sure_of_is_faint(folder):
    poses = random_poses(20, skeleton=UPPER_BODY)
    sure = poses.replace(confidences=np.ones_like(poses.confidences), scores=np.ones_like(poses.scores))
    unsure = poses.replace(confidences=np.zeros_like(poses.confidences), scores=np.zeros_like(poses.scores))
    ink = [(255 - tutorial_pictures.draw_joint(each, 1)[:260].astype(int)).sum() for each in (sure, unsure)]
    assert ink[0] > 1.1 * ink[1]


def test_a_folder_without_predictions_is_refused(folder):
    (folder / "predictions" / "signer_5.npz").unlink()
    with pytest.raises(SystemExit, match=r"signer_5\.npz"):
        tutorial_pictures.main([f"--folder={folder}", f"--out={folder}"])
