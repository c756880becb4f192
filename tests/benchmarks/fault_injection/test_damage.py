"""Damaged files are counted by what became of them."""

import json
import random

from benchmarks.fault_injection import damage
from keras_pose import files


def test_a_reader_with_a_checksum_a_reader_without_and_one_that_breaks(tmp_path):
    path = tmp_path / "numbers.json"
    files.write_json(path, list(range(100, 400)))
    whole = path.read_bytes()

    def read_checked():
        value = files.read_json(path)
        if value != list(range(100, 400)):
            raise ValueError(f"{path}: damaged")
        return value

    seen = damage.count("checked", path, read_checked, 40, random.Random(0))
    assert (seen.refused, seen.changed, seen.faults) == (40, 0, [])
    seen = damage.count("plain", path, lambda: files.read_json(path), 40, random.Random(0))
    assert seen.changed >= 1
    assert seen.rows()[3].holds is False
    seen = damage.count("breaking", path, lambda: json.loads(path.read_text())[299], 40, random.Random(0))
    assert len(seen.faults) > 30  # none of these errors names the file
    assert path.read_bytes() == whole
