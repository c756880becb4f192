"""Frames of videos: positions, threads, damaged files, and writing."""

import glob
import os
import pathlib
import threading
import warnings

import av
import cv2
import numpy as np
import pytest

from keras_pose import media
from keras_pose.media import images, video
from tests.helpers import coded_videos

LIPS = pathlib.Path(__file__).resolve().parents[4] / "shared" / "data" / "lips"
needs_lips = pytest.mark.skipif(not LIPS.is_dir(), reason=f"the labelled lips project is not at {LIPS}")


def grey_level(position):
    return 10 + 8 * position


def make_frames(count, size_hw=(24, 32)):
    """Frames whose brightness tells their position, red above and blue below, so that channels cannot be swapped."""
    frames = np.zeros((count, *size_hw, 3), np.uint8)
    for i in range(count):
        frames[i] = grey_level(i)
        frames[i, :4] = (255, 0, 0)
        frames[i, -4:] = (0, 0, 255)
    return frames


@pytest.fixture
def clip_path(tmp_path):
    path = tmp_path / "clip.avi"
    video.write_video(path, make_frames(20), 25)
    return path


def positions_of(frames):
    return [round((float(f[8:-8].mean()) - 10) / 8) for f in frames]


def test_frames_are_counted_and_sized_by_decoding(clip_path):
    frames = video.VideoFrames(clip_path)
    assert frames.num_frames == 20
    assert frames.size_hw == (24, 32)
    assert frames.fps == 25


@pytest.mark.parametrize("indices", [[0], [19], [5, 6, 7], [7, 6, 5], [3, 3, 3], [12, 0, 19, 1], []])
def test_frames_come_in_the_order_asked_for(clip_path, indices):
    frames = video.VideoFrames(clip_path).read(indices)
    assert frames.shape == (len(indices), 24, 32, 3)
    assert frames.dtype == np.uint8
    assert positions_of(frames) == indices


def test_channels_are_red_green_blue(clip_path):
    frame = video.VideoFrames(clip_path).read([4])[0]
    assert frame[1, :, 0].mean() > 200
    assert frame[1, :, 2].mean() < 60
    assert frame[-2, :, 2].mean() > 200


def test_going_back_beyond_the_kept_frames_gives_the_same_frames(clip_path, monkeypatch):
    monkeypatch.setattr(video, "_RECENT_FRAMES", 2)
    frames = video.VideoFrames(clip_path)
    order = np.random.Generator(np.random.PCG64(0)).permutation(20)
    assert [positions_of(frames.read([i]))[0] for i in order] == list(order)
    assert len(frames._recent) == 2


def test_changes_to_frames_that_were_read_do_not_affect_later_reads(clip_path):
    frames = video.VideoFrames(clip_path)
    frames.read([3])[:] = 0
    assert positions_of(frames.read([3])) == [3]


def test_threads_share_one_video(clip_path):
    frames = video.VideoFrames(clip_path)
    found = {}

    def work(seed):
        order = np.random.Generator(np.random.PCG64(seed)).integers(0, 20, 30)
        found[seed] = [positions_of(frames.read([i]))[0] == i for i in order]

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(found) == [0, 1, 2, 3]
    assert all(all(f) for f in found.values())


def test_asking_for_a_frame_needs_no_count(clip_path):
    frames = video.VideoFrames(clip_path)
    assert frames.has_frame(7)
    assert positions_of(frames.read([7])) == [7]
    assert frames._cursor.num_frames is None
    assert [frames.has_frame(i) for i in (-1, 0, 19, 20)] == [False, True, True, False]
    assert frames._cursor.num_frames == 20
    assert positions_of(frames.read([3])) == [3]


def test_reading_goes_on_after_close(clip_path):
    frames = video.VideoFrames(clip_path)
    frames.read([5])
    frames.close()
    assert positions_of(frames.read([6])) == [6]


@pytest.mark.parametrize(("index", "message"), [(20, "cannot read frame 20.*ends after 20 frames"), (-1, "from 0.*-1")])
def test_a_position_outside_the_video_names_file_and_frame(clip_path, index, message):
    frames = video.VideoFrames(clip_path)
    with pytest.raises(ValueError, match=f"clip.avi.*{message}"):
        frames.read([2, index])
    assert positions_of(frames.read([2])) == [2]


def test_missing_empty_and_damaged_videos_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no.avi.*no such file"):
        video.VideoFrames(tmp_path / "no.avi")
    (tmp_path / "empty.avi").write_bytes(b"")
    (tmp_path / "noise.avi").write_bytes(bytes(range(256)) * 20)
    for name in ("empty.avi", "noise.avi"):
        with pytest.raises(ValueError, match=f"{name}.*expected a video"):
            video.VideoFrames(tmp_path / name)


def test_a_truncated_video_has_the_frames_that_decode(clip_path, tmp_path):
    data = clip_path.read_bytes()
    cut = tmp_path / "cut.avi"
    cut.write_bytes(data[: len(data) // 2])
    with pytest.warns(media.MediaWarning, match="cut.avi: .*the file states 20 frames, but ends after"):
        frames = video.VideoFrames(cut)
    assert 0 < frames.num_frames < 20
    assert positions_of(frames.read([frames.num_frames - 1])) == [frames.num_frames - 1]
    with pytest.raises(ValueError, match="cut.avi.*frame 19"):
        frames.read([19])


def damaged_clip(tmp_path):
    """A video of 12 frames; frames 5 and 6 do not decode."""
    path = coded_videos.write_numbered(tmp_path / "damaged.mov", 12, codec="mjpeg", pix_fmt="yuvj420p")
    for start, size in coded_videos.packet_places(path)[5:7]:
        coded_videos.damage(path, start, size)
    return path


def test_a_damaged_frame_is_named_and_the_others_keep_their_numbers(tmp_path):
    frames = video.VideoFrames(damaged_clip(tmp_path))
    assert frames.missing == frozenset()  # not known yet
    with pytest.warns(media.MediaWarning, match=r"2 of 12 frames are damaged and do not decode: 5 to 6$") as caught:
        assert frames.num_frames == 12
    assert len(caught) == 1
    assert frames.missing == {5, 6}
    assert [frames.has_frame(i) for i in (4, 5, 6, 7, 11, 12)] == [True, False, False, True, True, False]
    assert [coded_videos.read_number(f) for f in frames.read([7, 0, 11, 4])] == [7, 0, 11, 4]
    with pytest.raises(ValueError, match=r"damaged.mov: frame 6 is damaged and does not decode"):
        frames.read([4, 6])


def test_numbered_frames_tell_gaps_and_plain_iteration_refuses_them(tmp_path):
    path = damaged_clip(tmp_path)
    with pytest.warns(media.MediaWarning):
        numbers = [(i, f is None or coded_videos.read_number(f)) for i, f in video.VideoFrames(path).numbered()]
    assert numbers == [(i, True if i in (5, 6) else i) for i in range(12)]
    seen = []

    def iterate():
        for frame in video.VideoFrames(path):
            seen.append(coded_videos.read_number(frame))

    with pytest.warns(media.MediaWarning), pytest.raises(ValueError, match="frame 5 is damaged"):
        iterate()
    assert seen == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("matrix", "orientation", "k"), [((0, 1, -1, 0), 6, -1), ((-1, 0, 0, -1), 3, 2), ((0, -1, 1, 0), 8, 1)]
)
def test_a_turned_video_is_read_upright(tmp_path, matrix, orientation, k):
    path = coded_videos.write_numbered(tmp_path / "phone.mp4", 4)
    stored = video.VideoFrames(path).read(range(4))
    coded_videos.turn_by_matrix(path, matrix)
    frames = video.VideoFrames(path)
    assert frames.orientation == orientation
    assert frames.size_hw == np.rot90(stored[0], k).shape[:2]
    np.testing.assert_array_equal(frames.read(range(4)), np.rot90(stored, k, axes=(1, 2)))
    lying = video.VideoFrames(path, upright=False)
    assert (lying.orientation, lying.size_hw) == (orientation, (96, 128))
    np.testing.assert_array_equal(lying.read(range(4)), stored)


@pytest.mark.parametrize(("peak", "bits"), [(1023, 10), (4095, 12), (3000, 12), (65535, 16), (200, 8)])
def test_16_bit_videos_are_scaled_by_the_depth_of_the_whole_file(tmp_path, peak, bits):
    levels = [peak // 8, peak // 2, peak, peak // 4]
    frames = [av.VideoFrame.from_ndarray(np.full((32, 48), level, np.uint16), format="gray16le") for level in levels]
    path = coded_videos.write_coded(tmp_path / "deep.mkv", frames, codec="ffv1", pix_fmt="gray16le")
    reader = video.VideoFrames(path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read = reader.read(range(4))
    expected = np.array(levels) * 255 / (2**bits - 1)
    np.testing.assert_allclose(read.mean((1, 2, 3)), expected, atol=1)
    notes = [str(w.message) for w in caught]
    assert len(notes) == (bits < 16)
    assert all(f"its largest value is {peak}: read as {bits} bits" in note for note in notes)


def test_a_size_that_changes_within_the_video_names_the_frame(tmp_path):
    parts = []
    for size_hw in ((96, 128), (64, 96)):
        frames = [np.full((*size_hw, 3), 90, np.uint8)] * 3
        path = coded_videos.write_coded(tmp_path / "part.h264", frames, options={"bf": "0"}, format="h264")
        parts.append(path.read_bytes())
    (tmp_path / "both.h264").write_bytes(b"".join(parts))
    frames = video.VideoFrames(tmp_path / "both.h264")
    assert frames.num_frames == 6
    with pytest.raises(ValueError, match=r"both.h264: frame 3: expected 96×128 px .* found 64×96: the size changes"):
        frames.read([2, 3])


def test_frames_at_uneven_times_are_counted_not_timed(tmp_path):
    times = [0, 1, 5, 6, 7, 20, 21, 40]
    for name in ("uneven.mp4", "uneven.mkv"):
        frames = [coded_videos.draw_frame(i) for i in range(8)]
        path = coded_videos.write_coded(tmp_path / name, frames, times=times)
        reader = video.VideoFrames(path)
        assert [coded_videos.read_number(frame) for frame in reader] == list(range(8))
        assert reader.missing == frozenset()


def test_a_trimmed_video_begins_with_the_frame_that_players_show_first(tmp_path):
    whole = coded_videos.write_numbered(tmp_path / "whole.mp4", 20, options={"g": "10", "bf": "0"})
    # A copy whose packets before frame 4 are only there to decode the others: an edit list skips them.
    with av.open(str(whole)) as source, av.open(str(tmp_path / "cut.mp4"), "w") as target:
        stream = source.streams.video[0]
        copied = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.size:
                packet.pts -= 4 * 512
                packet.dts -= 4 * 512
                packet.stream = copied
                target.mux(packet)
    reader = video.VideoFrames(tmp_path / "cut.mp4")
    capture = cv2.VideoCapture(str(tmp_path / "cut.mp4"))
    expected = []
    while True:
        ok, frame = capture.read()
        if not ok:
            break
        expected.append(coded_videos.read_number(frame))
    assert expected[-1] == 19
    assert [coded_videos.read_number(frame) for frame in reader] == expected
    assert reader.missing == frozenset()


@pytest.mark.parametrize(
    ("name", "coding", "size_hw"),
    [
        ("one.mp4", {}, (96, 128)),
        ("odd.mp4", {"pix_fmt": "yuv444p"}, (97, 129)),
        ("odd.avi", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}, (97, 129)),
        ("a.gif", {"codec": "gif", "pix_fmt": "rgb8"}, (96, 128)),
    ],
)
def test_single_frames_and_odd_sizes(tmp_path, name, coding, size_hw):
    path = coded_videos.write_coded(tmp_path / name, [coded_videos.draw_frame(5, size_hw)], **coding)
    reader = video.VideoFrames(path)
    assert (reader.num_frames, reader.size_hw) == (1, size_hw)
    assert coded_videos.read_number(reader.read([0])[0]) == 5


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("a.mp4", {"options": {"bf": "3"}}),
        ("a.avi", {"codec": "mpeg4"}),
        ("b.avi", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}),
    ],
)
def test_good_files_are_read_as_opencv_reads_them(tmp_path, name, coding):
    path = coded_videos.write_numbered(tmp_path / name, 30, **coding)
    capture = cv2.VideoCapture(str(path))
    reader = video.VideoFrames(path)
    assert reader.fps == capture.get(cv2.CAP_PROP_FPS)
    for frame in reader:
        np.testing.assert_array_equal(frame, capture.read()[1][..., ::-1])
    assert not capture.read()[0]


@needs_lips
def test_real_videos_give_the_sequential_frames_where_seeking_does_not():
    path = LIPS / "videos" / "051_aud.avi"
    capture = cv2.VideoCapture(str(path))
    sequential = []
    while True:
        ok, frame = capture.read()
        if not ok:
            break
        sequential.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    frames = video.VideoFrames(path)
    assert frames.num_frames == len(sequential) == 311
    for indices in ([264], [10, 11], [301, 252, 283], [0, 310]):
        np.testing.assert_array_equal(frames.read(indices), [sequential[i] for i in indices])


@needs_lips
def test_real_labelled_images_show_the_frame_of_their_number():
    frames = video.VideoFrames(LIPS / "videos" / "002_cal.avi")
    for path in sorted(glob.glob(str(LIPS / "labeled-data" / "002_cal" / "img*.png")))[:3]:
        number = int(os.path.basename(path)[3:-4])
        image = images.read_image(path).astype(float)
        errors = [np.abs(image - f).mean() for f in frames.read(range(number - 2, number + 3))]
        assert np.argmin(errors) == 2


VARIABLE_TIMES = [0, 1, 2, 5, 6, 9, 10, 11, 12, 20, 21, 22, 23, 30, 31]  # in 1/25 s


def times_by_pyav(path):
    """When FFmpeg shows the frames of a file, in s from the first."""
    with av.open(str(path)) as container:
        times = [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]
    return [time - times[0] for time in times]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("b.mkv", "libx264"), ("c.mov", "mpeg4"), ("d.ts", "libx264"), ("e.avi", "mjpeg")],
)
def test_a_variable_frame_rate_is_kept(tmp_path, name, codec):
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = coded_videos.write_numbered(tmp_path / name, 15, codec=codec, pix_fmt=pix_fmt, times=VARIABLE_TIMES)
    rows = list(video.VideoFrames(path).numbered_with_times())
    assert [number for number, _, _ in rows] == list(range(15))
    np.testing.assert_allclose([time for _, time, _ in rows], np.array(VARIABLE_TIMES) / 25, atol=1e-9)
    np.testing.assert_allclose([time for _, time, _ in rows], times_by_pyav(path), atol=1e-9)
    assert video.VideoFrames(path).time_s(9) == rows[9][1]  # without reading the frames before it


@coded_videos.needs_index
def test_an_avi_with_frames_out_of_order_has_the_times_that_it_holds(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "a.avi", 15, times=VARIABLE_TIMES)
    times = [time for _, time, _ in video.VideoFrames(path).numbered_with_times()]
    # AVI files hold times of decoding only; those of the last two frames are lost, and follow at the frame rate.
    np.testing.assert_allclose(times, np.array([*VARIABLE_TIMES[:13], 24, 25]) / 25)


def test_a_stream_without_times_has_those_of_its_frame_rate(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "a.h264", 15)
    frames = video.VideoFrames(path)
    assert [time for _, time, _ in frames.numbered_with_times()] == [i / frames.fps for i in range(15)]


def test_the_first_frame_is_at_time_0(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "a.mkv", 5, times=[50, 51, 53, 54, 60])
    np.testing.assert_allclose([video.VideoFrames(path).time_s(i) for i in range(5)], [0, 0.04, 0.12, 0.16, 0.4])


@pytest.mark.parametrize("lost", [0, 6, 14])
def test_a_missing_frame_has_its_own_time_if_its_packet_is_there(tmp_path, lost):
    path = coded_videos.write_numbered(tmp_path / "a.mov", 15, codec="mjpeg", pix_fmt="yuvj420p", times=VARIABLE_TIMES)
    start, size = coded_videos.packet_places(path)[lost]
    coded_videos.damage(path, start, size)
    with pytest.warns(media.MediaWarning, match="1 of 15 frames"):
        rows = list(video.VideoFrames(path).numbered_with_times())
    assert [number for number, _, frame in rows if frame is None] == [lost]
    np.testing.assert_allclose([time for _, time, _ in rows], np.array(VARIABLE_TIMES) / 25)


def test_a_position_outside_the_video_has_no_time(clip_path):
    frames = video.VideoFrames(clip_path)
    for position in (-1, 20):
        with pytest.raises(ValueError, match=f"clip.avi: frame {position}: expected a position from 0 to 19"):
            frames.time_s(position)


@pytest.mark.parametrize(
    ("matrix", "rotation"), [((0, 1, -1, 0), 270), ((-1, 0, 0, -1), 180), ((0, -1, 1, 0), 90), ((1, 0, 0, 1), 0)]
)
def test_frames_are_turned_as_players_turn_them_and_keep_their_times(tmp_path, matrix, rotation):
    path = coded_videos.write_numbered(tmp_path / "a.mp4", 15, times=VARIABLE_TIMES)
    stored = video.VideoFrames(path).read([7])[0]
    if rotation:
        coded_videos.turn_by_matrix(path, matrix)
    with av.open(str(path)) as container:  # what FFmpeg says: degrees counter-clockwise
        assert next(container.decode(video=0)).rotation % 360 == rotation
    number, time, frame = list(video.VideoFrames(path).numbered_with_times())[7]
    assert (number, time) == (7, pytest.approx(11 / 25))
    np.testing.assert_array_equal(frame, np.rot90(stored, rotation // 90))
