"""The doctor's probes of the machine: each returns a check, and none raises."""

import pytest

from keras_pose.cli import doctor_probes
from keras_pose.cli.doctor_probes import FAULT, NOTE, OK


@pytest.mark.parametrize(
    ("version", "status"),
    [((3, 8, 18), FAULT), ((3, 9, 0), OK), ((3, 13, 1), OK), ((3, 14, 0), FAULT), ((2, 7, 18), FAULT)],
)
def test_python_outside_the_stacks_is_a_fault(version, status):
    check = doctor_probes.check_python(version)
    assert check.status == status
    assert ".".join(map(str, version)) in check.found
    assert status == OK or "3.9 to 3.13" in check.remedy


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


def test_first_line_of_an_error_without_text_is_its_type():
    assert doctor_probes.first_line(ValueError("one\ntwo")) == "one"
    assert doctor_probes.first_line(RuntimeError("  ")) == "RuntimeError"
