"""Surveys of damaged files: each frame keeps its number, whatever decoders say of the damage."""

import pytest

from keras_pose.media.gaps import Numbering
from keras_pose.media.survey import Survey, describe_damage, survey_video
from keras_pose.media.video import VideoFrames
from tests.helpers import coded_videos

COUNT = 24
GROUPS = {"g": "4", "bf": "0"}
REORDERED = {"g": "4", "bf": "2", "x264-params": "scenecut=0:open-gop=0"}


def read_numbers(path):
    frames = VideoFrames(path)
    numbers = {i: coded_videos.read_number(frame) for i, frame in frames.numbered() if frame is not None}
    return frames, numbers


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("options", [GROUPS, REORDERED])
def test_frames_in_front_of_the_first_that_decodes_are_missing(tmp_path, ending, options):
    path = coded_videos.write_numbered(tmp_path / f"a{ending}", COUNT, options=options)
    start, size = coded_videos.packet_places(path)[0]
    header = 8 if ending == ".mkv" else 0
    coded_videos.damage(path, start + header, size - header)
    with pytest.warns(match=f"4 of {COUNT} frames are damaged and do not decode: 0 to 3"):
        frames, numbers = read_numbers(path)
    assert frames.num_frames == COUNT
    assert numbers == {i: i for i in range(4, COUNT)}


@pytest.mark.parametrize("number", [9, COUNT - 2])
def test_an_mpeg4_frame_that_turns_into_no_frame_is_missing(tmp_path, number):
    path = coded_videos.write_numbered(tmp_path / "a.avi", COUNT, codec="mpeg4", options={"g": "12"})
    start, _ = coded_videos.packet_places(path)[number]
    data = bytearray(path.read_bytes())
    place = bytes(data).index(b"\0\0\1\xb6", start)
    data[place + 5 : place + 8] = bytes(3)  # times that do not rise, and "not coded"
    path.write_bytes(data)
    with pytest.warns(match=f"do not decode: {number}"):
        frames, numbers = read_numbers(path)
    assert frames.num_frames == COUNT
    assert number in frames.missing
    assert all(numbers[i] == i for i in numbers if i not in frames.doubtful)


def test_mpeg4_frames_that_are_not_coded_are_no_loss(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "a.mp4", COUNT, codec="mpeg4", options={"g": "12"})
    frames, numbers = read_numbers(path)
    assert (frames.num_frames, frames.missing) == (COUNT, frozenset())
    assert survey_video(path) == Survey(Numbering(tuple(range(COUNT)), COUNT))


def test_a_cut_that_loses_reordered_frames_before_the_last_one(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "a.mkv", 12, options={"g": "12", "bf": "2", "b_strategy": "0"})
    start, size = coded_videos.packet_places(path)[1]
    path.write_bytes(path.read_bytes()[: start + size + 8])
    with pytest.warns(match="cut or damaged"):
        frames, numbers = read_numbers(path)
    assert all(i == number for i, number in numbers.items())
    assert len(numbers) == 2
    assert frames.missing == set(range(frames.num_frames)) - set(numbers) != frozenset()


def test_damage_is_described():
    assert describe_damage(Survey(Numbering((0, 1), 2))) == ""
    text = describe_damage(Survey(Numbering((0, 3), 4, frozenset({3})), stated=9))
    assert text == (
        "2 of 4 frames are damaged and do not decode: 1 to 2; 1 frames rest on damaged data and may look wrong: 3; "
        "the file states 9 frames, but ends after 4: it is cut or damaged"
    )
    assert "nothing is read after 2 frames" in describe_damage(Survey(Numbering((0, 1), 2), is_cut=True))
