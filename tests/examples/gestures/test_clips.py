"""Labelled clips: tables, videos, archives, and the split."""

import numpy as np
import pytest

from examples.gestures import clips
from keras_pose.media import video
from tests.helpers import gesture_clips, real_videos


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "labels.csv:1: expected the line file,label, received 'nothing'"),
        ("a.npz,up\n", "labels.csv:1: expected the line file,label, received 'a.npz,up'"),
        ("file,label\na.npz,up\nb.npz,up\n", r"labels.csv:3: .*b\.npz: no such file"),
        ("file,label\na.npz,up\na.npz,down\n", r"labels.csv:3: expected each file once, received a\.npz again"),
        ("file,label\na.npz\n", r"labels.csv:2: expected a file and a label, received 'a\.npz'"),
        ("file,label\na.npz,\n", "labels.csv:2: expected a file and a label"),
        ("file,label\n\n", "labels.csv: expected at least one clip"),
    ],
)
def test_refuses_invalid_tables(tmp_path, text, message):
    gesture_clips.save_clip(tmp_path)
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        clips.list_clips(str(tmp_path))


def test_refuses_a_folder_without_a_table(tmp_path):
    with pytest.raises(ValueError, match="expected a folder with labels.csv"):
        clips.list_clips(str(tmp_path))


@pytest.mark.parametrize("data", ["file,label\na.npz,é\n".encode("latin-1"), b"file,label\n" + b"x" * 200_000])
def test_labels_that_are_no_table_name_their_file(tmp_path, data):
    (tmp_path / "labels.csv").write_bytes(data)
    with pytest.raises(ValueError, match="labels.csv: expected lines of file,label in UTF-8, but"):
        clips.list_clips(str(tmp_path))


def test_reads_tables_with_spaces_empty_lines_and_a_byte_order_mark(tmp_path):
    gesture_clips.save_clip(tmp_path)
    (tmp_path / "labels.csv").write_text("\ufefffile, label\n\na.npz, wave hello\n\n", encoding="utf-8")
    assert clips.list_clips(str(tmp_path)) == [clips.LabelledClip(str(tmp_path / "a.npz"), "wave hello")]


def test_reads_videos_as_rgb(tmp_path):
    frames = np.zeros((5, 32, 48, 3), np.uint8)
    frames[..., 0] = 200
    frames[:, :, 24:, 2] = 150
    video.write_video(tmp_path / "a.avi", frames, 25)
    read = clips.read_frames(str(tmp_path / "a.avi"))
    assert read.shape == frames.shape
    assert np.abs(read.astype(int) - frames).mean() < 6


def test_refuses_files_that_are_not_clips(tmp_path):
    np.savez(tmp_path / "other.npz", images=np.zeros(3))
    np.savez(tmp_path / "floats.npz", frames=np.zeros((2, 8, 8, 3)))
    (tmp_path / "noise.npz").write_bytes(b"noise")
    (tmp_path / "noise.mp4").write_bytes(b"noise")
    for name, message in (
        ("other.npz", "expected an .npz file with `frames`"),
        ("noise.npz", "expected an .npz file with `frames`"),
        ("floats.npz", r"expected frames uint8 \[T, H, W, 3\], received float64 \[2, 8, 8, 3\]"),
        ("noise.mp4", "a file without a readable frame"),
    ):
        with pytest.raises(ValueError, match=f"{name}: .*{message}"):
            clips.read_frames(str(tmp_path / name))


def test_refuses_damaged_archives(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3)).astype(np.uint8)
    np.savez(tmp_path / "whole.npz", frames=noise)
    np.savez_compressed(tmp_path / "compressed.npz", frames=noise)
    whole, compressed = ((tmp_path / name).read_bytes() for name in ("whole.npz", "compressed.npz"))
    middle = len(compressed) // 2
    (tmp_path / "half.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "holed.npz").write_bytes(compressed[:middle] + b"\xff" * 64 + compressed[middle + 64 :])
    with open(tmp_path / "array.npz", "wb") as file:
        np.save(file, noise)
    np.testing.assert_array_equal(clips.read_frames(str(tmp_path / "compressed.npz")), noise)
    for name in ("half.npz", "holed.npz", "array.npz"):
        with pytest.raises(ValueError, match=f"{name}: expected an .npz file with `frames`"):
            clips.read_frames(str(tmp_path / name))


def test_holds_out_a_share_of_every_label():
    listed = [clips.LabelledClip(f"{n}", "often" if n < 20 else "rarely") for n in range(24)]
    rest, held = clips.hold_out(listed, 0.2, seed=1)
    assert sorted(rest + held, key=lambda clip: int(clip.path)) == listed
    assert [clip.label for clip in held].count("often") == 4
    assert [clip.label for clip in held].count("rarely") == 1
    assert clips.hold_out(listed, 0.2, seed=1) == (rest, held)
    assert clips.hold_out(listed, 0.2, seed=2) != (rest, held)


def test_a_whole_video_instead_of_a_clip_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(clips, "MOST_FRAMES", 5)
    real_videos.write(tmp_path / "a.mp4", [np.zeros((32, 48, 3), np.uint8)] * 6)
    with pytest.raises(ValueError, match=r"a\.mp4: expected a clip of one gesture, received more than 5 frames"):
        clips.read_frames(str(tmp_path / "a.mp4"))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_video_of_a_phone_is_read_upright(tmp_path, degrees):
    frame = np.zeros((32, 48, 3), np.uint8)
    frame[:12, :12] = 255
    real_videos.write(tmp_path / "a.mp4", [frame] * 2)
    real_videos.turn(tmp_path / "a.mp4", degrees)
    read = clips.read_frames(str(tmp_path / "a.mp4"))[1].astype(int)
    shown = np.rot90(frame, -degrees // 90).astype(int)  # clockwise
    assert read.shape == shown.shape
    assert np.abs(read - shown).mean() < 8
