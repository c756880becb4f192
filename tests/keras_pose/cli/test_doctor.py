"""The doctor's report: it names what is missing or does not fit, with a remedy, and never ends in a crash."""

import subprocess
import sys

import pytest
from packaging.requirements import Requirement

from keras_pose.cli import doctor
from keras_pose.cli.doctor_probes import FAULT, NOTE, OK, Check


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


def test_report_without_faults_ends_with_everything_installed():
    assert doctor.format_report([Check("a", NOTE, "x")]).endswith("Everything needed is installed.")
    assert doctor.format_report([]).endswith("Everything needed is installed.")


def test_requirements_that_are_not_there_are_a_fault(tmp_path):
    [check] = doctor.check_packages(tmp_path, "absent_package")
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


def test_checks_run_without_tensorflow(monkeypatch, broken_import):
    broken_import("tensorflow", ModuleNotFoundError("No module named 'tensorflow'"))
    monkeypatch.setattr(doctor, "check_packages", lambda root: [])
    found = {check.name: check for check in doctor.run_checks()}
    assert found["TensorFlow computes"].status == FAULT
    assert "No module named 'tensorflow'" in found["TensorFlow computes"].found
    assert found["GPU"].status == NOTE
    assert found["video MJPG .avi"].status == OK


@pytest.mark.parametrize(("status", "code"), [(OK, 0), (NOTE, 0), (FAULT, 1)])
def test_exit_code_is_one_only_if_something_needs_repair(monkeypatch, capsys, status, code):
    monkeypatch.setattr(doctor, "run_checks", lambda: [Check("thing", status, "found")])
    assert doctor.main() == code
    assert "thing" in capsys.readouterr().out


def test_import_of_the_doctor_needs_the_standard_library_only():
    program = "import keras_pose.cli.doctor, sys; print('numpy' in sys.modules or 'tensorflow' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=doctor.ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("name", "module"), [("PyYAML", "yaml"), ("tensorflow-serving-api", "tensorflow_serving.apis"), ("h5py", "h5py")]
)
def test_a_package_is_imported_by_the_name_of_its_module(versions, broken_import, name, module):
    versions({name.lower(): "1.0"})
    broken_import(module, ImportError("broken"))
    assert doctor.check_package(Requirement(name)).found == f"1.0, but `import {module}` fails: broken"


def test_arguments_other_than_help_are_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        doctor.main(["--fix"])
    assert ended.value.code == 2
    assert "keras-pose doctor: error: unrecognized arguments: --fix" in capsys.readouterr().err
