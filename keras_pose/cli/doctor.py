"""What is installed, what is missing and how to get it: `python -m keras_pose.cli.doctor`.

Compares the installed packages with the requirements files, imports each of them, and tries what training and
prediction rest on: a matrix product and a convolution in TensorFlow, a video written and read by OpenCV. The report
comes out of an incomplete installation too.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import pathlib
import re
import sys

from keras_pose.cli.doctor_probes import (
    FAULT,
    NOTE,
    OK,
    Check,
    check_cpu,
    check_disk,
    check_ffmpeg,
    check_gpu,
    check_python,
    check_tensorflow_runs,
    check_video,
    first_line,
    import_quietly,
)

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Where the name to import is not the name to install.
_MODULES = {"absl-py": "absl", "opencv-python": "cv2", "pyyaml": "yaml"}
# Other distributions of the same module.
_SUBSTITUTES = {
    "opencv-python": ("opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"),
    "tensorflow": ("tensorflow-cpu", "tensorflow-macos"),
}
_OPTIONAL = {"tensorflow-addons": "without it the warp uses core TensorFlow operations, which train slower"}


def inspect(root=ROOT) -> list[Check]:
    """Looks at everything that keras_pose needs.

    Args:
      root: path of the folder that holds `requirements.txt` and `requirements/`.

    Returns:
      Checks in the order of the report. Never raises for what is missing or broken.
    """
    checks = [check_python(), check_cpu(), check_disk(root), *check_packages(root)]
    checks += [check_gpu(), check_tensorflow_runs(), check_video("MJPG", ".avi"), check_video("mp4v", ".mp4")]
    return [*checks, check_ffmpeg()]


def format_report(checks) -> str:
    """Returns the checks as text, one line each, the remedy below; the last line sums up."""
    width = max((len(check.name) for check in checks), default=0)
    lines = []
    for check in checks:
        lines.append(f"{check.status:<5}  {check.name:<{width}}  {check.found}")
        if check.remedy and check.status != OK:
            lines.append(f"{'':<5}  {'':<{width}}  -> {check.remedy}")
    faults = [check.name for check in checks if check.status == FAULT]
    lines.append("")
    lines.append(f"{len(faults)} to repair: {', '.join(faults)}" if faults else "All that is needed is there.")
    return "\n".join(lines)


def read_requirements(path) -> list:
    """Reads a requirements file and those it names with `-r`.

    Returns:
      The `packaging` requirements whose marker holds for this Python and machine.

    Raises:
      OSError: where a file is not there.
      ImportError: where neither `packaging` nor pip is installed.
      ValueError: for a line that is no requirement.
    """
    requirement_class = _requirement_class()
    requirements = []
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        line = re.sub(r"(^|\s)#.*$", "", line).strip()
        if line.startswith("-r "):
            requirements += read_requirements(pathlib.Path(path).parent / line[3:].strip())
        elif line:
            try:
                requirement = requirement_class(line)
            except ValueError as error:
                raise ValueError(f"{path}: expected a requirement, received {line!r} ({error})") from error
            if requirement.marker is None or requirement.marker.evaluate():
                requirements.append(requirement)
    return requirements


def check_packages(root=ROOT) -> list[Check]:
    """Names the stack and checks each package of the requirements file that it was installed from."""
    paths = [pathlib.Path(root) / name for name in ("requirements.txt", "requirements/current.txt")]
    try:
        options = [(path, read_requirements(path)) for path in paths]
    except (OSError, ImportError, ValueError) as error:
        remedy = "run it in a full clone, with pip: `python -m ensurepip`"
        return [Check("requirements", FAULT, f"cannot be read: {error}", remedy)]
    # Keras tells the stacks apart; with neither, the packages are compared with this Python's own choice.
    path, requirements = next((option for option in options if _keras_fits(option[1])), options[0])
    keras = installed_version("keras") or "none"
    stack = {"2": "classic", "3": "current"}.get(keras.split(".")[0], "none")
    found = f"{stack}, compared with {path.relative_to(root)}"
    checks = [Check("stack", OK if stack != "none" else FAULT, found, "make install")]
    return checks + [check_package(requirement) for requirement in requirements]


def check_package(requirement) -> Check:
    """Checks that a package is installed in a version that fits, and that it imports.

    Args:
      requirement: a `packaging` requirement.
    """
    key = requirement.name.lower()
    missing = NOTE if key in _OPTIONAL else FAULT
    install = f'{sys.executable} -m pip install "{requirement.name}{requirement.specifier}"'
    if key in _OPTIONAL:
        install += f" ({_OPTIONAL[key]})"
    version = installed_version(key)
    if version is None:
        return Check(requirement.name, missing, f"not installed, needs {requirement.specifier}", install)
    if not requirement.specifier.contains(version, prereleases=True):
        return Check(requirement.name, missing, f"{version}, needs {requirement.specifier}", install)
    module = _MODULES.get(key, key.replace("-", "_"))
    error = _import_error(module)
    if error is None:
        return Check(requirement.name, OK, version)
    found = f"{version}, but `import {module}` fails: {error}"
    return Check(requirement.name, missing, found, import_remedy(str(error), requirement, install))


def import_remedy(message, requirement, install) -> str:
    """Returns what to do about a failed import.

    Args:
      message: str, the error's text.
      requirement: the `packaging` requirement that was imported.
      install: str, the command that installs the package.
    """
    if re.search(r"libGL|libgthread|libglib|libSM|libXext|libXrender", message):
        pip, headless = f"{sys.executable} -m pip", f"opencv-python-headless{requirement.specifier}"
        return (
            "apt-get install libgl1 libglib2.0-0; or, without root: "
            f'{pip} uninstall -y opencv-python && {pip} install --force-reinstall --no-deps "{headless}"'
        )
    return install.replace("pip install", "pip install --force-reinstall", 1)


def installed_version(name) -> str | None:
    """Returns the version of a distribution, or of one that stands in for it; None where there is none."""
    for candidate in (name, *_SUBSTITUTES.get(name, ())):
        try:
            return importlib.metadata.version(candidate)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def main() -> int:
    """Prints the report; returns 0 where all that is needed is there, else 1."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    checks = inspect()
    print(format_report(checks))
    return int(any(check.status == FAULT for check in checks))


def _import_error(module):
    try:
        import_quietly(module)
    except Exception as error:  # packages of the other stack fail with more than ImportError
        return first_line(error)
    return None


def _requirement_class():
    try:
        return importlib.import_module("packaging.requirements").Requirement
    except ImportError:
        return importlib.import_module("pip._vendor.packaging.requirements").Requirement


def _keras_fits(requirements):
    version = installed_version("keras")
    return version is not None and any(
        r.name == "keras" and r.specifier.contains(version, prereleases=True) for r in requirements
    )


if __name__ == "__main__":
    sys.exit(main())
