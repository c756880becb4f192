"""Parts of the time of a frame."""

import pytest

from benchmarks import lite_threads


@pytest.mark.slow
def test_each_part_is_timed_for_one_frame(monkeypatch):
    monkeypatch.setattr(lite_threads, "BATCH", 2)
    parts, operations = lite_threads.make_parts("", (32, 64))
    assert 50 < operations < 400
    found = lite_threads.time_parts({name: parts[name] for name in ("whole", "net, batch 16", "decode")}, repeats=2)
    assert all(len(each) == 2 and min(each) > 0 for times in found.values() for each in times)
    assert parts["whole"][0]()[0].shape == (1, lite_threads.JOINTS, 2)
    assert parts["net"][0]().shape == (1, 8, 16, lite_threads.JOINTS)
    assert parts["net, 32×32 px"][0]().shape == (1, 8, 8, lite_threads.JOINTS)
