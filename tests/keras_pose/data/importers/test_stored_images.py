"""Images inside label files are read in any order, and their faults are texts or errors."""

import numpy as np
import pytest

from keras_pose.data.importers.stored_images import StoredImages


class Drawn(StoredImages):
    size_hw = (2, 3)

    def _read_checked(self, position):
        if position > 4:
            raise ValueError(f"image {position} is none")
        return np.full((*self.size_hw, 3), position, np.uint8)


def test_images_come_in_the_order_that_is_asked_for():
    assert Drawn().read([4, 0, 4])[:, 0, 0, 0].tolist() == [4, 0, 4]
    assert Drawn().read([]).shape == (0, 2, 3, 3)


def test_a_fault_is_a_text_or_an_error():
    assert [Drawn().find_fault(position) for position in (0, 5)] == ["", "image 5 is none"]
    with pytest.raises(ValueError, match="image 5 is none"):
        Drawn().read([0, 5])
