"""Opens the container of a video, and says what a file is that holds no video.

A path is always the name of a plain file: FFmpeg would take `concat:a|b`, `http://…` or `img%03d.png` for something
else, so it gets `file:` before it.
"""

from __future__ import annotations

import os
import re
from typing import Any

import av

# Formats that FFmpeg reads like a video though they are none: text, playlists that name other files, pictures.
_TEXT = ("tty", "bin", "xbin", "adf", "idf")
_PLAYLISTS = ("hls", "concat", "dash", "imf", "ffmetadata", "sdp", "rtsp")
_ATTACHED_PICTURE = 0x400  # AV_DISPOSITION_ATTACHED_PIC
_CONVERT = "convert it, for example with: ffmpeg -i <file> -c:v libx264 -crf 16 <new file>.mp4"


def open_container(path: str) -> tuple[Any, Any]:
    """Opens a video file.

    Returns:
      The container and its video stream: the one that FFmpeg finds best, never the picture of an album cover.

    Raises:
      ValueError: if the file is missing, or is not a video that this build of FFmpeg can decode; the message names the
        file, and what it is as far as known.
    """
    if os.path.isdir(path):
        raise ValueError(f"{path}: expected a video file, found a folder")
    if not os.path.isfile(path):
        raise ValueError(f"{path}: expected a video, found no such file")
    if os.path.getsize(path) == 0:
        raise ValueError(f"{path}: expected a video, but the file is empty (0 bytes)")
    try:
        container: Any = _open_by_name(path)
        if container.format.name == "image2":  # chosen by the ending alone; without a name, the content decides
            container.close()
            container = av.open(_Nameless(path), metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, UnicodeError) as error:
        raise ValueError(f"{path}: expected a video, but {_why_not_open(path)} ({_reason(error)})") from error
    try:
        return container, _video_stream(path, container)
    except ValueError:
        container.close()
        raise


def _open_by_name(path):
    try:
        return av.open(f"file:{path}", metadata_errors="replace")
    except av.error.FileNotFoundError:  # it is there, but FFmpeg below 8 takes img%03d.png for a pattern
        return av.open(_Nameless(path), metadata_errors="replace")


class _Nameless:
    """A file whose name FFmpeg does not see."""

    def __init__(self, path):
        self._file = open(path, "rb")  # noqa: SIM115 - closed with the container
        self.read = self._file.read
        self.seek = self._file.seek
        self.tell = self._file.tell
        self.close = self._file.close


def _video_stream(path, container):
    names = container.format.name.split(",")
    if any(name == "image2" or name.endswith("_pipe") for name in names):
        raise ValueError(f"{path}: expected a video, found a picture")
    if any(name in _TEXT for name in names):
        raise ValueError(f"{path}: expected a video, found text")
    if any(name in _PLAYLISTS for name in names):
        raise ValueError(f"{path}: expected a video, found a playlist ({names[0]}); name the video itself")
    streams = [stream for stream in container.streams if stream.type == "video" and not _is_cover(stream)]
    if not streams:
        kinds = sorted({stream.type for stream in container.streams if not _is_cover(stream)})
        what = "only sound" if kinds == ["audio"] else f"no stream of video, only {', '.join(kinds) or 'none'}"
        raise ValueError(f"{path}: expected a video, found {what}")
    decodable = [stream for stream in streams if _has_decoder(stream)]
    if not decodable:
        raise ValueError(f"{path}: its codec {codec_name(streams[0])} cannot be decoded by this FFmpeg; {_CONVERT}")
    best = container.streams.best("video")
    return best if best in decodable else decodable[0]


def codec_name(stream: Any) -> str:
    """Returns the codec of a stream for messages as FFmpeg names it, with its four-letter tag: "av1 (av01)"."""
    level = av.logging.get_level()
    av.logging.set_level(av.logging.INFO)  # the description of a container is a message of the log
    try:
        description = stream.container.dumps_format()
    finally:
        av.logging.set_level(level)
    found = re.search(rf"Stream #0:{stream.index}\b.*?: Video: ([^,]+)", description)
    name = found[1] if found else "unknown"
    name = re.sub(r" / 0x[0-9A-Fa-f]+\)", ")", name).strip()
    if name.startswith("none"):
        name = name[4:].strip(" ()")
    return name or "of unknown name"


def _is_cover(stream):
    disposition = getattr(stream, "disposition", 0)  # a flag that is no integer in PyAV 15
    return bool(getattr(disposition, "value", disposition) & _ATTACHED_PICTURE)


def _has_decoder(stream):
    context = stream.codec_context
    try:
        return context is not None and bool(context.name)
    except (AttributeError, ValueError):
        return False


def _why_not_open(path):
    """What the first bytes say about a file that FFmpeg cannot open."""
    with open(path, "rb") as file:
        head = file.read(4096)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "its index (moov) is missing or damaged: the recording was not finished, or the file is cut"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "the header of this AVI file is damaged, or the file is cut behind it"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "the header of this Matroska file is damaged, or the file is cut behind it"
    if head.startswith(b"#EXTM3U"):
        return "found a playlist; name the video itself"
    if _looks_like_text(head):
        return "found text"
    return "the file is damaged or of an unknown format"


def _looks_like_text(head):
    return all(byte >= 32 or byte in b"\t\n\r\f" for byte in head) and b"\n" in head


def _reason(error):
    return " ".join((getattr(error, "strerror", None) or str(error)).split())
