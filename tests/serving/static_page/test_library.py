"""The library that runs nets in browsers: only the known version of it reaches a page."""

import pytest

from serving.static_page import library
from tests.helpers import web_library


@pytest.fixture
def archive(tmp_path, monkeypatch):
    path = tmp_path / library.ARCHIVE
    monkeypatch.setattr(library, "INTEGRITY", web_library.write_archive(path))
    return str(path)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "out"
    path.mkdir()
    return path


@pytest.mark.parametrize("backends", [("wasm",), ("webgpu", "wasm")])
def test_a_page_gets_the_files_of_its_engines_and_the_licence(archive, folder, backends):
    library.write(str(folder), archive, backends)
    expected = {name for backend in backends for name in library.FILES[backend].values()}
    assert {path.name for path in folder.iterdir()} == expected | {"LICENSE.onnxruntime-web.txt"}
    assert (folder / "ort.wasm.min.js").read_text() == "content of ort.wasm.min.mjs"
    assert "Microsoft Corporation" in (folder / "LICENSE.onnxruntime-web.txt").read_text()


def test_another_version_is_refused(archive, folder):
    with open(archive, "ab") as file:
        file.write(b"\0")
    with pytest.raises(ValueError, match=r"--library: expected onnxruntime-web-.*\.tgz \(sha512-.*received .*\.tgz"):
        library.write(str(folder), archive, ("wasm",))
    assert list(folder.iterdir()) == []


def test_without_npm_the_error_names_the_address_and_the_flag(folder, monkeypatch):
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(OSError, match=r"npm is not installed. Fetch https://registry\.npmjs\.org/.*--library"):
        library.write(str(folder), "", ("wasm",))


def test_an_error_of_npm_is_told(folder, monkeypatch):
    npm = folder / "npm"
    npm.write_text("#!/bin/sh\necho no such host >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    with pytest.raises(OSError, match=r"npm cannot fetch onnxruntime-web .*: no such host\. Fetch https://"):
        library.fetch(str(folder))
