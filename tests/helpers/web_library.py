"""An archive with the names of onnxruntime-web's files and with little content, and its checksum."""

from __future__ import annotations

import base64
import hashlib
import io
import pathlib
import tarfile

from serving.static_page import library


def write_archive(path: pathlib.Path) -> str:
    """Writes the archive; returns what `library.INTEGRITY` must be to accept it."""
    with tarfile.open(path, "w:gz") as archive:
        for names in library.FILES.values():
            for name in names:
                content = f"content of {name}".encode()
                entry = tarfile.TarInfo(f"package/dist/{name}")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return f"sha512-{base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()}"
