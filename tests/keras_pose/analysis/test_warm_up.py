"""How far a resumed analysis goes back."""

from types import SimpleNamespace

from keras_pose.analysis.parts import PartStore
from keras_pose.analysis.rows import Row, to_arrays
from keras_pose.analysis.settings import Settings
from keras_pose.analysis.warm_up import find_warm_up

BOX = (0.0, 0.0, 8.0, 8.0)


def find(begin, reach, memory, missing=(), start=0):
    store = PartStore()
    for part in range(start // 32, begin // 32):
        numbers = range(max(start, part * 32), (part + 1) * 32)
        rows = [Row(n, 0.0, n not in missing, {} if n in missing else {"a": BOX}) for n in numbers]
        store.write(part, to_arrays(rows, 1, {"part": part}))
    engine = SimpleNamespace(reach=reach, memory=memory)
    return find_warm_up(store, Settings(start=start, part_frames=32), begin, engine)


def test_it_reads_the_windows_and_the_decoded_frames_before_them():
    warm_up = find(64, 5, 26)
    assert warm_up.start == 64 - 5 - 26
    assert sorted(warm_up.regions) == list(range(33, 64))
    assert warm_up.regions[40] == {"a": BOX}
    assert warm_up.state == {"part": 1}


def test_missing_frames_do_not_count():
    assert find(64, 5, 26, missing=(50, 51, 63)).start == 64 - 5 - 26 - 2


def test_it_stops_at_the_first_frame():
    assert find(64, 5, 26, start=50).start == 50
    assert find(32, 10, 26).start == 0


def test_a_new_analysis_has_no_state():
    warm_up = find(0, 5, 26)
    assert (warm_up.start, warm_up.regions, warm_up.state) == (0, {}, None)


def test_single_frames_need_nothing_but_the_state():
    warm_up = find(64, 0, 0)
    assert (warm_up.start, warm_up.regions, warm_up.state) == (64, {}, {"part": 1})
