"""Event files that cannot be written are one line; other errors of TensorFlow stay as they are."""

import pytest
import tensorflow as tf

from keras_pose.viz import event_files
from tests.helpers import full_disk


def test_a_full_disk_is_one_line_that_names_the_folder(tmp_path):
    folder = str(tmp_path / "logs")
    with full_disk.limit_file_size(10), pytest.raises(OSError, match="logs: cannot be written: ") as caught:  # noqa: SIM117
        with event_files.name_unwritable(folder):
            tf.summary.create_file_writer(folder).flush()
    assert str(caught.value) == f"{folder}: cannot be written: {full_disk.REASON}"


def test_other_errors_of_tensorflow_stay(tmp_path):
    with pytest.raises(tf.errors.InvalidArgumentError), event_files.name_unwritable(str(tmp_path)):
        tf.debugging.assert_equal(1, 2)
