import subprocess
import sys

import numpy as np
import pytest

from keras_pose.tracking.detected_people import DetectedPeople
from keras_pose.tracking.following import Following
from keras_pose.tracking.regions import FixedRegion, WholeFrame
from keras_pose.tracking.sources import check_flags, open_source
from keras_pose.tracking.track_files import TrackedBoxes
from tests import conftest
from tests.helpers.blob_detector import draw_blobs, save_detector

SIZE = (240, 320)


@pytest.fixture
def boxes(tmp_path):
    path = tmp_path / "boxes.txt"
    path.write_text("1,1,51,61,40,80\n", encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def detector(tmp_path_factory):
    return save_detector(tmp_path_factory.mktemp("sources") / "detector")


def test_each_flag_has_its_source(boxes, detector):
    assert isinstance(open_source(frame_size_hw=SIZE), WholeFrame)
    assert isinstance(open_source("follow", frame_size_hw=SIZE), Following)
    assert isinstance(open_source("10,20,100,100", frame_size_hw=SIZE), FixedRegion)
    assert isinstance(open_source(tracks=boxes, frame_size_hw=SIZE), TrackedBoxes)
    assert isinstance(open_source(detector=detector, frame_size_hw=SIZE), DetectedPeople)


def test_settings_reach_the_sources(boxes, detector):
    frame = draw_blobs(SIZE, [(50, 60, 40, 80)])
    assert open_source("follow", frame_size_hw=SIZE, block=4).block == 4
    expected = {"1": (10.0, 40.0, 120.0, 120.0)}
    arguments = {"frame_size_hw": SIZE, "padding": 1.5}
    assert open_source(tracks=boxes, **arguments).regions(0, frame) == expected
    assert open_source(detector=detector, **arguments).regions(0, frame) == expected
    assert open_source(detector=detector, detector_class=2, **arguments).regions(0, frame) == {}
    assert open_source(detector=detector, detector_score=0.95, **arguments).regions(0, frame) == {}


def test_what_contradicts_is_refused(boxes, detector):
    with pytest.raises(ValueError, match=r"--tracks and --detector: expected at most one of"):
        check_flags(tracks=boxes, detector=detector)
    with pytest.raises(ValueError, match=r"--region=follow and --tracks: expected at most one of"):
        check_flags("follow", tracks=boxes)
    with pytest.raises(ValueError, match=r"--region=1,2,3,4 and --detector"):
        check_flags("1,2,3,4", detector=detector)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"region": "hole"}, "--region: expected whole, follow or x,y,width,height in px, received 'hole'"),
        ({"region": "1,2,3"}, "--region: expected x,y,width,height"),
        ({"region": "400,0,10,10"}, "--region: expected a region that overlaps the frame of 320x240 px"),
        ({"tracks": "nowhere.txt"}, "--tracks: expected a file of boxes"),
        ({"detector": "nowhere"}, "--detector: expected the folder of a SavedModel"),
        ({"region": "follow", "share": 2.0}, "share: expected 0 to 1"),
        ({"region": "follow", "block": 0}, "block: expected at least 1"),
        ({"padding": 0.0}, "padding: expected a number above 0"),
        ({"max_gap": -1}, "max_gap: expected at least 0"),
        ({"detector_every": 0}, "detector_every: expected at least 1"),
    ],
)
def test_wrong_values_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        open_source(frame_size_hw=SIZE, **arguments)


def test_flags_are_checked_without_tensorflow():
    code = "import sys; from keras_pose.tracking import sources; sources.check_flags('follow'); "
    code += "sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=conftest.ROOT, check=False).returncode == 0


def test_an_empty_region_is_the_whole_frame():
    found = open_source("", frame_size_hw=SIZE).regions(0, np.zeros((*SIZE, 3), np.uint8))
    assert found == {"person": (0.0, 0.0, 320.0, 240.0)}
