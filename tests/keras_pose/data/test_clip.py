"""Clips: consistent shapes, NaN for unlabelled joints, windows at the ends, and selected rows."""

import dataclasses

import numpy as np
import pytest

from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE, ArrayFrames, Clip, missing_frames
from keras_pose.pooling.reach import TimedOffsets


def make_clip(**changes):
    joints = np.arange(12, dtype=np.float64).reshape(3, 2, 2)
    joints[1, 0] = np.nan
    fields = {
        "name": "c",
        "frames": ArrayFrames(np.arange(6, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 5, 3), np.uint8)),
        "labelled": [0, 2, 5],
        "joints": joints,
        "visibility": [[VISIBLE, HIDDEN], [UNLABELLED, VISIBLE], [VISIBLE, VISIBLE]],
    }
    return Clip(**{**fields, **changes})


def test_types_and_defaults():
    clip = make_clip()
    dtypes = [getattr(clip, name).dtype for name in ("labelled", "joints", "visibility", "weights")]
    assert dtypes == [np.int32, np.float32, np.uint8, np.float32]
    assert clip.weights.tolist() == [[1, 1]] * 3
    assert clip.origins == ("c:0", "c:2", "c:5")
    assert clip.num_labelled == 3


@pytest.mark.filterwarnings("error")
def test_numbers_beyond_float32_are_infinite():
    joints = np.full((3, 2, 2), 5.0)
    joints[1, 0] = 1e300, -1e300
    clip = make_clip(joints=joints, visibility=np.full((3, 2), VISIBLE), weights=[1, 1e300, 1])
    assert clip.joints[1].tolist() == [[np.inf, -np.inf], [5, 5]]
    assert clip.weights.tolist() == [[1, 1], [np.inf, np.inf], [1, 1]]


@pytest.mark.parametrize("rows", [[0, 2], [True, False, True], np.array([True, False, True]), slice(0, None, 2)])
def test_rows_are_selected_in_all_fields(rows):
    clip = make_clip(weights=[1, 2, 3], origins=["f:1", "f:2", "f:3"], landmarks={"hip": [(1, 1), (2, 2), (3, 3)]})
    part = clip.select(rows)
    assert part.labelled.tolist() == [0, 5]
    np.testing.assert_array_equal(part.joints, clip.joints[[0, 2]])
    np.testing.assert_array_equal(part.visibility, clip.visibility[[0, 2]])
    assert part.weights.tolist() == [[1, 1], [3, 3]]
    assert part.landmarks["hip"].tolist() == [[1, 1], [3, 3]]
    assert part.origins == ("f:1", "f:3")
    assert part.frames is clip.frames


def test_joints_have_weights_of_their_own():
    assert make_clip(weights=[[1, 0.5], [1, 1], [2, 3]]).select([0, 2]).weights.tolist() == [[1, 0.5], [2, 3]]


def test_a_group_is_the_session_by_default():
    assert [clip.group for clip in (make_clip(), make_clip(session="s"), make_clip(session="s", group="g"))] == [
        "c",
        "s",
        "g",
    ]


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"weights": [[1], [1], [1]]}, "expected 3 weights"), ({"landmarks": {"hip": [(1, 1)]}}, "landmark hip")],
)
def test_weights_and_landmarks_of_other_shapes_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        make_clip(**fields)


def test_no_rows_at_all():
    part = make_clip().select([])
    assert (part.num_labelled, part.joints.shape, part.origins) == (0, (0, 2, 2), ())


def test_windows_repeat_the_frames_at_the_ends():
    clip = make_clip()
    shown = [clip.read_window(row, (-2, 0, 1))[:, 0, 0, 0].tolist() for row in range(3)]
    assert shown == [[0, 0, 1], [0, 2, 3], [3, 5, 5]]
    assert [clip.window(row, (-2, 0, 1))[1].all() for row in range(3)] == [False, True, False]
    assert clip.read_window(2)[:, 0, 0, 0].tolist() == [5]
    assert clip.read_window(1, (0, 0)).shape == (2, 4, 5, 3)


def test_frames_without_neighbours_have_no_windows():
    clip = make_clip()
    clip.frames.num_frames = None
    assert not clip.window(1, (0, 1))[1].all()
    assert clip.window(1, (0,))[1].all()
    with pytest.raises(ValueError, match="c:2: frame 2 of clip c has no neighbours to read"):
        clip.read_window(1, (0, 1))


def test_a_label_past_the_end_has_no_neighbours():
    clip = make_clip(labelled=[0, 2, 9])
    assert not clip.window(2, (-1, 0))[1].all()
    with pytest.raises(ValueError, match="c:9: frame 9 of clip c has no neighbours"):
        clip.read_window(2, (-1, 0))


def test_the_nearest_existing_frame_stands_for_a_damaged_neighbour():
    clip = make_clip(labelled=[1, 3, 4])
    clip.frames.missing = {2, 3}
    assert [clip.has_neighbours(row) for row in range(3)] == [True, False, True]
    assert [a.tolist() if i else a for i, a in enumerate(clip.window(0, (-1, 0, 1, 2, 3)))] == [
        [0, 1, 1, 1, 4],
        [True, True, False, False, True],
    ]
    assert clip.window(2, (-3, -2, -1, 0, 1))[0] == [1, 4, 4, 4, 5]
    places, exists = clip.window(1, (-1, 0, 1))  # itself damaged: alone
    assert (places, exists.tolist()) == ([3, 3, 3], [False, True, False])


def test_readers_without_missing_frames_have_none():
    clip = make_clip()
    assert missing_frames(clip.frames) == frozenset()
    clip.frames.missing = [2]
    assert missing_frames(clip.frames) == {2}
    clip.frames.num_frames = None
    assert missing_frames(clip.frames) == frozenset()


def test_the_rate_is_that_of_the_reader_unless_it_is_given():
    assert make_clip().frame_rate == 0
    frames = make_clip().frames
    frames.fps = 25.0
    assert make_clip(frames=frames).frame_rate == 25
    assert make_clip(frames=frames, frame_rate=50).frame_rate == 50
    assert make_clip(frame_rate=15).select([0]).frame_rate == 15


def test_windows_in_seconds_follow_the_rate_of_the_clip():
    """The frames of one movement, filmed at 30 and at 15 frames/s."""
    moments = np.arange(31, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 5, 3), np.uint8)
    labels = {"labelled": [7], "joints": np.zeros((1, 1, 2)), "visibility": [[VISIBLE]]}
    fast = Clip("fast", ArrayFrames(moments), **{**labels, "labelled": [14]}, frame_rate=30)
    slow = Clip("slow", ArrayFrames(moments[::2]), **labels, frame_rate=15)
    offsets = TimedOffsets(3, 0.4, 30.0)
    assert fast.read_window(0, offsets)[:, 0, 0, 0].tolist() == [2, 6, 10, 14, 18, 22, 26]
    np.testing.assert_array_equal(slow.read_window(0, offsets), fast.read_window(0, offsets))
    assert fast.window(0, offsets)[1].all()
    assert slow.window(0, offsets)[1].all()
    # At an unknown rate, the clip counts as one of the rate that the window assumes.
    assert dataclasses.replace(slow, frame_rate=0).window(0, offsets)[0] == [0, 0, 3, 7, 11, 15, 15]


def test_neighbours_that_are_too_far_away_in_time_do_not_exist():
    clip = make_clip(frame_rate=5)
    places, valid = clip.window(1, TimedOffsets(3, 0.3, 30.0))
    assert places == [0, 0, 1, 2, 3, 4, 4]  # at most 2 frames of 0.2 s, half of one too far
    assert valid.tolist() == [False, True, True, True, True, True, False]
    places, valid = make_clip(frame_rate=1).window(1, TimedOffsets(3, 0.3, 30.0))
    assert places == [2] * 7
    assert valid.tolist() == [place == 3 for place in range(7)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frame_rate": -1}, "clip c: expected a frame rate of 0 or more, received -1"),
        ({"frame_rate": np.nan}, "clip c: expected a frame rate of 0 or more, received nan"),
        ({"labelled": [[0], [2], [5]]}, r"clip c: expected labelled frames \[N\], received \(3, 1\)"),
        ({"labelled": [0, 2]}, r"clip c: expected joints \[2, J, 2\], received \(3, 2, 2\)"),
        ({"joints": np.zeros((3, 2, 3))}, r"clip c: expected joints \[3, J, 2\]"),
        ({"visibility": np.ones((3, 1))}, r"clip c: expected visibility \(3, 2\), received \(3, 1\)"),
        ({"weights": [1, 2]}, "clip c: expected 3 weights and origins"),
        ({"origins": ["f:1"]}, "clip c: expected 3 weights and origins"),
        ({"visibility": np.full((3, 2), VISIBLE)}, "clip c: expected NaN for unlabelled joints"),
        ({"joints": np.zeros((3, 2, 2))}, "clip c: expected NaN for unlabelled joints"),
    ],
)
def test_contradicting_fields_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        make_clip(**changes)


def test_a_clip_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_clip().name = "d"


def test_array_frames_refuse_positions_and_shapes_that_do_not_exist():
    frames = make_clip().frames
    assert frames.read([5, 0])[:, 0, 0, 0].tolist() == [5, 0]
    for position in (-1, 6):
        with pytest.raises(ValueError, match=f"expected frame positions 0 to 5, received {position}"):
            frames.read([0, position])
    with pytest.raises(ValueError, match=r"expected frames uint8 \[T, H, W, 3\], received shape \(2, 4, 5\)"):
        ArrayFrames(np.zeros((2, 4, 5)))


@pytest.mark.parametrize("region", [(0, 0, 0, 5), (0, 0, 5, -1), (0, 0, 5), (np.nan, 0, 5, 5), (0, 0, np.inf, 5)])
def test_a_region_without_an_area_is_refused(region):
    with pytest.raises(ValueError, match=r"clip a: expected a region \(left, top, width, height\) with an area"):
        Clip("a", ArrayFrames(np.zeros((1, 4, 4, 3))), [0], [[[1, 1]]], [[2]], region=region)


def test_a_region_stays_with_selected_rows():
    clip = Clip("a", ArrayFrames(np.zeros((1, 4, 4, 3))), [0], [[[1, 1]]], [[2]], region=np.array([0, 1, 2, 3]))
    assert clip.select([True]).region == (0.0, 1.0, 2.0, 3.0)
