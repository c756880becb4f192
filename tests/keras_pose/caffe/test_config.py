"""Flags of `keras-pose import-caffe`."""

import pytest

from keras_pose.caffe.config import ImportCaffeConfig


def test_offset_is_a_number_or_auto():
    assert ImportCaffeConfig("a", "b", offset="-0.5").offset == "-0.5"
    with pytest.raises(ValueError, match="--offset: expected a number or auto, received 'one'"):
        ImportCaffeConfig("a", "b", offset="one")
