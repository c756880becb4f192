"""Packets of files: their facts, and signs of packets that are lost."""

import av
import pytest

from keras_pose.media.container import open_container
from keras_pose.media.packets import PacketReader
from tests.helpers import coded_videos
from tests.helpers.coded_videos import HAS_INDEX


def read_packets(path):
    container, stream = open_container(str(path))
    with container:
        reader = PacketReader(str(path), container, stream)
        return reader, [(bytes(packet), packet.pts, facts) for packet, facts in reader]


@pytest.fixture(params=["a.avi", "a.mov", "a.mkv", "a.ts"])
def path(request, tmp_path):
    codec = {"codec": "libx264", "options": {"bf": "0", "g": "4"}} if request.param == "a.ts" else {"codec": "mjpeg"}
    pix_fmt = "yuv420p" if request.param == "a.ts" else "yuvj420p"
    return coded_videos.write_numbered(tmp_path / request.param, 12, pix_fmt=pix_fmt, **codec)


def test_whole_files_show_no_sign_of_loss(path):
    reader, packets = read_packets(path)
    assert [facts.number for _, _, facts in packets] == list(range(12))
    assert [pts for _, pts, _ in packets] == list(range(12))  # so that frames tell their packet
    assert packets[0][2].keyframe
    assert not any(facts.follows_loss or facts.discard for _, _, facts in packets)
    assert (reader.lost_after, reader.indexed) == (0, HAS_INDEX and path.suffix in (".avi", ".mov"))
    assert reader.ordered == (path.suffix != ".avi")


@coded_videos.needs_index
def test_a_packet_of_the_index_that_is_not_in_the_file_is_lost(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "a.avi", 12, codec="mjpeg", pix_fmt="yuvj420p")
    places = coded_videos.packet_places(path)
    for number in (5, 11):
        start, size = places[number]
        coded_videos.damage(path, start - 8, size)
    reader, packets = read_packets(path)
    assert {facts.number: facts.lost_before for _, _, facts in packets if facts.lost_before} == {5: 1}
    assert reader.lost_after == 1


def test_bytes_that_belong_to_no_packet_are_a_gap(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "a.mkv", 12, codec="mjpeg", pix_fmt="yuvj420p")
    start, size = coded_videos.packet_places(path)[5]
    coded_videos.damage(path, start - 16, size + 16)
    _, packets = read_packets(path)
    assert [facts.number for _, _, facts in packets if facts.gap > size] == [5]


def test_packets_of_sound_are_no_gap(tmp_path):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mjpeg", rate=25)
        video.height, video.width, video.pix_fmt = 96, 128, "yuvj420p"
        sound = container.add_stream("pcm_s16le", rate=8000)
        for i in range(12):
            frame = av.VideoFrame.from_ndarray(coded_videos.draw_frame(i), format="rgb24")
            container.mux(video.encode(frame))
            noise = av.AudioFrame(format="s16", layout="mono", samples=320)
            noise.rate = 8000
            noise.pts = 320 * i
            container.mux(sound.encode(noise))
        container.mux(video.encode())
    _, packets = read_packets(path)
    assert len(packets) == 12
    assert not any(facts.follows_loss for _, _, facts in packets)
