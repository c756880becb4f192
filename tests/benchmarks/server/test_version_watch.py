"""Versions are compared with the first one."""

import shutil

from benchmarks.server.version_watch import VersionWatch
from tests.helpers import serving_export

IMAGE = serving_export.encode(".jpg", 24, 32)


def test_every_kind_of_fault_is_found(numbered, tmp_path):
    folder = tmp_path / "pose"
    for number in (1, 2, 3):
        shutil.copytree(numbered, folder / str(number))
        if number == 1:
            watch = VersionWatch(folder, IMAGE)
    (folder / "2" / "saved_model.pb").write_bytes(b"half")
    shutil.rmtree(folder / "3")
    serving_export.write_numbered(folder / "3", 3)
    (folder / "writing-4").mkdir()
    (folder / ".writing-5").mkdir()
    faults = watch.find_faults()
    assert [fault.split(":")[0] for fault in faults] == ["writing-4 is visible", "version 2", "version 3"]
    assert "cannot be loaded or predict" in faults[1]
    assert "its answers differ" in faults[2]
    (folder / "1" / "variables" / "variables.index").write_bytes(b"")
    assert "version 1: its files have changed" in watch.find_faults()
