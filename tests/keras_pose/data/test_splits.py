"""Splits: no label lost or used twice, the same on every machine, and unknown clip names refused with their line."""

import codecs
import dataclasses

import numpy as np
import pytest

from keras_pose.data import splits
from keras_pose.data.clip import VISIBLE, ArrayFrames, Clip


def make_clips(counts):
    frames = ArrayFrames(np.zeros((200, 4, 4, 3), np.uint8))
    return [
        Clip(f"clip{i}", frames, np.arange(n), np.ones((n, 1, 2)), np.full((n, 1), VISIBLE))
        for i, n in enumerate(counts)
    ]


def names(clips):
    return [clip.name for clip in clips]


def labels(clips):
    return {(clip.name, int(p)) for clip in clips for p in clip.labelled}


def test_whole_clips_are_kept_for_validation():
    clips = make_clips([3] * 20)
    train, kept = splits.cut_validation(clips, 0.1, seed=0)
    assert len(kept) == 2
    assert sorted(names(train) + names(kept)) == sorted(names(clips))
    assert names(train) == [n for n in names(clips) if n in names(train)]
    assert all(clip.num_labelled == 3 for clip in kept)


@pytest.mark.parametrize(("count", "fraction", "expected"), [(2, 0.01, 1), (2, 0.99, 1), (10, 0.25, 2), (24, 0.1, 2)])
def test_at_least_one_clip_is_kept_and_one_is_left(count, fraction, expected):
    train, kept = splits.cut_validation(make_clips([1] * count), fraction, seed=3)
    assert (len(train), len(kept)) == (count - expected, expected)


def make_sessions(counts):
    """A session of clips for each of `counts`, one label each, at positions of the session."""
    return [
        dataclasses.replace(clip, name=f"s{s} ({i})", session=f"s{s}", labelled=np.array([i]), origins=())
        for s, count in enumerate(counts)
        for i, clip in enumerate(make_clips([1] * count))
    ]


def test_no_session_is_torn_between_training_and_validation():
    clips = make_sessions([3, 1, 2, 4])
    for seed in range(6):
        train, kept = splits.cut_validation(clips, 0.5, seed)
        assert len({clip.session for clip in kept}) == 2
        assert not {clip.session for clip in train} & {clip.session for clip in kept}
        assert len(train) + len(kept) == 10


def test_a_session_of_several_clips_is_split_by_frames_if_it_is_the_only_one():
    train, kept = splits.cut_validation(make_sessions([10]), 0.2, seed=0)
    assert (len(train), len(kept)) == (8, 2)


def test_frames_of_sessions_are_split_like_those_of_whole_clips():
    (whole,) = make_clips([20])
    whole = dataclasses.replace(whole, name="s0", session="s0")
    tested = {int(p) for clip in splits.split_frames([whole], 0.25, 1)[1] for p in clip.labelled}
    parts = splits.split_frames(make_sessions([20]), 0.25, 1)[1]
    assert {int(p) for clip in parts for p in clip.labelled} == tested


def test_sessions_are_selected_by_their_names():
    clips = make_sessions([2, 1])
    assert names(splits.select_clips(clips, ["s0"])) == ["s0 (0)", "s0 (1)"]
    with pytest.raises(ValueError, match="unknown clip 's0 .0.', expected one of s0, s1$"):
        splits.select_clips(clips, ["s0 (0)"])


def test_a_single_clip_is_split_by_frames():
    (clip,) = make_clips([50])
    train, kept = splits.cut_validation([clip], 0.1, seed=0)
    assert (train[0].num_labelled, kept[0].num_labelled) == (45, 5)
    assert labels(train) | labels(kept) == labels([clip])
    assert (np.diff(kept[0].labelled) > 0).all()


def test_frames_are_split_over_all_clips():
    clips = make_clips([116])
    train, test = splits.split_frames(clips, 0.05, seed=0)
    assert (train[0].num_labelled, test[0].num_labelled) == (110, 6)
    clips = make_clips([10, 1, 20])
    train, test = splits.split_frames(clips, 0.5, seed=1)
    assert labels(train) | labels(test) == labels(clips)
    assert not labels(train) & labels(test)
    assert sum(clip.num_labelled for clip in test) == 16
    assert all(clip.num_labelled for clip in train + test)


def test_a_seed_always_gives_the_same_split():
    clips = make_clips([2] * 10)
    assert names(splits.cut_validation(clips, 0.3, seed=0)[1]) == ["clip4", "clip6", "clip9"]  # written down once
    assert names(splits.cut_validation(clips[::-1], 0.3, seed=0)[1]) == ["clip9", "clip6", "clip4"]
    assert names(splits.cut_validation(clips, 0.3, seed=np.int64(0))[1]) == ["clip4", "clip6", "clip9"]
    different = {tuple(names(splits.cut_validation(clips, 0.3, seed)[1])) for seed in range(8)}
    assert len(different) > 4


def test_fraction_zero_keeps_nothing():
    clips = make_clips([2, 2])
    assert splits.cut_validation(clips, 0, seed=0) == (clips, [])
    assert splits.split_frames(clips, 0.0, seed=0) == (clips, [])


def test_impossible_splits_are_refused():
    for fraction in (-0.1, 1, float("nan")):
        with pytest.raises(ValueError, match="validation fraction: expected 0 to below 1"):
            splits.cut_validation(make_clips([2, 2]), fraction, 0)
        with pytest.raises(ValueError, match="test fraction: expected 0 to below 1"):
            splits.split_frames(make_clips([2, 2]), fraction, 0)
    with pytest.raises(ValueError, match="at least 2 labelled frames to split, received 1"):
        splits.cut_validation(make_clips([1]), 0.1, 0)


def test_named_clips_are_selected(tmp_path):
    path = tmp_path / "test.txt"
    path.write_text("# held out\nclip2\n\n clip0 \r\nclip2\n")
    read = splits.read_clip_names(path)
    assert list(read) == ["clip2", "clip0", "# held out"]
    assert names(splits.select_clips(make_clips([1] * 4), read)) == ["clip0", "clip2"]
    assert names(splits.select_clips(make_clips([1] * 4), ["clip3"])) == ["clip3"]


def test_a_clip_whose_name_looks_like_a_comment_is_held_out(tmp_path):
    clips = [
        dataclasses.replace(clip, name=name, session=name) for clip, name in zip(make_clips([1] * 3), ["#a", "#b", "c"])
    ]
    path = tmp_path / "test.txt"
    path.write_text("# mice\n#a\nc\n")
    assert names(splits.select_clips(clips, splits.read_clip_names(path))) == ["#a", "c"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_names_may_differ_in_encoding_unicode_form_and_case(tmp_path, encoding):
    clips = make_clips([1] * 3)
    for i, name in enumerate(("mu\u0308de", "Maus 1", "other")):
        clips[i] = dataclasses.replace(clips[i], name=name, session=name)
    path = tmp_path / "test.txt"
    path.write_text("m\u00fcde\r\nmaus 1\r\n", encoding=encoding, newline="")
    assert splits.select_clips(clips, splits.read_clip_names(path)) == clips[:2]


def test_a_name_that_fits_two_clips_is_refused():
    clips = [dataclasses.replace(clip, name=name, session=name) for clip, name in zip(make_clips([1] * 2), ("a", "A"))]
    assert names(splits.select_clips(clips, ["a"])) == ["a"]
    with pytest.raises(ValueError, match="unknown clip 'ä'"):
        splits.select_clips(clips, ["ä"])


def test_an_unknown_name_is_reported_with_its_line_and_the_known_names(tmp_path):
    path = tmp_path / "test.txt"
    path.write_text("clip0\n\nclip9\n")
    with pytest.raises(ValueError, match=r"test.txt:3: unknown clip 'clip9', expected one of clip0, clip1"):
        splits.select_clips(make_clips([1, 1]), splits.read_clip_names(path))
    with pytest.raises(ValueError, match="^unknown clip 'x'"):
        splits.select_clips(make_clips([1, 1]), ["x"])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_names_are_read_as_windows_writes_them(tmp_path, encoding):
    path = tmp_path / "test.txt"
    path.write_bytes("één\r\ntwee\r\n".encode(encoding))
    assert splits.read_clip_names(path) == {"één": f"{path}:1", "twee": f"{path}:2"}


def test_names_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "test.txt"
    path.write_bytes(codecs.BOM_UTF16_LE + b"o\0n\0e")  # half a character at the end
    with pytest.raises(ValueError, match="test.txt: expected UTF-16, as the file begins, but truncated data"):
        splits.read_clip_names(path)


def test_a_missing_or_empty_file_of_names_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no.txt: expected a file of clip names.*no such file"):
        splits.read_clip_names(tmp_path / "no.txt")
    (tmp_path / "empty.txt").write_text("# nothing\n")
    with pytest.raises(ValueError, match="empty.txt: expected clip names, one per line, found none"):
        splits.read_clip_names(tmp_path / "empty.txt")


def test_people_of_one_picture_stay_together():
    """They are clips of one session with the same position."""
    clips = make_clips([1] * 12)
    people = [dataclasses.replace(clip, session="film", labelled=[n // 3]) for n, clip in enumerate(clips)]
    for seed in range(5):
        train, test = splits.split_frames(people, 0.5, seed)
        positions = [{int(clip.labelled[0]) for clip in part} for part in (train, test)]
        assert not positions[0] & positions[1]
        assert [len(part) for part in (train, test)] == [6, 6]
    with pytest.raises(ValueError, match="expected at least 2 labelled frames to split, received 1"):
        splits.split_frames(people[:3], 0.5, 0)
