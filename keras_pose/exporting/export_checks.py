"""What can be checked before an export without TensorFlow: the run, the kind of its net, the folder to write to."""

from __future__ import annotations

from keras_pose import files
from keras_pose.exporting import onnx_packages, publish
from keras_pose.exporting.config import ExportConfig
from keras_pose.models import kinds
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig


def check(config: ExportConfig) -> None:
    """Checks that a run can be exported to the folder that the flags name.

    Raises:
      ValueError: if the folder is not a run, its net cannot be exported, the version exists or cannot be written, or a
        package that --onnx needs is not installed.
    """
    if config.onnx:
        onnx_packages.check_installed()
    _, train_config, _ = run_directory.open_run(config.run_dir)
    check_exportable(config.run_dir, train_config)
    files.check_folder(config.model_dir, "--export_dir")
    publish.check_free(config.model_dir, config.version)


def check_exportable(run_dir: str, config: TrainConfig) -> None:
    """Checks that the net of a run needs nothing that a server does not have.

    Raises:
      ValueError: if it does; the message names the kinds that can be exported.
    """
    if not config.model.kind.exportable:
        *others, last = (kind.name for kind in kinds.KINDS.values() if kind.exportable)
        raise ValueError(
            f"--run_dir: expected --model={', '.join(others)} or {last}, received {run_dir} of "
            f"--model={config.model.kind.name}, which needs flow at its input that a server does not have"
        )
