"""Whether there is memory left, by what the system says."""

import pytest

from keras_pose.data import free_memory

GB = 1 << 20  # in kB


def write(tmp_path, free_gb=90, limit="max", used=0, files=0):
    (tmp_path / "meminfo").write_text(f"MemTotal: {100 * GB} kB\nMemFree: 5 kB\nMemAvailable: {free_gb * GB} kB\n")
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    (tmp_path / "memory.current").write_text(f"{used}\n")
    (tmp_path / "memory.stat").write_text(f"anon 3\ninactive_file {files}\n")
    return free_memory.has_room(str(tmp_path / "meminfo"), str(tmp_path))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, True),
        ({"free_gb": 9}, False),
        ({"limit": 1000, "used": 800}, True),
        ({"limit": 1000, "used": 950}, False),
        ({"limit": 1000, "used": 950, "files": 200}, True),
    ],
)
def test_machine_and_container_count(tmp_path, values, expected):
    assert write(tmp_path, **values) == expected


def test_a_system_that_does_not_say_has_room(tmp_path):
    assert free_memory.has_room(str(tmp_path / "none"), str(tmp_path / "nothing"))
    assert isinstance(free_memory.has_room(), bool)
