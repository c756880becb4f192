"""What all formats have in common: names, bytes, descriptions, missing libraries, what is read back."""

import importlib.util
import json
import os
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest

from keras_pose.poses import formats
from keras_pose.poses.formats import description
from tests import conftest
from tests.helpers import pose_files
from tests.helpers.full_disk import limit_file_size
from tests.helpers.video_poses import random_poses

WITHOUT_TIMES = {"csv", "h5"}
WRITE_ALL = """
import sys
from keras_pose.poses import formats
from tests.helpers import pose_files
step = int(sys.argv[2])  # the libraries know of each other: what one loads must not show in the files of another
for ending, entry in list(formats.FORMATS.items())[::step]:
    entry.write(f"{sys.argv[1]}/names.{ending}", pose_files.case("names"))
    entry.write(f"{sys.argv[1]}/many.{ending}", pose_files.many_frames())
"""


@pytest.fixture(params=formats.FORMATS)
def ending(request):
    entry = formats.FORMATS[request.param]
    if entry.library and importlib.util.find_spec(entry.library) is None:
        pytest.skip(f"{entry.library} is not installed")
    return request.param


@pytest.mark.parametrize("name", pose_files.CASES)
def test_each_file_has_its_description_and_reads_back(tmp_path, ending, name):
    poses = pose_files.case(name)
    path = tmp_path / f"clip.{ending}"
    formats.write(path, poses)
    about = formats.read_description(path)
    assert about == description.describe(poses)
    assert about["skeleton"] == poses.skeleton.to_dict()
    assert about["model"] == {"name": "mine", "version": "", "digest": "ab" * 32, "keras_pose": "0.1.0"}
    assert about["video"]["fps"] == 25
    if not formats.FORMATS[ending].readable:
        with pytest.raises(ValueError, match=r"expected poses to read from one of csv, h5, tidy.csv"):
            formats.read(path)
        return
    read = formats.read(path)
    assert read.describe() == poses.describe()
    assert read.skeleton == poses.skeleton
    assert read.people == poses.people
    np.testing.assert_array_equal(read.frames, poses.frames)
    np.testing.assert_array_equal(read.decoded, poses.decoded)
    np.testing.assert_allclose(read.joints, poses.joints, atol=0.01, rtol=0)
    if ending in WITHOUT_TIMES:
        np.testing.assert_allclose(pose_files.likelihoods(read), pose_files.likelihoods(poses), atol=1e-6, rtol=0)
        return
    np.testing.assert_array_equal(read.ambiguous, poses.ambiguous)
    for array, tolerance in (("times_s", 1e-6), ("scores", 1e-6), ("confidences", 1e-6), ("expected_errors_px", 1e-3)):
        np.testing.assert_allclose(getattr(read, array), getattr(poses, array), atol=tolerance, rtol=0, err_msg=array)


@pytest.mark.parametrize("ending", ["npz", "parquet"])
def test_parquet_and_npz_lose_nothing(tmp_path, ending):
    pytest.importorskip("pyarrow")
    poses = pose_files.case("people")
    formats.write(tmp_path / f"a.{ending}", poses)
    pose_files.equal_arrays(formats.read(tmp_path / f"a.{ending}"), poses, {"regions"} if ending == "parquet" else ())


def test_bytes_are_those_of_another_process_at_another_time(tmp_path):
    """Names, ids, clocks, hashes of strings and folders differ; the files do not."""
    folders = [tmp_path / "one", tmp_path / "two, and another"]
    installed = [e for e, f in formats.FORMATS.items() if not f.library or importlib.util.find_spec(f.library)]
    if len(installed) < len(formats.FORMATS):
        pytest.skip("needs the libraries of all formats")
    running = []
    for number, folder in enumerate(folders):
        folder.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": str(number + 1), "TZ": ("UTC", "Asia/Tokyo")[number]}
        command = [sys.executable, "-c", WRITE_ALL, str(folder), ("1", "-1")[number]]
        running.append(subprocess.Popen(command, cwd=conftest.ROOT, env=environment))
        time.sleep(1.1 * (1 - number))  # clocks of files count whole seconds
    assert [process.wait() for process in running] == [0, 0]
    names = sorted(os.listdir(folders[0]))
    assert len(names) == 2 * (len(formats.FORMATS) + 2)  # two formats have their description beside them
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
        assert str(tmp_path).encode() not in (folders[0] / name).read_bytes(), name


def test_large_files_are_read_back(tmp_path, ending):
    poses = pose_files.many_frames()
    formats.write(tmp_path / f"many.{ending}", poses)
    if formats.FORMATS[ending].readable:
        np.testing.assert_allclose(formats.read(tmp_path / f"many.{ending}").joints, poses.joints, atol=0.01, rtol=0)
    assert formats.read_description(tmp_path / f"many.{ending}")["frames"] == [[0, 16_999, 1]]


@pytest.mark.parametrize("calibration", [None, {"distance_px": float("nan"), "sizes": (1, float("inf"))}])
def test_numbers_that_json_lacks_are_none(tmp_path, ending, calibration):
    poses = random_poses().replace(calibration=calibration)
    formats.write(tmp_path / f"a.{ending}", poses)
    found = formats.read_description(tmp_path / f"a.{ending}")["calibration"]
    assert found == (calibration and {"distance_px": None, "sizes": [1, None]})


def test_a_full_disk_leaves_the_old_file(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    formats.write(path, random_poses())
    before = path.read_bytes()
    with limit_file_size(1 << 17), pytest.raises(OSError, match=f"a.{ending}.*cannot be written: File too large"):
        formats.write(path, pose_files.many_frames())
    assert path.read_bytes() == before
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".writing-")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", "csv"),
        ("a.tidy.csv", "tidy.csv"),
        ("tidy.csv", "csv"),
        ("b.Analysis.H5", "analysis.h5"),
        ("x.h5", "h5"),
    ],
)
def test_the_longest_ending_counts(name, expected):
    assert formats.find_format(f"some.npz/{name}").ending == expected


def test_unknown_formats_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"a.json: expected a file of poses that ends with one of csv, h5, slp"):
        formats.write(tmp_path / "a.json", random_poses())
    with pytest.raises(ValueError, match="format: expected one of csv, .*, received 'xlsx'"):
        formats.check(["csv", "xlsx"])


def test_a_missing_library_is_named(tmp_path):
    """In a process that has none of the libraries of the extra."""
    code = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tables", "sleap_io", "pyarrow", "ndx_pose", "pynwb"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
from keras_pose.poses import formats
import importlib.util
find = importlib.util.find_spec
def find_spec(name):
    try:
        return find(name)
    except ModuleNotFoundError:
        return None
importlib.util.find_spec = find_spec
from tests.helpers.video_poses import random_poses
for ending in formats.FORMATS:
    try:
        formats.write(f"{sys.argv[1]}/a.{ending}", random_poses())
        print(ending)
    except ValueError as error:
        print(error)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    lines = subprocess.run(command, cwd=conftest.ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    written = [line for line in lines if line in formats.FORMATS]
    assert written == ["csv", "analysis.h5", "coco.json", "tidy.csv", "npz"]
    assert len(lines) == len(formats.FORMATS)
    for line in set(lines) - set(written):
        assert line.startswith(".")
        assert "pip install 'keras_pose[formats]'" in line


@pytest.mark.parametrize("damage", [lambda _: b"", lambda data: data[: len(data) // 2], lambda _: b"no such file"])
def test_damaged_files_are_named(tmp_path, ending, damage):
    path = tmp_path / f"a.{ending}"
    formats.write(path, random_poses())
    for name in (path, tmp_path / f"a.{ending}.json"):
        if name.exists():
            name.write_bytes(damage(name.read_bytes()))
    with pytest.raises(ValueError, match=f"a.{ending}"):
        formats.read_description(path)
    if formats.FORMATS[ending].readable:
        with pytest.raises(ValueError, match=f"a.{ending}"):
            formats.read(path)


def test_missing_files_are_named(tmp_path, ending):
    with pytest.raises(OSError, match=f"a.{ending}"):
        formats.read_description(tmp_path / f"a.{ending}")
    if formats.FORMATS[ending].readable:
        with pytest.raises(OSError, match=f"a.{ending}"):
            formats.read(tmp_path / f"a.{ending}")


def test_incomplete_descriptions_are_named(tmp_path):
    formats.write(tmp_path / "a.csv", random_poses())
    (tmp_path / "a.csv.json").write_text(json.dumps({"video": {}}))
    with pytest.raises(ValueError, match=r"a.csv: expected a complete description of the poses"):
        formats.read(tmp_path / "a.csv")


@pytest.mark.parametrize("ending", ["csv", "tidy.csv", "coco.json"])
def test_memory_of_text_does_not_grow_with_the_video(tmp_path, ending):
    peaks = []
    for num_frames in (4_500, 9_000):
        poses = random_poses(num_frames)
        tracemalloc.start()
        formats.write(tmp_path / f"a.{ending}", poses)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names whose bytes are no text")
def test_names_whose_bytes_are_no_text_can_be_written(tmp_path, ending):
    name = os.fsdecode(b"raw\xff")
    formats.write(os.path.join(tmp_path, f"{name}.{ending}"), random_poses(path=f"videos/{name}.mp4"))
    assert f"{name}.{ending}" in os.listdir(tmp_path)
