"""ONNX Runtime for browsers: the files of the npm package onnxruntime-web that the page needs.

The package is not part of this project: its files are 14 MB, and 27 MB more for graphics cards. It comes from the npm
registry, in one known version whose checksum is checked. MIT licence, Microsoft Corporation.
"""

from __future__ import annotations

import base64
import hashlib
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile

VERSION = "1.30.0"
ARCHIVE = f"onnxruntime-web-{VERSION}.tgz"
# INTEGRITY: `npm view onnxruntime-web@1.30.0 dist.integrity`
URL = f"https://registry.npmjs.org/onnxruntime-web/-/{ARCHIVE}"
INTEGRITY = "sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
# By backend: files in the package's folder dist/, and their names in the page. Web servers know .js, but not all .mjs.
FILES = {
    "wasm": {
        "ort.wasm.min.mjs": "ort.wasm.min.js",
        "ort-wasm-simd-threaded.mjs": "ort-wasm-simd-threaded.js",
        "ort-wasm-simd-threaded.wasm": "ort-wasm-simd-threaded.wasm",
    },
    "webgpu": {
        "ort.webgpu.min.mjs": "ort.webgpu.min.js",
        "ort-wasm-simd-threaded.asyncify.mjs": "ort-wasm-simd-threaded.asyncify.js",
        "ort-wasm-simd-threaded.asyncify.wasm": "ort-wasm-simd-threaded.asyncify.wasm",
    },
}
_NPM_LIMIT_S = 600
_LICENCE = """MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def write(folder: str, archive: str, backends: tuple[str, ...]) -> None:
    """Writes the library's files and its licence into a folder.

    Args:
      folder: folder to write to.
      archive: path of the npm package's file; empty: npm fetches it.
      backends: keys of `FILES`.

    Raises:
      ValueError: if the archive is not the known version.
      OSError: if npm is not installed or cannot fetch the archive, or files cannot be read or written.
    """
    with tempfile.TemporaryDirectory() as temporary:
        path = archive or fetch(temporary)
        check(path)
        with tarfile.open(path) as package:
            for backend in backends:
                for source, target in FILES[backend].items():
                    # Read single files: nothing else of the archive reaches the disk.
                    content = package.extractfile(f"package/dist/{source}")
                    if content is None:
                        raise ValueError(f"--library: expected a file {source} in {path}")
                    with content, open(os.path.join(folder, target), "wb") as file:
                        shutil.copyfileobj(content, file)
    text = f"onnxruntime-web {VERSION}, https://github.com/microsoft/onnxruntime\n\n{_LICENCE}"
    pathlib.Path(folder, "LICENSE.onnxruntime-web.txt").write_text(text, encoding="utf-8")


def fetch(folder: str) -> str:
    """Fetches the archive with npm; returns its path.

    Raises:
      OSError: if npm is not installed, or fails; the message names the way without npm.
    """
    by_hand = f"Fetch {URL} and name the file with --library"
    npm = shutil.which("npm")
    if npm is None:
        raise OSError(f"npm is not installed. {by_hand}")
    command = [npm, "pack", f"onnxruntime-web@{VERSION}", "--silent"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_NPM_LIMIT_S)
    except subprocess.TimeoutExpired as error:
        raise OSError(f"npm did not fetch onnxruntime-web within {_NPM_LIMIT_S} s. {by_hand}") from error
    path = os.path.join(folder, ARCHIVE)
    if done.returncode or not os.path.isfile(path):
        raise OSError(f"npm cannot fetch onnxruntime-web {VERSION}: {done.stderr.strip()[-300:]}. {by_hand}")
    return path


def check(path: str) -> None:
    """Checks that a file is the known version of the package.

    Raises:
      ValueError: if its checksum is another.
      OSError: if it cannot be read.
    """
    digest = hashlib.sha512(pathlib.Path(path).read_bytes()).digest()
    received = f"sha512-{base64.b64encode(digest).decode()}"
    if received != INTEGRITY:
        raise ValueError(f"--library: expected {ARCHIVE} ({INTEGRITY[:19]}…), received {path} ({received[:19]}…)")
