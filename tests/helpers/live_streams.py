"""Real local streams for tests: MPEG-TS over TCP, sent by a thread at the rate of a camera."""

import contextlib
import io
import socket
import threading

import av

from tests.helpers import coded_videos


def transport_stream(count, rate):
    """The bytes of a transport stream of `count` numbered frames, in parts: what is sent after each frame."""
    file = io.BytesIO()
    ends = [0]
    with av.open(file, "w", format="mpegts", options={"flush_packets": "1"}) as container:
        options = {"tune": "zerolatency", "preset": "ultrafast", "g": "5"}
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.height, stream.width = coded_videos.SIZE_HW
        stream.pix_fmt = "yuv420p"
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(coded_videos.draw_frame(number), format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
            ends.append(file.tell())
        container.mux(stream.encode())
    data = file.getvalue()
    return [data[start:end] for start, end in zip(ends, [*ends[1:], len(data)])]


@contextlib.contextmanager
def sent_over_tcp(count=30, rate=50, times=1):
    """Sends `count` numbered frames, `rate` a second, to who connects, `times` times in turn; yields the address."""
    parts = transport_stream(count, rate)
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)

        def send():
            for _ in range(times):
                with contextlib.suppress(OSError):  # the receiver may hang up
                    connection, _ = server.accept()
                    with connection:
                        for part in parts:
                            connection.sendall(part)
                            if ended.wait(1 / rate):
                                return
            server.close()

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        try:
            yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        finally:
            ended.set()
            server.close()
            sender.join(5)
