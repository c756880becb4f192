"""Which models are served and which of their versions: from flags, or from a file like TensorFlow Serving's.

The file is a `tensorflow.serving.ModelServerConfig` in text form (its `g3doc/serving_config.md`).
"""

from __future__ import annotations

from typing import NamedTuple


class ModelConfig(NamedTuple):
    """One model.

    Fields:
      name: str.
      base_path: str, the folder of the numbered versions.
      num_latest: int, so many of the newest versions; 0 where `versions` says which.
      versions: tuple of int, or None for all that are there; counts where `num_latest` is 0.
      labels: dict of label to version.
    """

    name: str
    base_path: str
    num_latest: int = 1
    versions: tuple | None = None
    labels: dict = {}

    def choose(self, found):
        """Returns the list of versions to be served, out of those `found` (list of int), smallest first."""
        found = sorted(found)
        if self.num_latest:
            return found[-self.num_latest :]
        return found if self.versions is None else [version for version in found if version in self.versions]


def read_model_configs(path):
    """Reads the models of a configuration file.

    Args:
      path: str.

    Returns:
      Dict of model name to ModelConfig.

    Raises:
      ValueError: where the file is no such configuration, names a model twice or leaves out a name or a folder.
    """
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    with open(path, encoding="utf-8") as file:
        try:
            parsed = text_format.Parse(file.read(), model_server_config_pb2.ModelServerConfig())
        except (text_format.ParseError, UnicodeDecodeError) as error:
            raise ValueError(f"{path}: expected a ModelServerConfig in text form, but {error}") from error
    configs = {}
    for config in parsed.model_config_list.config:
        if not config.name or not config.base_path:
            raise ValueError(f"{path}: expected name and base_path of each model, received {str(config)!r}")
        if config.name in configs:
            raise ValueError(f"{path}: expected each model once, received {config.name!r} twice")
        configs[config.name] = _from_proto(config, path)
    if not configs:
        raise ValueError(f"{path}: expected at least one model in model_config_list, received none")
    return configs


def _from_proto(config, path):
    policy = config.model_version_policy
    choice = policy.WhichOneof("policy_choice")
    num_latest, versions = 0, None
    if choice == "specific":
        versions = tuple(policy.specific.versions)
        if not versions:
            raise ValueError(f"{path}: model {config.name!r}: expected versions in 'specific', received none")
    elif choice != "all":
        num_latest = policy.latest.num_versions or 1
    return ModelConfig(config.name, config.base_path, num_latest, versions, dict(config.version_labels))
