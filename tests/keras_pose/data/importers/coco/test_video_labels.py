"""Labels of video frames that are positions in stored frames: they are turned to where their joints are."""

import json

import numpy as np
import pytest

from keras_pose.data import selection, validation
from keras_pose.data.config import DataConfig
from keras_pose.data.importers.coco import dataset
from keras_pose.media.orientation import turn_back
from tests.helpers.coded_videos import turn_by_matrix, write_coded

# Display matrix and orientation of EXIF.
TURNS = {"90": ((0, 1, -1, 0), 6), "180": ((-1, 0, 0, -1), 3), "270": ((0, -1, 1, 0), 8), "mirror": ((-1, 0, 0, 1), 2)}
UPRIGHT_HW = (64, 96)


def draw(point, size_hw):
    """A dark frame with a bright square of 7×7 px around a point."""
    frame = np.full((*size_hw, 3), 20, np.uint8)
    x, y = point
    frame[y - 3 : y + 4, x - 3 : x + 4] = 255
    return frame


def write(folder, turn, as_stored, stated=True, size_hw=UPRIGHT_HW, name="v", count=3):
    """Writes a turned video and labels of the square in it; returns the path of the annotations."""
    matrix, orientation = TURNS[turn]
    images = []
    annotations = []
    stored = []
    for i in range(count):
        upright = draw((20 + 12 * i, 15 + 3 * i), size_hw)
        stored.append(turn_back(upright, orientation))
        seen = stored[i] if as_stored else upright
        y, x = np.argwhere(seen[..., 0] > 128).mean(0).tolist()
        image = {"id": i, "video_id": 1, "frame_index": i}
        images.append({**image, "height": seen.shape[0], "width": seen.shape[1]} if stated else image)
        annotations.append({"id": i, "image_id": i, "category_id": 1, "keypoints": [x, y, 2, 0, 0, 0]})
    turn_by_matrix(write_coded(folder / f"{name}.mp4", stored), matrix)
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "thing", "keypoints": ["a", "b"]}],
        "videos": [{"id": 1, "file_name": f"{name}.mp4"}],
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content))
    return path


def assert_joints_are_at_the_squares(source):
    (clip,) = source.clips
    for row, position in enumerate(clip.labelled.tolist()):
        frame = clip.frames.read([position])[0]
        y, x = np.argwhere(frame[..., 0] > 128).mean(0)
        np.testing.assert_allclose(clip.joints[row, 0], [x, y], atol=0.6)
        assert np.isnan(clip.joints[row, 1]).all()


@pytest.mark.parametrize("as_stored", [False, True])
@pytest.mark.parametrize("turn", ["90", "270"])
def test_the_stated_size_decides(tmp_path, turn, as_stored):
    source = dataset.read(write(tmp_path, turn, as_stored))
    assert_joints_are_at_the_squares(source)
    assert any("3 frames are turned like the frames" in note for note in source.notes) == as_stored


@pytest.mark.parametrize("as_stored", [False, True])
@pytest.mark.parametrize(
    ("turn", "options"),
    [("180", {}), ("mirror", {}), ("90", {"stated": False}), ("90", {"size_hw": (64, 64)})],
)
def test_the_flag_decides_what_the_size_leaves_open(tmp_path, turn, options, as_stored):
    path = write(tmp_path, turn, as_stored, **options)
    with pytest.raises(ValueError, match=r"v.json: 3 frames .* add --exif_orientation=upright or --exif_orientation"):
        dataset.read(path)
    choice = "stored" if as_stored else "upright"
    source = selection.open_data(str(path), DataConfig(source=str(path), exif_orientation=choice))
    assert_joints_are_at_the_squares(source)
    assert f"positions in the {choice} frames: --exif_orientation={choice}" in source.notes[0]


@pytest.mark.parametrize("as_stored", [False, True])
def test_others_of_the_file_decide_what_the_size_leaves_open(tmp_path, as_stored):
    path = write(tmp_path, "90", as_stored)
    content = json.loads(path.read_text())
    del content["images"][1]["width"]
    path.write_text(json.dumps(content))
    source = dataset.read(path)
    assert_joints_are_at_the_squares(source)
    assert any("the label of 1 frame is taken as positions in the" in note for note in source.notes)


def test_a_size_that_the_video_does_not_have_is_an_invalid_label(tmp_path):
    path = write(tmp_path, "90", as_stored=False)
    content = json.loads(path.read_text())
    content["images"][2].update(height=32, width=48)
    path.write_text(json.dumps(content))
    source = dataset.read(path)
    (problem,) = source.problems
    assert problem.message.endswith(f"annotation 2: expected frames of 64×96 px (height×width) as in {tmp_path}/v.mp4, "
                                    "received 32×48")  # fmt: skip
    assert validation.validate(source, "skip").clips[0].labelled.tolist() == [0, 1]
