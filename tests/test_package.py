"""What `pip install .` gives: the dependencies of the requirements files, both packages with their data, no tests."""

import email
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest
from packaging.requirements import Requirement

import keras_pose
from keras_pose.cli import main
from tests import conftest

# The extras of the package and their requirements files.
EXTRAS = {
    "browser": ["browser"],
    "cluster": ["cluster"],
    "formats": ["formats"],
    "onnx": ["onnx"],
    "test": ["formats", "onnx", "test"],
}


def read_lines(*names):
    """Returns the lines of requirements files without comments, as normalised requirements."""
    lines = [line for name in names for line in (conftest.ROOT / name).read_text(encoding="utf-8").splitlines()]
    return sorted(str(Requirement(line)) for line in lines if line.strip() and not line.startswith(("#", "-r")))


def included_files(name):
    """Returns the files that a requirements file names with -r, as it writes them."""
    text = (conftest.ROOT / name).read_text(encoding="utf-8")
    return re.findall(r"^-r (\S+)$", text, re.MULTILINE)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with the sdist and the wheel of a copy of the project; the build leaves files where it runs."""
    source = tmp_path_factory.mktemp("source")
    built = tmp_path_factory.mktemp("built")
    for path in conftest.ROOT.iterdir():
        if path.name in ("benchmarks", "configs", "examples", "keras_pose", "requirements", "serving", "tests"):
            shutil.copytree(path, source / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.is_file():
            shutil.copy(path, source)
    command = [sys.executable, "-m", "build", "--no-isolation", f"--outdir={built}", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return built


@pytest.fixture(scope="module")
def wheel(built):
    """dict of file name to content (bytes) of the wheel."""
    [path] = built.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(wheel):
    """The wheel's METADATA."""
    [name] = [name for name in wheel if name.endswith(".dist-info/METADATA")]
    return email.message_from_bytes(wheel[name])


def test_the_wheel_requires_what_the_requirements_files_name(metadata):
    required = [Requirement(text) for text in metadata.get_all("Requires-Dist")]
    always = sorted(str(r) for r in required if r.marker is None or "extra ==" not in str(r.marker))
    assert always == read_lines("requirements/common.txt", "requirements/stack.txt")
    assert len(always) > 20


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_requires_what_its_requirements_files_name(metadata, extra):
    found = []
    for text in metadata.get_all("Requires-Dist"):
        line, is_extra, _ = re.sub(r"\s+and\s+extra ==", "; extra ==", text).partition(f'; extra == "{extra}"')
        if is_extra:
            found.append(str(Requirement(line)))
    assert sorted(found) == read_lines(*(f"requirements/{name}.txt" for name in EXTRAS[extra]))
    assert sorted(metadata.get_all("Provides-Extra")) == sorted(EXTRAS)


def test_requirements_txt_names_the_same_files_as_the_package():
    assert included_files("requirements.txt") == ["requirements/common.txt", "requirements/stack.txt"]
    assert read_lines("requirements.txt") == []


def test_the_forced_current_stack_is_the_stack_of_a_newer_python():
    newer = [Requirement(line) for line in read_lines("requirements/stack.txt")]
    newer = [r for r in newer if r.marker.evaluate({"python_version": "3.12"})]
    assert sorted(f"{r.name}{r.specifier}" for r in newer) == read_lines("requirements/current.txt")
    assert included_files("requirements/current.txt") == ["common.txt"]


def test_the_version_is_that_of_the_module(metadata):
    assert metadata["Version"] == keras_pose.__version__
    assert metadata["Requires-Python"] == ">=3.9"


def test_the_wheel_holds_every_file_of_both_packages_and_nothing_else(wheel):
    expected = set()
    for package in ("keras_pose", "serving"):
        for path in (conftest.ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                expected.add(path.relative_to(conftest.ROOT).as_posix())
    assert {name for name in wheel if ".dist-info/" not in name} == expected
    assert {"keras_pose/py.typed", "serving/demo/index.html", "serving/models.config"} <= expected


def test_the_wheel_installs_the_command(wheel):
    [name] = [name for name in wheel if name.endswith("entry_points.txt")]
    assert "keras-pose = keras_pose.cli.main:main" in wheel[name].decode()
    assert callable(main.main)


def test_the_sdist_holds_the_requirements_files_and_no_tests(built):
    [path] = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    files = {path.name for path in (conftest.ROOT / "requirements").glob("*.txt")}
    assert {"requirements.txt", "pyproject.toml", "LICENSE", *(f"requirements/{name}" for name in files)} <= names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "examples"))]


def test_import_of_keras_pose_loads_no_numerical_library():
    program = "import keras_pose, sys; print(*{'tensorflow', 'keras', 'cv2', 'numpy', 'absl'} & set(sys.modules))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=conftest.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
