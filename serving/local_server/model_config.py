"""The served models and versions, from flags or from TensorFlow Serving's configuration file.

The file is a `tensorflow.serving.ModelServerConfig` in text format (its `g3doc/serving_config.md`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, NamedTuple


class ModelConfig(NamedTuple):
    """One model.

    Attributes:
      name: name in the paths of the API.
      base_path: folder of the numbered versions.
      num_latest: number of newest versions to serve; 0 to use `versions`.
      versions: versions to serve if `num_latest` is 0, or None for all versions in the folder.
      labels: maps labels to versions.
    """

    name: str
    base_path: str
    num_latest: int = 1
    versions: tuple[int, ...] | None = None
    labels: dict[str, int] = {}

    def choose(self, found: Iterable[int]) -> list[int]:
        """Returns the versions to serve, out of those found, in ascending order."""
        ordered = sorted(found)
        if self.num_latest:
            return ordered[-self.num_latest :]
        return ordered if self.versions is None else [version for version in ordered if version in self.versions]


def read_model_configs(path: str | os.PathLike[str], strict: bool = False) -> dict[str, ModelConfig]:
    """Reads a configuration file.

    Args:
      path: the file.
      strict: whether to accept a `specific` policy without versions, as TensorFlow Serving does, which then waits.

    Returns:
      Maps model names to configurations.

    Raises:
      ValueError: if the file is invalid, names a model twice, or omits a model's name or folder.
    """
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    with open(path, encoding="utf-8") as file:
        try:
            parsed = text_format.Parse(file.read(), model_server_config_pb2.ModelServerConfig())
        except (text_format.ParseError, UnicodeDecodeError) as error:
            raise ValueError(f"{path}: expected a ModelServerConfig in text format: {error}") from error
    return configs_from_proto(parsed, str(path), strict)


def configs_from_proto(parsed: Any, place: str, strict: bool = False) -> dict[str, ModelConfig]:
    """Returns the configurations in a `ModelServerConfig`.

    Args:
      parsed: the message.
      place: where it comes from, for errors.
      strict: as in `read_model_configs`.

    Raises:
      ValueError: as `read_model_configs`.
    """
    configs: dict[str, ModelConfig] = {}
    for config in parsed.model_config_list.config:
        if not config.name or not config.base_path:
            raise ValueError(f"{place}: expected name and base_path for each model, received {str(config)!r}")
        if config.name in configs:
            raise ValueError(f"{place}: expected each model once, received {config.name!r} twice")
        configs[config.name] = _from_proto(config, place, strict)
    if not configs:
        raise ValueError(f"{place}: expected at least one model in model_config_list, received none")
    return configs


def _from_proto(config, place, strict):
    policy = config.model_version_policy
    choice = policy.WhichOneof("policy_choice")
    num_latest = 0
    versions = None
    if choice == "specific":
        versions = tuple(policy.specific.versions)
        if not versions and not strict:
            raise ValueError(f"{place}: model {config.name!r}: expected versions in 'specific', received none")
    elif choice != "all":
        num_latest = policy.latest.num_versions or 1
    return ModelConfig(config.name, config.base_path, num_latest, versions, dict(config.version_labels))
