"""One clear error for a missing library and for whatever sleap-io raises."""

import warnings

import pytest

from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.sleap_io import library


def test_a_missing_library_is_named_with_the_command_that_installs_it():
    message = "a.slp: SLEAP labels are read with sleap-io, which is not installed: `pip install -r requirements/formats"
    with pytest.raises(ValueError, match=message):
        library.import_library("keras_pose_has_no_such_module", "a.slp", "SLEAP labels")


def test_any_error_of_a_block_names_the_file():
    unreadable = pytest.raises(
        ValueError, match=r"a.slp: expected labels, but it cannot be read \(KeyError: 'points'\)"
    )
    with unreadable, library.reading("a.slp", "labels", Findings("a.slp")):
        {}["points"]
    contradicting = pytest.raises(ValueError, match="a.slp: expected labels, but its content does not fit together")
    with contradicting, library.reading_content("a.slp", "labels"):
        [][1]


def test_warnings_become_notes():
    findings = Findings("a.slp")
    with library.reading("a.slp", "labels", findings):
        warnings.warn("odd\n  skeleton", stacklevel=1)
    assert findings.notes == ["a.slp: odd skeleton"]


def test_the_first_bytes_tell_hdf5(tmp_path):
    path = tmp_path / "a.slp"
    with pytest.raises(ValueError, match="expected labels, but the file cannot be read: No such file"):
        library.check_hdf5(str(path), "labels")
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="the file is empty"):
        library.check_hdf5(str(path), "labels")
    path.write_bytes(b"\x89HDF\r\n\x1a\n and more")
    library.check_hdf5(str(path), "labels")
