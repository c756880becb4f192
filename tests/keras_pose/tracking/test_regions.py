import numpy as np
import pytest

from keras_pose.tracking import regions
from keras_pose.tracking.regions import FixedRegion, WholeFrame

FRAME = np.zeros((48, 64, 3), np.uint8)


def test_whole_frame_is_the_frame():
    source = WholeFrame()
    assert source.regions(7, FRAME) == {"person": (0.0, 0.0, 64.0, 48.0)}
    assert source.block == 0


def test_sources_without_memory_ignore_updates_and_restore():
    source = FixedRegion((1, 2, 30, 20))
    before = source.regions(0, FRAME)
    source.update(0, "person", np.zeros((3, 2), np.float32), np.ones(3, np.float32))
    source.restore(source.state())
    assert source.regions(1, FRAME) == before == {"person": (1, 2, 30, 20)}


@pytest.mark.parametrize("text", ["1,2,3,4", " 1, 2,3 ,4", "1.5,-2,3e2,4"])
def test_regions_are_read(text):
    assert regions.parse_region(text) == tuple(float(part) for part in text.split(","))


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "0,0,0,10", "0,0,10,-1", "0,0,nan,1", "0,0,inf,1"]
)
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match="--region: expected x,y,width,height in px") as error:
        regions.parse_region(text)
    assert repr(text) in str(error.value)


@pytest.mark.parametrize("region", [(64, 0, 10, 10), (0, 48, 10, 10), (-10, 0, 10, 10), (0, -10, 10, 10)])
def test_regions_outside_the_frame_are_refused(region):
    with pytest.raises(ValueError, match="overlaps the frame of 64x48 px"):
        FixedRegion(region).regions(0, FRAME)


@pytest.mark.parametrize("region", [(63, 47, 10, 10), (-9, -9, 10, 10), (-5, -5, 100, 100)])
def test_regions_may_cross_the_edge(region):
    assert FixedRegion(region).regions(0, FRAME) == {"person": region}
