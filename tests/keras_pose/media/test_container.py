"""What opens as a video, what a file is that does not, and names that FFmpeg would take for something else."""

import os
import pathlib

import av
import cv2
import numpy as np
import pytest

from keras_pose.media.container import open_container
from tests.helpers import coded_videos


def write_sound(path):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def refusal(path):
    with pytest.raises(ValueError, match="expected a video|cannot be decoded") as caught:
        open_container(str(path))
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def test_files_that_are_no_videos_are_named_for_what_they_are(tmp_path):
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("some words\n" * 30)
    (tmp_path / "notes.txt").write_text("some words\n" * 30)
    (tmp_path / "list.txt").write_text("ffconcat version 1.0\nfile a.mp4\n")
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:4.0,\npart0.ts\n#EXT-X-ENDLIST\n")
    (tmp_path / "noise.avi").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "folder.mp4").mkdir()
    for name in ("a.png", "a.jpg"):
        assert cv2.imwrite(str(tmp_path / name), np.zeros((20, 20, 3), np.uint8))
    (tmp_path / "picture.mp4").write_bytes((tmp_path / "a.png").read_bytes())
    write_sound(tmp_path / "sound.mp4")
    for name, message in [
        ("gone.mp4", "no such file"),
        ("empty.mp4", r"the file is empty \(0 bytes\)"),
        ("text.mp4", "found text"),
        ("notes.txt", "found text"),
        ("list.txt", "found text"),
        ("list.m3u8", "found a playlist"),
        ("noise.avi", "damaged or of an unknown format"),
        ("folder.mp4", "found a folder"),
        ("a.png", "found a picture"),
        ("a.jpg", "found a picture"),
        ("picture.mp4", "found a picture"),
        ("sound.mp4", "found only sound"),
    ]:
        pytest.raises(ValueError, open_container, str(tmp_path / name)).match(message)


def test_an_mp4_file_without_its_index_says_so(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "a.mp4", 5)
    path.write_bytes(path.read_bytes()[:-1400])
    assert r"its index (moov) is missing or damaged" in refusal(path)


@pytest.mark.parametrize(("name", "codec", "tag"), [("a.mp4", "libx264", b"avc1"), ("a.avi", "mjpeg", b"MJPG")])
def test_a_codec_without_a_decoder_is_named(tmp_path, name, codec, tag):
    pix_fmt = "yuv420p" if codec == "libx264" else "yuvj420p"
    path = coded_videos.write_numbered(tmp_path / name, 3, codec=codec, pix_fmt=pix_fmt)
    path.write_bytes(path.read_bytes().replace(tag, b"zzq1"))
    message = refusal(path)
    assert "its codec zzq1 cannot be decoded by this FFmpeg" in message
    assert "convert it" in message


@pytest.mark.parametrize(
    "name",
    [
        "ü ber [1]/clip %03d #1.MP4",
        "concat:a|b.mp4",
        "http:x.mp4",
        "http:/host/x.mp4",
        "file:x.mp4",
        "a:b.mp4",
        "-i.mp4",
        "a?b*.mp4",
        "pipe:0",
        "img%03d.png",
        "x%d.jpg",
        "clip.txt",
        b"raw\xff\xfe.mp4",
    ],
)
def test_a_path_is_the_name_of_a_file_and_nothing_else(tmp_path, monkeypatch, name):
    video = coded_videos.write_numbered(tmp_path / "plain.mp4", 3)
    name = pathlib.Path(os.fsdecode(name))
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    video.rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for path in (name, tmp_path / name):
        container, stream = open_container(str(path))
        assert stream.frames == 3
        container.close()


def test_a_cover_is_not_taken_for_the_video(tmp_path):
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=44100)
        cover = container.add_stream("png", rate=25)
        cover.height, cover.width, cover.pix_fmt = 16, 16, "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic.value
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.rate = 44100
        container.mux(cover.encode(av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")))
        container.mux(cover.encode())
        container.mux(sound.encode(frame))
        container.mux(sound.encode())
    assert "found only sound" in refusal(path)


def test_of_two_streams_the_default_one_is_read(tmp_path):
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        streams = []
        for height, width in ((32, 48), (96, 128)):
            stream = container.add_stream("libx264", rate=25)
            stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
            streams.append(stream)
        streams[0].disposition = av.stream.Disposition.comment.value
        streams[1].disposition = av.stream.Disposition.default.value
        for stream in streams:
            for i in range(3):
                frame = coded_videos.draw_frame(i)[: stream.height, : stream.width]
                container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        for stream in streams:
            container.mux(stream.encode())
    container, stream = open_container(str(path))
    assert (stream.height, stream.width) == (96, 128)
    container.close()
