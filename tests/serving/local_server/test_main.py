"""The command `python -m serving.local_server`."""

import pytest

from serving.local_server.__main__ import main, parse_arguments


@pytest.mark.parametrize(
    ("flags", "part"),
    [
        ([], "received neither"),
        (["--model_base_path=/", "--tensorflow_intra_op_parallelism=-1"], "expected at least 0"),
        (["--model_base_path=/", "--rest_api_port=65536"], "--rest_api_port: expected 0 to 65535, received 65536"),
        (["--model_base_path=/", "--port=-1"], "--port: expected 0 to 65535, received -1"),
        (["--model_base_path=/", "--max_num_load_retries=-1"], "--max_num_load_retries: expected at least 0"),
        (["--model_base_path=/", "--allow_version_labels_for_unavailable_models=1"], "expected true or false"),
        (["--model_base_path=/nowhere"], "/nowhere"),
        (["--model_config_file=/nowhere"], "--model_config_file: expected a file, received '/nowhere'"),
        (
            ["--model_base_path=/", "--monitoring_config_file=/"],
            "--monitoring_config_file: expected a file, received '/'",
        ),
        (["--model_base_path=/usr/bin", "--model_base_path=/bin"], "folders of different names, received bin, bin"),
        (["--model_base_path=/usr", "--model_base_path=/", "--model_name=a"], "expected one --model_base_path with it"),
    ],
)
def test_invalid_flags_end_the_command(flags, part, capsys):
    try:
        status = main(flags)
    except SystemExit as end:
        status = end.code
    assert status
    assert part in capsys.readouterr().err


def test_defaults_serve_this_machine_only(tmp_path):
    flags = parse_arguments([f"--model_base_path={tmp_path}"])
    assert (flags.host, flags.rest_api_port, flags.port) == ("127.0.0.1", 8501, 0)
    assert not flags.rest_api_enable_cors_support
    assert (flags.max_request_mb, flags.rest_api_timeout_in_ms) == (64.0, 30_000)


def test_strict_bodies_have_any_size_unless_a_flag_limits_them(tmp_path):
    flags = [f"--model_base_path={tmp_path}", "--strict"]
    assert parse_arguments(flags).max_request_mb is None
    assert parse_arguments([*flags, "--max_request_mb=3"]).max_request_mb == 3.0


@pytest.mark.parametrize(("text", "value"), [("", True), ("=true", True), ("=false", False)])
def test_the_flag_for_labels_is_written_as_for_tensorflow_serving(tmp_path, text, value):
    flags = [f"--model_base_path={tmp_path}", f"--allow_version_labels_for_unavailable_models{text}"]
    assert parse_arguments(flags).allow_version_labels_for_unavailable_models is value
