"""Flags that say where to look, and the arguments that they become."""

import inspect

import pytest

from keras_pose.analysis.region_flags import RegionConfig
from keras_pose.tracking import sources


def test_only_flags_that_matter_become_arguments():
    assert RegionConfig(box_padding=2.0, detector_every=3).source_options == ()
    assert dict(RegionConfig(tracks="a.txt", box_padding=2.0).source_options) == {"padding": 2.0, "max_gap": 12}
    assert dict(RegionConfig(region="follow", person_share=0.5).source_options) == {"share": 0.5}
    found = dict(RegionConfig(detector="d", detector_class=3, detector_every=4).source_options)
    assert found["detector_class"] == 3
    assert found["detector_every"] == 4
    assert "max_gap" not in found


def test_arguments_are_those_of_open_source_and_defaults_are_its_own():
    known = inspect.signature(sources.open_source).parameters
    for config in (RegionConfig(tracks="a"), RegionConfig(detector="a"), RegionConfig(region="follow")):
        assert config.source_options
        for name, value in config.source_options:
            assert value == known[name].default, name


@pytest.mark.parametrize(
    "wrong", [{"detector_score": 1.5}, {"detector_every": 0}, {"box_padding": 0.0}, {"track_gap": -1}]
)
def test_values_out_of_range_are_named(wrong):
    with pytest.raises(ValueError, match=f"^--{next(iter(wrong))}: expected at "):
        RegionConfig(**wrong)


def test_files_are_checked():
    with pytest.raises(ValueError, match="--tracks: expected a file of boxes"):
        RegionConfig(tracks="gone.txt").check_files()
