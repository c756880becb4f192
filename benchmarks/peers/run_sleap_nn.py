"""Trains and runs sleap-nn, by the interpreter in which it is installed (see `peer_job`).

The configuration is the one that sleap-nn's own generator recommends for the labels (`ConfigGenerator.auto`). Changed,
and why: no early stopping, and as many epochs as the CPU time allows (the budget decides); an epoch is one pass over
the frames instead of at least 200 steps (it validates only at the end of an epoch), and the epochs after which it
lowers the learning rate are as many steps as they were; CPU; no pictures of the training. The weights of its U-Nets are
random in any case. Imports nothing of keras_pose.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from benchmarks.peers import peer_job

_RUN = "net"
_ANY_PEAK = -1e9
_MOST_EPOCHS = 100_000  # the clock stops it


def configure(job: peer_job.Job) -> Any:
    """Returns sleap-nn's configuration of the training."""
    from omegaconf import OmegaConf
    from sleap_nn.config_generator import ConfigGenerator

    train = os.path.join(job["data"], "train.slp")
    config = ConfigGenerator.from_slp(train).auto(view="side").build()
    changes = {
        "data_config.train_labels_path": [train],
        "data_config.val_labels_path": [os.path.join(job["data"], "validation.slp")],
        "trainer_config.ckpt_dir": job["run_dir"],
        "trainer_config.run_name": _RUN,
        "trainer_config.save_ckpt": True,
        "trainer_config.trainer_accelerator": "cpu",
        "trainer_config.trainer_devices": 1,
        "trainer_config.max_epochs": _MOST_EPOCHS,
        "trainer_config.min_train_steps_per_epoch": 1,
        "trainer_config.early_stopping.stop_training_on_plateau": False,
        "trainer_config.visualize_preds_during_training": False,
        "trainer_config.enable_progress_bar": False,
        **job.get("changes", {}),
    }
    passes = _count_passes(train, config.trainer_config)
    for name in ("patience", "cooldown"):  # counted in epochs
        path = f"trainer_config.lr_scheduler.reduce_lr_on_plateau.{name}"
        changes[path] = OmegaConf.select(config, path) * passes
    for name, value in changes.items():
        OmegaConf.update(config, name, value, force_add=True)
    return config


def _count_passes(train: str, settings: Any) -> int:
    """Returns how many passes over the frames one epoch of sleap-nn's own would be."""
    import sleap_io

    steps = math.ceil(len(sleap_io.load_slp(train)) / settings.train_data_loader.batch_size)
    return math.ceil(settings.min_train_steps_per_epoch / steps)


def train(job: peer_job.Job) -> dict[str, Any]:
    """Trains until the CPU time is used up; keeps the weights with the best validation loss."""
    peer_job.load_torchvision()
    import lightning
    import sleap_nn
    import torch
    from omegaconf import OmegaConf
    from sleap_nn.training.model_trainer import ModelTrainer

    torch.set_num_threads(job["threads"])
    clock = peer_job.Clock(job["cpu_minutes"])

    class StopInTime(lightning.pytorch.callbacks.Callback):
        def on_train_batch_end(self, trainer, *_):
            trainer.should_stop = trainer.should_stop or clock.is_over

    make_callbacks = ModelTrainer._setup_loggers_callbacks

    def make_more(self, **options):
        loggers, callbacks = make_callbacks(self, **options)
        return loggers, [*callbacks, StopInTime()]

    ModelTrainer._setup_loggers_callbacks = make_more
    trainer = ModelTrainer.get_model_trainer_from_config(configure(job))
    trainer.train()
    settings = OmegaConf.to_container(trainer.config, resolve=True)
    return {
        "cpu_seconds": clock.seconds,
        "steps": int(trainer.trainer.global_step),
        "epochs": int(trainer.trainer.current_epoch),
        "weights": int(sum(p.numel() for p in trainer.lightning_model.parameters())),
        "settings": {name: settings[name] for name in ("model_config", "trainer_config")},
        "versions": {"sleap-nn": sleap_nn.__version__, "torch": torch.__version__},
    }


def open_predict(job: peer_job.Job) -> peer_job.Predict:
    """Loads the best weights; each frame gets a position for every joint, however low its peak."""
    peer_job.load_torchvision()
    import torch
    from omegaconf import OmegaConf
    from sleap_nn.inference.predictor import Predictor

    torch.set_num_threads(job["threads"])
    folder = os.path.join(job["run_dir"], _RUN)
    layer = Predictor.from_model_paths([folder], device="cpu", peak_threshold=_ANY_PEAK).layer
    config = OmegaConf.load(os.path.join(folder, "training_config.yaml"))
    backbone = next(each for each in config.model_config.backbone_config.values() if each is not None)
    channels = int(backbone.in_channels)  # 1 if sleap-nn found the pictures to be grey

    def predict(frames: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            found = layer.predict(frames[..., :channels])
        points = np.asarray(found.pred_keypoints)[:, 0]
        return np.concatenate([points, np.asarray(found.pred_peak_values)[:, 0][..., None]], -1)

    return predict


if __name__ == "__main__":
    peer_job.run("sleap_nn", train, open_predict)
