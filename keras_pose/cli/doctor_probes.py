"""What `keras-pose doctor` finds out about the machine by trying it: Python, CPU, disk, GPU, TensorFlow, video.

Nothing but the standard library is imported at the top: TensorFlow, OpenCV and NumPy may be missing or broken.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from types import ModuleType

OK = "ok"
NOTE = "note"
FAULT = "FAULT"
NEEDED_DISK_GB = 5.0  # one stack takes 2.3 to 2.8 GB, the rest is for runs


@dataclasses.dataclass(frozen=True)
class Check:
    """The result of one check.

    Args:
      name: what was checked.
      status: OK, NOTE (keras_pose works without it, or worth knowing) or FAULT (needed).
      found: what was found.
      remedy: how to repair it, a command if there is one.
    """

    name: str
    status: str
    found: str
    remedy: str = ""


def check_python(version: tuple[int, int, int] = sys.version_info[:3]) -> Check:
    """Checks that a stack exists for this Python, given as (major, minor, micro)."""
    found = f"{'.'.join(map(str, version))} on {platform.platform()}, {sys.executable}"
    if (3, 9) <= tuple(version[:2]) <= (3, 13):
        return Check("Python", OK, found)
    return Check(
        "Python", FAULT, found, "make an environment with Python 3.9 to 3.13: `make install PYTHON=python3.12`"
    )


def check_cpu(cpuinfo: str | os.PathLike[str] = "/proc/cpuinfo") -> Check:
    """Counts the cores that this process may use and checks for AVX, without which TensorFlow's wheels crash."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = f"{cores} cores"
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
        found += f", {os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 1e9:.0f} GB of memory"
    if platform.machine() == "x86_64" and os.path.exists(cpuinfo):
        text = pathlib.Path(cpuinfo).read_text(encoding="utf-8", errors="replace")
        if re.search(r"^flags\s*:", text, re.MULTILINE) and not re.search(r"\bavx\b", text):
            return Check(
                "CPU", FAULT, found + ", no AVX", "TensorFlow's wheels need a CPU with AVX: use another machine"
            )
    return Check("CPU", OK, found)


def check_disk(folder: str | os.PathLike[str], needed_gb: float = NEEDED_DISK_GB) -> Check:
    """Checks the free space of the disk that holds `folder` (1 GB = 1e9 bytes)."""
    free_gb = shutil.disk_usage(folder).free / 1e9
    found = f"{free_gb:.1f} GB free at {folder}"
    if free_gb >= needed_gb:
        return Check("disk", OK, found)
    return Check("disk", NOTE, found, f"a stack and its runs take about {needed_gb:.0f} GB: make room")


def check_gpu() -> Check:
    """Names the GPUs that TensorFlow sees and the GPUs that the driver sees (with their memory)."""
    driver_gpus = _driver_gpus()
    try:
        tf = import_quietly("tensorflow")
        devices = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
        build = tf.sysconfig.get_build_info()
    except Exception as error:
        return Check("GPU", NOTE, f"{'; '.join(driver_gpus) or 'none'}; TensorFlow cannot tell: {error}")
    if devices:
        names = [f"{gpu.get('device_name', 'GPU')}, capability {gpu.get('compute_capability')}" for gpu in devices]
        return Check("GPU", OK, "; ".join(names) + f" (driver: {'; '.join(driver_gpus) or 'nvidia-smi not found'})")
    if not driver_gpus:
        return Check("GPU", OK, "none: TensorFlow runs on the CPU")
    wanted = f"CUDA {build.get('cuda_version', 'none')}, cuDNN {build.get('cudnn_version', 'none')}"
    remedy = (
        f'{sys.executable} -m pip install "tensorflow[and-cuda]=={tf.__version__}"; TF_CPP_MIN_LOG_LEVEL=0 says more'
    )
    return Check("GPU", NOTE, f"{'; '.join(driver_gpus)}, but TensorFlow (built for {wanted}) sees none", remedy)


def check_tensorflow_runs() -> Check:
    """Runs a matrix product and a convolution of ones, which are exact in every precision of a GPU."""
    name = "TensorFlow computes"
    try:
        tf = import_quietly("tensorflow")
        product = tf.matmul(tf.ones([64, 64]), tf.ones([64, 64]))
        # A cuDNN of the wrong version shows in a convolution, not in a matrix product.
        convolved = tf.nn.conv2d(tf.ones([1, 8, 8, 1]), tf.ones([3, 3, 1, 1]), strides=1, padding="VALID")
        values = float(tf.reduce_min(product)), float(tf.reduce_min(convolved))
    except Exception as error:
        return Check(name, FAULT, f"no: {first_line(error)}", "see tensorflow, CPU and GPU above")
    if values != (64.0, 9.0):
        remedy = f'{sys.executable} -m pip install --force-reinstall "tensorflow=={tf.__version__}"'
        return Check(name, FAULT, f"expected 64 and 9, received {values[0]} and {values[1]}", remedy)
    return Check(name, OK, f"matrix product and convolution on {product.device.split('device:')[-1]}")


def check_video(codec: str, ending: str) -> Check:
    """Writes a tiny video with OpenCV in a temporary folder and reads it back as training does, with PyAV.

    Args:
      codec: four letters, such as "MJPG".
      ending: of the file's name, such as ".avi".
    """
    name = f"video {codec} {ending}"
    try:
        cv2 = import_quietly("cv2")
        np = import_quietly("numpy")
        media = import_quietly("keras_pose.media.video")
    except Exception as error:
        return Check(name, FAULT, f"not tried: {first_line(error)}", "see opencv-python, numpy, av and pillow above")
    install = (
        f"{sys.executable} -m pip install --force-reinstall --no-deps "
        f'"opencv-python-headless=={cv2.__version__}.*" av pillow'
    )
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "probe" + ending)
            count, error_levels = _write_and_read(cv2, np, media.VideoFrames, path, codec)
    except Exception as error:
        return Check(name, FAULT, f"no: {first_line(error)}", install)
    if count != 5 or error_levels > 8:
        return Check(name, FAULT, f"read {count} of 5 frames, off by {error_levels:.1f} of 255", install)
    return Check(name, OK, "written and read")


def check_ffmpeg() -> Check:
    """Looks for the ffmpeg program, which keras_pose itself never calls."""
    path = shutil.which("ffmpeg")
    remedy = "not needed; it converts videos that cannot be decoded: apt-get install ffmpeg"
    return Check("ffmpeg program", OK if path else NOTE, path or "not found", remedy)


def import_quietly(module: str) -> ModuleType:
    """Imports a module by name and hides its warnings. Raises whatever the import raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(module)


def first_line(error: BaseException) -> str:
    """Returns the first line of an exception's text, or the name of its type if it has no text."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _driver_gpus():
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    query = [program, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        result = subprocess.run(query, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in result.stdout.splitlines() if line.strip()]


def _write_and_read(cv2, np, video_class, path, codec):
    frames = [np.full((48, 64, 3), 40 * (i + 1), np.uint8) for i in range(5)]
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*codec), 25.0, (64, 48))
    for frame in frames:
        writer.write(frame)
    writer.release()
    read = list(video_class(path))
    errors = [np.abs(a.astype(float) - b).mean() for a, b in zip(frames, read)]
    return len(read), max(errors, default=255.0)
