"""The folder of a page with nets: complete, replaceable, and only from exports that have an ONNX file."""

import json

import pytest

from serving.static_page import __main__ as command
from serving.static_page import library, site
from tests.helpers import web_library

SKELETON = {"name": "two", "joints": ["left", "right"], "edges": [], "colors": []}


@pytest.fixture
def archive(tmp_path, monkeypatch):
    path = tmp_path / library.ARCHIVE
    monkeypatch.setattr(library, "INTEGRITY", web_library.write_archive(path))
    return str(path)


@pytest.fixture
def write_version(tmp_path):
    """Function that writes a version of an export, with an ONNX file or without; returns the model's folder."""

    def write(number, name="pose", has_onnx=True, folder="pose"):
        version = tmp_path / "exports" / folder / str(number)
        (version / "assets").mkdir(parents=True)
        card = {"name": name, "version": number, "input_size_hw": [64, 48], "training": {"data": "/home/someone/data"}}
        (version / "assets" / "model_card.json").write_text(json.dumps(card))
        (version / "assets" / "skeleton.json").write_text(json.dumps(SKELETON))
        if has_onnx:
            (version / site.ONNX).write_text(f"net {number}")
        return str(version.parent)

    return write


def test_a_page_has_the_newest_version_with_a_file(archive, write_version, tmp_path):
    for number, has_onnx in ((9, True), (10, True), (11, False)):
        model_dir = write_version(number, has_onnx=has_onnx)
    out = tmp_path / "site" / "page"
    taken = site.write(str(out), [model_dir], archive)
    assert taken == [f"{model_dir}/10/model.onnx"]
    listed = json.loads((out / "local" / "models.json").read_text())
    assert listed["backends"] == ["wasm"]
    (entry,) = listed["models"]
    assert (entry["name"], entry["version"], entry["file"]) == ("pose", "10", "pose-10.onnx")
    assert entry["skeleton"] == SKELETON
    assert entry["card"]["input_size_hw"] == [64, 48]
    assert "training" not in entry["card"]  # paths of the machine that trained are not for the public
    assert (out / "local" / "pose-10.onnx").read_text() == "net 10"
    assert {"index.html", "main.js", "net_worker.js", "style.css"} <= {path.name for path in out.iterdir()}
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["page"]


def test_a_page_is_replaced_but_nothing_else(archive, write_version, tmp_path):
    out = tmp_path / "page"
    site.write(str(out), [write_version(1)], archive)
    site.write(str(out), [write_version(2)], archive)
    assert not (out / "local" / "pose-1.onnx").exists()
    assert (out / "local" / "pose-2.onnx").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match="--out_dir: expected a new folder or a page that this command wrote"):
        site.write(str(other), [str(tmp_path / "exports" / "pose")], archive)
    assert (other / "thesis.txt").exists()


@pytest.mark.parametrize(("versions", "found"), [([], "no version"), ([1, 2], "versions 1, 2 without one")])
def test_a_model_without_a_file_is_refused(archive, write_version, tmp_path, capsys, versions, found):
    for number in versions:
        write_version(number, has_onnx=False)
    folder = str(tmp_path / "exports" / "pose")
    out = tmp_path / "page"
    assert command.main([f"--model_base_path={folder}", f"--out_dir={out}", f"--library={archive}"]) == 1
    error = capsys.readouterr().err
    assert "--model_base_path: expected a folder with a version that has model.onnx (`export.py --onnx`)" in error
    assert f"received {folder}: {found}" in error
    assert not out.exists()


def test_models_of_one_name_are_refused(archive, write_version, tmp_path):
    folders = [write_version(1, folder="a"), write_version(1, folder="b")]
    with pytest.raises(ValueError, match="expected models of different names, received pose, pose"):
        site.write(str(tmp_path / "page"), folders, archive)
    assert not (tmp_path / "page").exists()
    assert not list(tmp_path.glob(".writing-*"))


def test_the_command_says_how_to_see_the_page(archive, write_version, tmp_path, capsys):
    out = tmp_path / "page"
    flags = [f"--model_base_path={write_version(1)}", f"--out_dir={out}", f"--library={archive}", "--webgpu"]
    assert command.main(flags) == 0
    assert f"python -m http.server --directory {out}" in capsys.readouterr().out
    assert json.loads((out / "local" / "models.json").read_text())["backends"] == ["webgpu", "wasm"]
