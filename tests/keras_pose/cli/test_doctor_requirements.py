"""What the doctor compares with: requirements files of a checkout, or the metadata of an installed package."""

import sys

import pytest

from keras_pose.cli import doctor, doctor_requirements
from keras_pose.cli.doctor_probes import FAULT


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A folder on sys.path that holds the metadata of an installed package, `posing 1.2`, without a checkout."""
    folder = tmp_path / "posing-1.2.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: posing\nVersion: 1.2\nRequires-Dist: json>=1\n"
        'Requires-Dist: keras==2.15.0; python_version < "3.12"\n'
        'Requires-Dist: keras==3.15.*; python_version >= "3.12"\n'
        'Requires-Dist: pytest>=8; extra == "test"\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_requirements_are_read_with_includes_comments_and_markers(project):
    found = [str(requirement) for requirement in doctor_requirements.read_requirements(project / "requirements.txt")]
    assert found == ["json>=1", "keras==2.15.0"]


def test_a_line_that_is_no_requirement_is_named(project):
    path = project / "requirements" / "current.txt"
    path.write_text("keras = 3\n")
    with pytest.raises(ValueError, match=r"current\.txt: expected a requirement, received 'keras = 3'"):
        doctor_requirements.read_requirements(path)
    [check] = doctor.check_packages(project)
    assert check.status == FAULT
    assert "keras = 3" in check.found


def test_headless_opencv_stands_in_for_opencv(versions):
    versions({"opencv-python-headless": "4.11.0.86"})
    assert doctor_requirements.installed_version("opencv-python") == "4.11.0.86"
    assert doctor_requirements.installed_version("tensorflow") is None


def test_a_checkout_has_the_stack_of_this_python_and_the_current_one(project):
    stacks = doctor_requirements.read_stacks(project)
    assert [stack.source for stack in stacks] == ["requirements.txt", "requirements/current.txt"]
    assert [str(requirement) for requirement in stacks[1].requirements] == ["json>=1", "keras==3.15.*"]


def test_an_installed_package_has_the_same_stacks_in_its_metadata(installed):
    default, current = doctor_requirements.read_stacks(installed, "posing")
    assert default.source == "posing 1.2"
    assert [requirement.name for requirement in default.requirements] == ["json", "keras"]  # no extras
    keras = "==2.15.0" if sys.version_info < (3, 12) else "==3.15.*"
    assert str(default.requirements[1].specifier) == keras
    assert current.source == "posing 1.2, current stack"
    assert str(current.requirements[1].specifier) == "==3.15.*"


@pytest.mark.parametrize(("keras", "source"), [("3.15.1", "current stack"), ("2.9.0", "posing 1.2")])
def test_an_installed_package_is_compared_with_the_stack_of_its_keras(installed, versions, keras, source):
    versions({"posing": "1.2", "keras": keras, "json": "1.2"})
    stack, *packages = doctor.check_packages(installed, "posing")
    assert stack.found.endswith(source)
    assert [check.name for check in packages] == ["json", "keras"]


def test_neither_checkout_nor_installed_package_is_an_error(tmp_path):
    with pytest.raises(OSError, match=r"expected .*requirements\.txt or an installed absent_package, found neither"):
        doctor_requirements.read_stacks(tmp_path, "absent_package")


def test_a_stack_has_the_installed_keras_or_another(versions):
    stack = doctor_requirements.Stack("here", doctor_requirements.parse_requirements(["keras==3.15.*"], "here"))
    for version, expected in [("3.15.1", True), ("2.15.0", False)]:
        versions({"keras": version})
        assert stack.has_installed_keras() is expected
    versions({})
    assert stack.has_installed_keras() is False
