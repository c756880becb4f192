"""The monitoring configuration, as TensorFlow Serving reads it."""

import pytest

pytest.importorskip("google.protobuf")
from serving.local_server import monitoring_config  # noqa: E402
from tests import conftest  # noqa: E402


def test_the_file_of_the_project_enables_the_default_path():
    path = conftest.ROOT / "serving" / "monitoring.config"
    assert monitoring_config.read_metrics_path(path) == "/monitoring/prometheus/metrics"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ('prometheus_config { path: "/x" }', None),
        ("prometheus_config { enable: false }", None),
        ("prometheus_config { enable: true }", "/monitoring/prometheus/metrics"),
        ('prometheus_config { enable: true path: "/x" }', "/x"),
    ],
)
def test_metrics_need_enable_and_have_a_default_path(tmp_path, text, expected):
    (tmp_path / "monitoring.config").write_text(text)
    assert monitoring_config.read_metrics_path(tmp_path / "monitoring.config") == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [("prometheus_config { on: true }", "MonitoringConfig"), ('prometheus_config { path: "x" }', "begins with /")],
)
def test_an_invalid_file_is_an_error_that_names_it(tmp_path, text, says):
    (tmp_path / "monitoring.config").write_text(text)
    with pytest.raises(ValueError, match=f"monitoring.config.*{says}"):
        monitoring_config.read_metrics_path(tmp_path / "monitoring.config")
