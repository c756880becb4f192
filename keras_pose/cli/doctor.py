"""`keras-pose doctor`: what is installed, what is missing and how to get it.

Compares the installed packages with the requirements, imports each of them, and tries the operations that training and
prediction rest on: a matrix product and a convolution in TensorFlow, a video written by OpenCV and read with
PyAV. The report
also works in an incomplete installation.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import sys
from collections.abc import Sequence
from typing import Any

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
from keras_pose.cli.doctor_requirements import DISTRIBUTION, installed_version, read_stacks

ROOT = pathlib.Path(__file__).resolve().parents[2]  # of the checkout, or the folder that the package is installed in
# Packages whose module has another name.
_MODULES = {
    "absl-py": "absl",
    "opencv-python": "cv2",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "tensorflow-serving-api": "tensorflow_serving.apis",
}
_OPTIONAL = {"tensorflow-addons": "without it the warp uses core TensorFlow operations, which train slower"}
_DESKTOP_LIBRARIES = r"libGL|libgthread|libglib|libSM|libXext|libXrender"


def main(arguments: Sequence[str] = (), program: str = "keras-pose doctor") -> int:
    """Prints the report.

    Args:
      arguments: command line without the program's name; there are no flags but --help.
      program: name of the program in the help and in error messages.

    Returns:
      The exit status: 0 if nothing needs repair, else 1.
    """
    argparse.ArgumentParser(prog=program, description=__doc__.split("\n\n")[1]).parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    checks = run_checks()
    print(format_report(checks))
    return int(any(check.status == FAULT for check in checks))


def run_checks(root: str | pathlib.Path = ROOT) -> list[Check]:
    """Checks everything that keras_pose needs.

    Args:
      root: folder that holds `requirements.txt` and `requirements/`, if this is a checkout.

    Returns:
      Checks in the order of the report. Never raises if something is missing or broken.
    """
    checks = [check_python(), check_cpu(), check_disk(os.getcwd()), *check_packages(root)]
    checks += [check_gpu(), check_tensorflow_runs(), check_video("MJPG", ".avi"), check_video("mp4v", ".mp4")]
    return [*checks, check_ffmpeg()]


def format_report(checks: Sequence[Check]) -> str:
    """Returns the checks as text: one line each, with the remedy below it, and a summary as the last line."""
    width = max((len(check.name) for check in checks), default=0)
    lines = []
    for check in checks:
        lines.append(f"{check.status:<5}  {check.name:<{width}}  {check.found}")
        if check.remedy and check.status != OK:
            lines.append(f"{'':<5}  {'':<{width}}  -> {check.remedy}")
    faults = [check.name for check in checks if check.status == FAULT]
    lines.append("")
    lines.append(f"{len(faults)} to repair: {', '.join(faults)}" if faults else "Everything needed is installed.")
    return "\n".join(lines)


def check_packages(root: str | pathlib.Path = ROOT, distribution: str = DISTRIBUTION) -> list[Check]:
    """Names the stack and checks each package that it needs. Args as for `read_stacks`."""
    try:
        stacks = read_stacks(root, distribution)
    except (OSError, ImportError, ValueError) as error:
        remedy = "run it in a full clone, with pip: `python -m ensurepip`"
        return [Check("requirements", FAULT, f"cannot be read: {error}", remedy)]
    # Keras tells the stacks apart. If it fits neither, the packages are compared with this Python's default stack.
    stack = next((stack for stack in stacks if stack.has_installed_keras()), stacks[0])
    keras = installed_version("keras") or "none"
    name = {"2": "classic", "3": "current"}.get(keras.split(".")[0], "none")
    found = f"{name}, compared with {stack.source}"
    in_checkout = (pathlib.Path(root) / "requirements.txt").exists()
    remedy = "make install" if in_checkout else "install the packages below"
    checks = [Check("stack", OK if name != "none" else FAULT, found, remedy)]
    return checks + [check_package(requirement) for requirement in stack.requirements]


def check_package(requirement: Any) -> Check:
    """Checks that a package is installed, that its version fits, and that it imports.

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


def import_remedy(message: str, requirement: Any, install: str) -> str:
    """Returns how to repair a failed import.

    Args:
      message: the error's text.
      requirement: the `packaging` requirement whose module failed to import.
      install: the command that installs the package.
    """
    if re.search(_DESKTOP_LIBRARIES, message):
        pip = f"{sys.executable} -m pip"
        headless = f"opencv-python-headless{requirement.specifier}"
        return (
            "apt-get install libgl1 libglib2.0-0; or, without root: "
            f'{pip} uninstall -y opencv-python && {pip} install --force-reinstall --no-deps "{headless}"'
        )
    return install.replace("pip install", "pip install --force-reinstall", 1)


def _import_error(module):
    try:
        import_quietly(module)
    except Exception as error:  # packages of the other stack fail with more than ImportError
        return first_line(error)
    return None
