"""Files that end before their last frame, and what their headers state."""

import pytest

from keras_pose.media import file_end
from keras_pose.media.container import open_container
from tests.helpers import coded_videos

KINDS = {
    "a.avi": {"codec": "mjpeg", "pix_fmt": "yuvj420p"},
    "a.mkv": {"codec": "mjpeg", "pix_fmt": "yuvj420p"},
    "a.mp4": {"muxer": {"movflags": "faststart"}},
    "a.ts": {"options": {"g": "4"}},
}


@pytest.fixture(params=KINDS)
def path(request, tmp_path):
    return coded_videos.write_numbered(tmp_path / request.param, 12, **KINDS[request.param])


def test_a_whole_file_is_not_cut(path):
    assert not file_end.is_cut(str(path))


def test_a_file_that_is_shorter_than_its_header_says_is_cut(path):
    data = path.read_bytes()
    for share in (0.5, 0.9):
        path.write_bytes(data[: int(len(data) * share) // 188 * 188 + 50])
        assert file_end.is_cut(str(path))


def test_other_files_are_never_cut(tmp_path):
    for content in (b"", b"words", bytes(range(256))):
        (tmp_path / "a").write_bytes(content)
        assert not file_end.is_cut(str(tmp_path / "a"))


def test_an_index_counts_only_if_it_is_whole(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "a.avi", 12, codec="mjpeg", pix_fmt="yuvj420p")
    assert file_end.has_index(str(path), 0, 12)
    assert not file_end.has_index(str(path), 0, 11)
    assert not file_end.has_index(str(path), 1, 12)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"idx1")])
    assert not file_end.has_index(str(path), 0, 12)


@pytest.mark.parametrize(("name", "stated"), [("a.avi", 7), ("a.mkv", 7), ("a.mp4", 7), ("a.ts", None)])
def test_containers_state_how_many_frames_follow(tmp_path, name, stated):
    path = coded_videos.write_numbered(tmp_path / name, 12, **KINDS[name])
    container, stream = open_container(str(path))
    with container:
        times = sorted(p.pts for p in container.demux(stream) if p.size)
        assert file_end.frames_after(container, stream, 4, times[4]) == stated
        assert file_end.frames_after(container, stream, 11, times[11]) == (0 if stated else None)
