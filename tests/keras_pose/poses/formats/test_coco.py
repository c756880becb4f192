import json

import numpy as np
import PIL.Image
import pytest

from keras_pose.data.open_source import open_source
from keras_pose.poses.formats import coco
from keras_pose.skeleton import Skeleton
from tests.helpers import coded_videos, pose_files
from tests.helpers.video_poses import random_poses


def strict(path):
    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


@pytest.mark.parametrize("name", pose_files.CASES)
def test_it_is_coco(tmp_path, name):
    """What pycocotools relies on: unique ids, images and categories that exist, J × (x, y, v), scores of people."""
    poses = pose_files.case(name)
    coco.write(tmp_path / "a.coco.json", poses)
    content = strict(tmp_path / "a.coco.json")
    (category,) = content["categories"]
    assert tuple(category["keypoints"]) == poses.skeleton.joints
    assert [(a - 1, b - 1) for a, b in category["skeleton"]] == poses.skeleton.edge_indices()
    images = {image["id"]: image for image in content["images"]}
    assert [image["frame_index"] for image in images.values()] == poses.frames.tolist()
    assert len({a["id"] for a in content["annotations"]}) == len(content["annotations"])
    found = np.full(poses.joints.shape, np.nan)
    likelihoods = pose_files.likelihoods(poses)
    for annotation in content["annotations"]:
        n = poses.frames.tolist().index(images[annotation["image_id"]]["frame_index"])
        p = annotation["track_id"] - 1
        keypoints = np.array(annotation["keypoints"]).reshape(-1, 3)
        there = keypoints[:, 2] == 2
        assert annotation["num_keypoints"] == there.sum() > 0
        found[n, p, there] = keypoints[there, :2]
        assert (keypoints[~there] == 0).all()
        left, top, width, height = annotation["bbox"]
        np.testing.assert_allclose([left, top], keypoints[there, :2].min(0), atol=0.002)
        np.testing.assert_allclose([left + width, top + height], keypoints[there, :2].max(0), atol=0.002)
        if name == "no scores":
            assert "score" not in annotation
            assert annotation["keypoint_scores"] == [None] * 3
        else:
            assert annotation["score"] == pytest.approx(np.nanmean(likelihoods[n, p]), abs=1e-5)
            np.testing.assert_allclose(annotation["keypoint_scores"], np.nan_to_num(likelihoods[n, p]), atol=1e-6)
    np.testing.assert_allclose(found, poses.joints, atol=0.00051, rtol=0)
    times = [image["time_s"] for image in content["images"]]
    assert times == ([None] * 12 if name == "no times" else pytest.approx(poses.times_s.tolist(), abs=1e-6))


def test_sleap_io_reads_it(tmp_path):
    sleap_io = pytest.importorskip("sleap_io")
    poses = pose_files.case("people")
    coco.write(tmp_path / "a.coco.json", poses)
    (tmp_path / "clip one").mkdir()
    for number in range(12):
        PIL.Image.new("RGB", (320, 240)).save(tmp_path / "clip one" / f"{number:06}.png")
    labels = sleap_io.load_coco(str(tmp_path / "a.coco.json"))
    assert tuple(labels.skeletons[0].node_names) == poses.skeleton.joints
    assert [len(frame.instances) for frame in labels] == [2] * 3 + [0] + [2] * 6 + [1] * 2
    np.testing.assert_allclose(labels[0].instances[1].numpy(), poses.joints[0, 1], atol=0.00051)


def test_it_can_be_read_as_labels(tmp_path):
    """The frames of the video, the joints of the poses."""
    size_hw = coded_videos.SIZE_HW
    skeleton = Skeleton("arm", ("a", "b"), (), (("a", "b"),))
    coded_videos.write_coded(tmp_path / "clip.mp4", [coded_videos.draw_frame(n) for n in range(12)])
    poses = random_poses(skeleton=skeleton, size_hw=size_hw, path="clip.mp4")
    coco.write(tmp_path / "annotations.json", poses)
    source = open_source(str(tmp_path / "annotations.json"))
    assert source.skeleton.joints == skeleton.joints
    (clip,) = source.clips
    labelled = np.flatnonzero(np.isfinite(poses.joints).all((1, 2, 3)))
    assert list(clip.labelled) == labelled.tolist()
    np.testing.assert_allclose(clip.joints, poses.joints[labelled, 0], atol=0.00051)
