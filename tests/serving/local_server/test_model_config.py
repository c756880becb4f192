"""Configuration of the served models."""

import pytest

from serving.local_server.model_config import ModelConfig, configs_from_proto, read_model_configs


@pytest.mark.parametrize(
    ("num_latest", "versions", "chosen"),
    [(1, None, [4]), (2, None, [3, 4]), (9, None, [1, 3, 4]), (0, None, [1, 3, 4]), (0, (1, 2, 4), [1, 4])],
)
def test_versions_are_chosen_by_the_policy(num_latest, versions, chosen):
    assert ModelConfig("toy", "/toy", num_latest, versions).choose([3, 1, 4]) == chosen


def test_a_configuration_file_is_read(tmp_path):
    file = tmp_path / "models.config"
    file.write_text(
        'model_config_list { config { name: "a" base_path: "/a" version_labels { key: "stable" value: 4 } '
        'model_version_policy { specific { versions: 4 } } } config { name: "b" base_path: "/b" } }'
    )
    configs = read_model_configs(file)
    assert configs["a"] == ModelConfig("a", "/a", 0, (4,), {"stable": 4})
    assert configs["b"].choose([3, 1, 2]) == [3]


@pytest.mark.parametrize(
    "text",
    [
        "model_config_list {",
        "",
        'model_config_list { config { name: "a" } }',
        "model_config_list { nonsense: 1 }",
        'model_config_list { config { name: "a" base_path: "/a" } config { name: "a" base_path: "/b" } }',
        'model_config_list { config { name: "a" base_path: "/a" model_version_policy { specific {} } } }',
    ],
)
def test_an_invalid_configuration_names_the_file(tmp_path, text):
    file = tmp_path / "models.config"
    file.write_text(text)
    with pytest.raises(ValueError, match="models.config"):
        read_model_configs(file)


def test_specific_without_versions_is_strictly_a_model_that_waits():
    from tensorflow_serving.config import model_server_config_pb2

    message = model_server_config_pb2.ModelServerConfig()
    message.model_config_list.config.add(name="a", base_path="/a").model_version_policy.specific.SetInParent()
    assert configs_from_proto(message, "here", strict=True)["a"].choose([1, 2]) == []
    with pytest.raises(ValueError, match="here: model 'a': expected versions"):
        configs_from_proto(message, "here")
