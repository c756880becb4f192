import json

import numpy as np
import pytest

from keras_pose.tracking.detected_people import DetectedPeople
from keras_pose.tracking.detector import Detector
from tests.helpers.blob_detector import draw_blobs, save_detector
from tests.helpers.simulated_net import SimulatedNet, errors, walk

SIZE = (480, 640)
NET = SimulatedNet()


@pytest.fixture(scope="module")
def detect(tmp_path_factory):
    return Detector(save_detector(tmp_path_factory.mktemp("detector") / "blobs")).detect


def box_of(truth):
    low = truth.min(0) - 8
    return (*low, *(truth.max(0) + 8 - low))


def scene(*truths):
    """A frame in which the detector sees the people whose joints are given; None: nobody."""
    return draw_blobs(SIZE, [box_of(truth) for truth in truths if truth is not None])


def predict(source, people, frames, chunk=8, hidden=()):
    """Predicts frames; returns regions and joints {name: {number: …}} of each track.

    Args:
      people: true joints [N, J, 2] of each person; None where away.
      hidden: frames in which the detector sees nobody.
    """
    regions = {}
    joints = {}
    for start in range(frames.start, frames.stop, chunk):
        asked = {}
        for number in range(start, min(start + chunk, frames.stop)):
            truths = [person[number] for person in people]
            frame = scene(*([] if number in hidden else truths))
            asked[number] = source.regions(number, frame)
        for number, found in asked.items():
            for name, region in found.items():
                center = np.add(region[:2], np.divide(region[2:], 2))
                truths = [person[number] for person in people if person[number] is not None]
                truth = min(truths, key=lambda t: np.linalg.norm(t.mean(0) - center), default=None)
                pose, scores = NET.look(number, region, truth)
                source.update(number, name, pose, scores)
                regions.setdefault(name, {})[number] = region
                joints.setdefault(name, {})[number] = pose
    return regions, joints


def two_people(num_frames=96):
    left = walk(num_frames, 64, (40, 80), (1.0, 0.5))
    right = walk(num_frames, 72, (520, 300), (-1.0, -0.8), seed=1)
    return [list(left), list(right)]


def test_each_person_is_found_and_followed(detect):
    people = two_people()
    _, joints = predict(DetectedPeople(detect), people, range(96))
    assert sorted(joints) == ["1", "2"]
    for truths, found in zip(people, (joints["1"], joints["2"])):
        assert sorted(found) == list(range(96))
        assert np.mean([errors(found[n], truths[n]) for n in found]) < 4


def test_between_detections_people_are_followed_by_their_poses(detect):
    people = two_people()
    calls = []

    def count(frame):
        calls.append(1)
        return detect(frame)

    _, joints = predict(DetectedPeople(count, every=48, keep=200), people, range(96), hidden=range(1, 96))
    assert len(calls) == 2
    for truths, found in zip(people, (joints["1"], joints["2"])):
        assert errors(found[95], truths[95]) < 5


def test_regions_do_not_depend_on_how_many_frames_are_predicted_at_once(detect):
    expected = predict(DetectedPeople(detect), two_people(), range(48), chunk=8)[0]
    assert predict(DetectedPeople(detect), two_people(), range(48), chunk=1)[0] == expected


def test_it_resumes_exactly(detect):
    people = two_people()
    expected, _ = predict(DetectedPeople(detect), people, range(48))
    for stop in (16, 29):
        first = DetectedPeople(detect)
        predict(first, people, range(stop), chunk=1)
        second = DetectedPeople(detect)
        second.restore(json.loads(json.dumps(first.state(), allow_nan=False)))
        found, _ = predict(second, people, range(stop, 48), chunk=1)
        for name, regions in found.items():
            assert regions == {n: region for n, region in expected[name].items() if n >= stop}


def test_somebody_who_comes_later_and_somebody_who_leaves(detect):
    people = two_people(128)
    people[0][40:] = [None] * 88
    people[1][:30] = [None] * 30
    regions, _ = predict(DetectedPeople(detect, every=8, keep=24), people, range(128))
    assert sorted(regions) == ["1", "2"]
    assert min(regions["2"]) == 32  # the first block after frame 30
    assert max(regions["1"]) < 80
    assert max(regions["2"]) == 127


def test_a_person_who_comes_back_has_a_new_name(detect):
    people = [two_people(160)[0]]
    people[0][20:100] = [None] * 80
    regions, _ = predict(DetectedPeople(detect, every=8, keep=24), people, range(160))
    assert sorted(regions) == ["1", "2"]
    assert min(regions["2"]) == 104


def test_a_region_that_lost_its_person_is_moved_by_the_next_detection(detect):
    truths = walk(96, 64, (40, 80), (0, 0))
    truths[20:] += (30, 0)  # a jump that the poses cannot follow, but whose boxes overlap
    _, joints = predict(DetectedPeople(detect, every=8), [list(truths)], range(96))
    assert sorted(joints) == ["1"]
    assert errors(joints["1"][95], truths[95]) < 5


def test_nobody_is_fine_and_another_frame_size_begins_anew(detect):
    source = DetectedPeople(detect)
    assert source.regions(0, np.zeros((*SIZE, 3), np.uint8)) == {}
    truth = two_people(1)[0][0]
    assert list(source.regions(16, scene(truth))) == ["1"]
    assert list(source.regions(17, draw_blobs((240, 320), [(20, 20, 40, 60)]))) == ["2"]
