"""The doctor's report: what is missing or mismatched is named, with a remedy, and never ends in a crash."""

import importlib
import importlib.metadata
import subprocess
import sys

import pytest
from packaging.requirements import Requirement

from keras_pose.cli import doctor, doctor_probes
from keras_pose.cli.doctor_probes import FAULT, NOTE, OK, Check


@pytest.fixture
def broken_import(monkeypatch):
    """Makes the import of a module fail: `broken_import(name, error)`."""
    real = importlib.import_module

    def arrange(name, error):
        def fake(module, *args):
            if module == name:
                raise error
            return real(module, *args)

        monkeypatch.setattr(importlib, "import_module", fake)

    return arrange


@pytest.fixture
def versions(monkeypatch):
    """Replaces what is installed: `versions({"keras": "2.15.0"})`."""

    def arrange(installed):
        def fake(name):
            if name not in installed:
                raise importlib.metadata.PackageNotFoundError(name)
            return installed[name]

        monkeypatch.setattr(importlib.metadata, "version", fake)

    return arrange


@pytest.fixture
def project(tmp_path):
    """A folder with requirements of two stacks: Keras 2 by this Python's choice, and Keras 3."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements.txt").write_text("# both\n-r requirements/common.txt\nkeras==2.15.0  # classic\n")
    (tmp_path / "requirements" / "common.txt").write_text('json>=1\nabsent; python_version < "3"\n')
    (tmp_path / "requirements" / "current.txt").write_text("-r common.txt\nkeras==3.15.*\n")
    return tmp_path


def test_report_aligns_and_names_remedies_and_faults():
    report = doctor.format_report(
        [Check("a", OK, "1.0", "unused"), Check("longer", FAULT, "none", "get it"), Check("b", NOTE, "old", "renew")]
    )
    assert report.splitlines() == [
        "ok     a       1.0",
        "FAULT  longer  none",
        "               -> get it",
        "note   b       old",
        "               -> renew",
        "",
        "1 to repair: longer",
    ]


def test_report_without_faults_says_so():
    assert doctor.format_report([Check("a", NOTE, "x")]).endswith("All that is needed is there.")
    assert doctor.format_report([]).endswith("All that is needed is there.")


@pytest.mark.parametrize(
    ("version", "status"),
    [((3, 8, 18), FAULT), ((3, 9, 0), OK), ((3, 13, 1), OK), ((3, 14, 0), FAULT), ((2, 7, 18), FAULT)],
)
def test_python_outside_the_stacks_is_a_fault(version, status):
    check = doctor_probes.check_python(version)
    assert check.status == status
    assert ".".join(map(str, version)) in check.found
    assert status == OK or "3.9 to 3.13" in check.remedy


def test_requirements_are_read_with_includes_comments_and_markers(project):
    found = [str(requirement) for requirement in doctor.read_requirements(project / "requirements.txt")]
    assert found == ["json>=1", "keras==2.15.0"]


def test_a_line_that_is_no_requirement_is_named(project):
    path = project / "requirements" / "current.txt"
    path.write_text("keras = 3\n")
    with pytest.raises(ValueError, match=r"current\.txt: expected a requirement, received 'keras = 3'"):
        doctor.read_requirements(path)
    [check] = doctor.check_packages(project)
    assert check.status == FAULT
    assert "keras = 3" in check.found


def test_requirements_that_are_not_there_are_a_fault(tmp_path):
    [check] = doctor.check_packages(tmp_path)
    assert (check.name, check.status) == ("requirements", FAULT)
    assert "requirements.txt" in check.found


@pytest.mark.parametrize(
    ("keras", "stack", "file"),
    [("2.15.0", "classic", "requirements.txt"), ("3.15.1", "current", "current.txt"), ("2.9.0", "classic", "nts.txt")],
)
def test_the_stack_follows_the_installed_keras(project, versions, keras, stack, file):
    versions({"keras": keras, "json": "1.2"})
    check = doctor.check_packages(project)[0]
    assert (check.name, check.status) == ("stack", OK)
    assert check.found.startswith(stack)
    assert check.found.endswith(file)


def test_an_empty_installation_is_reported_package_by_package(project, versions):
    versions({})
    checks = doctor.check_packages(project)
    assert [(check.name, check.status) for check in checks] == [("stack", FAULT), ("json", FAULT), ("keras", FAULT)]
    assert checks[0].remedy == "make install"
    assert checks[2].remedy == f'{sys.executable} -m pip install "keras==2.15.0"'


def test_a_version_that_does_not_fit_is_a_fault(versions):
    versions({"numpy": "2.1.0"})
    check = doctor.check_package(Requirement("numpy<2"))
    assert (check.status, check.found) == (FAULT, "2.1.0, needs <2")
    assert 'pip install "numpy<2"' in check.remedy


def test_a_version_that_fits_and_imports_is_ok(versions):
    versions({"json": "1.2"})
    assert doctor.check_package(Requirement("json>=1")) == Check("json", OK, "1.2")


def test_tensorflow_addons_is_optional(versions):
    versions({})
    check = doctor.check_package(Requirement("tensorflow-addons==0.23.0"))
    assert check.status == NOTE
    assert "core TensorFlow operations" in check.remedy


def test_headless_opencv_stands_in_for_opencv(versions):
    versions({"opencv-python-headless": "4.11.0.86"})
    assert doctor.installed_version("opencv-python") == "4.11.0.86"
    assert doctor.installed_version("tensorflow") is None


def test_opencv_without_libgl_names_the_library_and_the_headless_build(versions, broken_import):
    versions({"opencv-python": "4.11.0.86"})
    broken_import("cv2", ImportError("libGL.so.1: cannot open shared object file: No such file or directory"))
    check = doctor.check_package(Requirement("opencv-python<4.12"))
    assert check.status == FAULT
    assert "libGL.so.1" in check.found
    assert "apt-get install libgl1" in check.remedy
    assert '"opencv-python-headless<4.12"' in check.remedy


@pytest.mark.parametrize("error", [ImportError("broken"), AttributeError("module has no attribute"), RuntimeError("")])
def test_any_error_of_an_import_is_reported(versions, broken_import, error):
    versions({"tensorflow": "2.15.1"})
    broken_import("tensorflow", error)
    check = doctor.check_package(Requirement("tensorflow==2.15.1"))
    assert check.status == FAULT
    assert check.found.endswith(str(error) or "RuntimeError")
    assert "--force-reinstall" in check.remedy


def test_inspect_survives_without_tensorflow(monkeypatch, broken_import):
    broken_import("tensorflow", ModuleNotFoundError("No module named 'tensorflow'"))
    monkeypatch.setattr(doctor, "check_packages", lambda root: [])
    found = {check.name: check for check in doctor.inspect()}
    assert found["TensorFlow computes"].status == FAULT
    assert "No module named 'tensorflow'" in found["TensorFlow computes"].found
    assert found["GPU"].status == NOTE
    assert found["video MJPG .avi"].status == OK


def test_video_probe_without_opencv_is_a_fault(broken_import):
    broken_import("cv2", ModuleNotFoundError("No module named 'cv2'"))
    check = doctor_probes.check_video("MJPG", ".avi")
    assert check.status == FAULT
    assert "No module named 'cv2'" in check.found


def test_video_probe_with_a_codec_that_is_not_there_is_a_fault():
    check = doctor_probes.check_video("mp4v", ".nothing")
    assert check.status == FAULT
    assert "opencv-python-headless" in check.remedy


def test_cpu_without_avx_is_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor_probes.platform, "machine", lambda: "x86_64")
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nflags\t\t: fpu sse sse2\n")
    assert doctor_probes.check_cpu(cpuinfo).status == FAULT
    cpuinfo.write_text("processor\t: 0\nflags\t\t: fpu sse avx avx2\n")
    assert doctor_probes.check_cpu(cpuinfo).status == OK


def test_little_free_space_is_noted(tmp_path):
    assert doctor_probes.check_disk(tmp_path, needed_gb=0).status == OK
    assert doctor_probes.check_disk(tmp_path, needed_gb=1e9).status == NOTE


def test_a_gpu_that_tensorflow_does_not_see_is_noted_with_the_cuda_packages(monkeypatch):
    tf = pytest.importorskip("tensorflow")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    monkeypatch.setattr(doctor_probes, "_driver_gpus", lambda: ["NVIDIA T4, 15360 MiB, 535.1"])
    check = doctor_probes.check_gpu()
    assert check.status == NOTE
    assert "15360 MiB" in check.found
    assert f"tensorflow[and-cuda]=={tf.__version__}" in check.remedy


def test_tensorflow_computes_here():
    pytest.importorskip("tensorflow")
    assert doctor_probes.check_tensorflow_runs().status == OK


@pytest.mark.parametrize(("status", "code"), [(OK, 0), (NOTE, 0), (FAULT, 1)])
def test_exit_code_tells_whether_all_needed_is_there(monkeypatch, capsys, status, code):
    monkeypatch.setattr(doctor, "inspect", lambda: [Check("thing", status, "found")])
    assert doctor.main() == code
    assert "thing" in capsys.readouterr().out


def test_import_of_the_doctor_needs_the_standard_library_only():
    program = "import keras_pose.cli.doctor, sys; print('numpy' in sys.modules or 'tensorflow' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=doctor.ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"
