"""Files are complete or absent, and JSON round trips."""

import errno
import os
import stat
import subprocess
import sys
import warnings

import numpy as np
import pytest

from keras_pose import files
from tests.helpers import full_disk


def test_json_round_trip_makes_folders(tmp_path):
    path = tmp_path / "new" / "deep" / "value.json"
    value = {"name": "Zoë", "rows": [1, 2.5, None, True]}
    files.write_json(path, value)
    assert files.read_json(path) == value
    assert os.listdir(path.parent) == ["value.json"]


def test_writing_into_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files.write_text("plain.txt", "words\n")
    assert (tmp_path / "plain.txt").read_text() == "words\n"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "kept.txt"
    files.write_text(path, "old")

    def fail_halfway():
        with files.replace_atomically(path) as temporary:
            with open(temporary, "w", encoding="utf-8") as file:
                file.write("half of the n")
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        fail_halfway()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["kept.txt"]


def test_nothing_is_visible_before_the_end(tmp_path):
    path = tmp_path / "late.txt"
    with files.replace_atomically(path) as temporary:
        assert not path.exists()
        assert os.path.dirname(temporary) == str(tmp_path)
        assert temporary.endswith("late.txt")
    assert path.read_text() == ""


def test_permissions_follow_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        files.write_text(tmp_path / "shared.txt", "")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(tmp_path / "shared.txt").st_mode) == 0o640


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1, {"a": -float("inf")}]])
def test_nan_and_infinity_are_refused(tmp_path, value):
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(tmp_path / "value.json", value)
    assert os.listdir(tmp_path) == []


def test_a_file_that_is_not_json_is_named(tmp_path):
    path = tmp_path / "broken.json"
    path.write_text('{"a": 1,\n "b" 2}')
    with pytest.raises(ValueError, match=r"broken\.json: expected JSON, but .*line 2"):
        files.read_json(path)


def test_a_file_that_is_not_text_is_named(tmp_path):
    path = tmp_path / "picture.json"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(ValueError, match=r"picture\.json: expected JSON"):
        files.read_json(path)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "9" * 5000 if sys.version_info >= (3, 11) else "9x"]
)
def test_json_that_python_does_not_take_is_named(tmp_path, text):
    path = tmp_path / "odd.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"odd\.json: expected JSON, but"):
        files.read_json(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_is_read_in_every_encoding(tmp_path, encoding):
    path = tmp_path / "value.json"
    path.write_bytes('{"name": "Zoë"}'.encode(encoding))
    assert files.read_json(path) == {"name": "Zoë"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_is_read_without_its_mark_and_with_plain_line_ends(tmp_path, encoding, end):
    path = tmp_path / "lines.txt"
    path.write_bytes(f"Zoë{end}{end}a\u2028b\x0bc{end}".encode(encoding))
    assert files.read_text(path) == "Zoë\n\na\u2028b\x0bc\n"


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"a\nb\xe9\n", r"lines\.txt:2: expected text in UTF-8, but invalid"),
        (b"\xef\xbb\xbf\n\n\xe9", r"lines\.txt:3: expected text in UTF-8, but"),
        (b"\x89PNG\r\n", r"lines\.txt:1: expected text in UTF-8, but invalid start byte"),
        (b"\xff\xfea\0b", r"lines\.txt: expected text in UTF-16, but truncated data"),
    ],
)
def test_a_file_that_is_not_text_is_named_with_its_line(tmp_path, data, place):
    path = tmp_path / "lines.txt"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=place):
        files.read_text(path)


def test_arrays_are_read_or_refused_whatever_is_damaged(tmp_path):
    path = tmp_path / "arrays.npz"
    files.write_arrays(path, ARRAYS, compressed=True)
    np.testing.assert_array_equal(files.read_arrays(path)["weight_0"], ARRAYS["weight_0"])
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for at in rng.permutation(len(whole))[:600]:
        data = bytearray(whole)
        data[at] ^= 1 << rng.integers(8)
        path.write_bytes(data)
        try:
            files.read_arrays(path)
        except ValueError as error:
            refused += str(error).startswith(f"{path}: expected an archive of arrays (.npz), but ")
    assert refused > 400
    for content in (b"", b"words", whole[:-30]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"arrays\.npz: expected a box \(\.npz\), but"):
            files.read_arrays(path, "a box")
    with pytest.raises(FileNotFoundError, match=r"absent\.npz"):
        files.read_arrays(tmp_path / "absent.npz")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.json"):
        files.read_json(tmp_path / "absent.json")


ARRAYS = {"step": 3, "memory": "{}", "weight_0": np.arange(5000.0), "empty": np.zeros((0, 2), np.float32)}
WRITERS = {
    "text": lambda path: files.write_text(path, "words\n" * 2000),
    "json": lambda path: files.write_json(path, list(range(5000))),
    "arrays": lambda path: files.write_arrays(path, ARRAYS),
    "compressed": lambda path: files.write_arrays(path, {"a": np.random.default_rng(0).normal(size=5000)}, True),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("room", [0, 2000])
def test_a_full_disk_is_one_line_and_leaves_the_old_file(tmp_path, write, room, monkeypatch):
    unraisable = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)  # "Exception ignored in: …"
    path = tmp_path / "kept [1] %d.npz"
    path.write_bytes(b"old")
    with warnings.catch_warnings(), full_disk.limit_file_size(room):
        warnings.simplefilter("error")
        with pytest.raises(OSError, match=full_disk.REASON) as caught:
            write(path)
    assert str(caught.value) == f"{path}: cannot be written: {full_disk.REASON}"
    assert caught.value.errno == errno.EFBIG
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [path.name]
    del caught
    assert unraisable == []
    write(path)  # there is room again
    assert len(path.read_bytes()) > 2000


def test_a_folder_that_is_a_file_is_one_line(tmp_path):
    (tmp_path / "file").write_text("x")
    path = tmp_path / "file" / "deep" / "new.json"
    with pytest.raises(OSError, match=r"new\.json: cannot be written: Not a directory$"):
        files.write_json(path, {})


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_one_line(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match=r"new\.json: cannot be written: Permission denied$"):
        files.write_json(tmp_path / "new.json", {})


def test_an_error_of_another_file_in_the_block_is_not_renamed(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.png"):  # noqa: SIM117
        with files.replace_atomically(tmp_path / "new.json"):
            open(tmp_path / "absent.png", "rb").close()
    with pytest.raises(OSError, match="^the codec is unknown$"):  # noqa: SIM117
        with files.replace_atomically(tmp_path / "new.json"):
            raise OSError("the codec is unknown")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["x" * 250 + ".json", "ü" * 120 + ".json"])
def test_long_names_can_be_written(tmp_path, name):
    files.write_json(tmp_path / name, 1)
    assert os.listdir(tmp_path) == [name]


def test_arrays_are_an_archive_of_numpy(tmp_path):
    for compressed in (False, True):
        files.write_arrays(tmp_path / "a.npz", ARRAYS, compressed)
        with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
            assert set(archive) == set(ARRAYS)
            for name, value in ARRAYS.items():
                np.testing.assert_array_equal(archive[name], value)
                assert archive[name].dtype == np.asarray(value).dtype
    with pytest.raises(ValueError, match="[Oo]bject arrays"):
        files.write_arrays(tmp_path / "b.npz", {"a": np.array([{}])})
    assert os.listdir(tmp_path) == ["a.npz"]


def test_a_link_stands_for_a_folder_with_characters_of_patterns(tmp_path):
    for name in ("plain", "ü %d {x}"):
        with files.without_pattern(tmp_path / name) as path:
            assert path == str(tmp_path / name)
    for name in ("run [lr=1e-3]", "a*b", "what?", "back\\slash"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "file").write_text("here")
        with files.without_pattern(folder) as path:
            assert not set("[]*?\\") & set(path)
            assert os.listdir(path) == ["file"]
        assert not os.path.lexists(path)
        assert os.listdir(folder) == ["file"]


def test_lists_of_paths_keep_commas_of_paths_that_exist(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "a, b", "c,d", " e", "f,", "run [x=1,y=2]"):
        os.mkdir(name)
    for text, paths in {
        "a": ["a"],
        "a,b": ["a", "b"],
        "a, b": ["a, b"],
        "b, a": ["b", "a"],
        "a,c,d": ["a", "c,d"],
        "c,d,a, b": ["c,d", "a, b"],
        " e,a": [" e", "a"],
        "f,": ["f,"],
        "f,,a": ["f,", "a"],
        "run [x=1,y=2],new,b": ["run [x=1,y=2]", "new", "b"],
        "x, y": ["x", "y"],
        "x,y,": ["x", "y"],
        " , ": [],
        "": [],
        f"{tmp_path}/c,d,{tmp_path}/a": [f"{tmp_path}/c,d", f"{tmp_path}/a"],
    }.items():
        assert files.split_paths(text) == paths


@pytest.mark.parametrize("size", [0, 5, 1 << 20, (1 << 20) + 1])
def test_room_is_reserved_to_the_byte_or_refused(tmp_path, size):
    files.reserve(tmp_path / "a", size)
    assert (tmp_path / "a").stat().st_size == size
    if size:
        with full_disk.limit_file_size(size - 1), pytest.raises(OSError, match=full_disk.REASON):
            files.reserve(tmp_path / "a", size)


def test_a_folder_is_checked_without_making_it(tmp_path):
    files.check_folder(tmp_path / "a" / "b", "--out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "b"):
        with pytest.raises(ValueError, match="--out: expected a folder that can be written, received .*file is a file"):
            files.check_folder(path, "--out")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="a disk can be mounted only by root")
def test_a_folder_on_a_read_only_disk_is_refused_with_the_reason(tmp_path):
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(tmp_path)], check=False).returncode:
        pytest.skip("disks cannot be mounted here")
    try:
        with pytest.raises(
            ValueError, match="--out: expected a folder that can be written, received .*: Read-only file"
        ):
            files.check_folder(tmp_path / "new", "--out")
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
