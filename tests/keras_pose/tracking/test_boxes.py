import numpy as np

from keras_pose.tracking.boxes import BoxTrack, make_tracks


def test_short_gaps_are_filled_and_long_ones_stay():
    track = BoxTrack(
        "1", np.array([2, 5, 6, 10]), np.array([[0, 0, 10, 20], [3, 6, 13, 20], [4, 6, 13, 20], [0, 0, 1, 1.0]])
    )
    filled = track.fill(2)
    np.testing.assert_array_equal(filled.frames, [2, 3, 4, 5, 6, 10])
    np.testing.assert_allclose(filled.boxes[:4], [[0, 0, 10, 20], [1, 2, 11, 20], [2, 4, 12, 20], [3, 6, 13, 20]])
    np.testing.assert_array_equal(track.fill(0).frames, track.frames)
    np.testing.assert_array_equal(track.fill(3).frames, np.arange(2, 11))


def test_tracks_are_in_the_order_of_numbers_and_their_frames_rise():
    box = (0.0, 0.0, 1.0, 1.0)
    found = make_tracks({"10": {3: box, 1: box}, "anna": {0: box}, "2": {0: box}})
    assert [track.name for track in found] == ["2", "10", "anna"]
    np.testing.assert_array_equal(found[1].frames, [1, 3])
    assert make_tracks({}) == []
