"""Trains and runs Lightning Pose, by the interpreter in which it is installed (see `peer_job`). Imports nothing of
keras_pose.

The supervised heatmap tracker with its default settings (optimiser, batch size, frames resized to 256×256 px,
augmentation "dlc") and ResNet-18, the smallest of its trunks. Changed, and why: random weights (nothing can be
downloaded), so the trunk learns from the first epoch instead of the 20th; as many epochs as the CPU time allows, with
the steps of the learning rate and the validations at the same parts of the training; our validation frames instead of
random ones; no unlabelled videos, since those losses need a GPU.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from benchmarks.peers import peer_job

_BACKBONE = "resnet18"
_SIDE = 256
_EPOCHS = 300  # of the default schedule
_MILESTONES = (150, 200, 250)
_VALIDATIONS = 8


def configure(job: peer_job.Job, epochs: int) -> dict[str, Any]:
    """Returns Lightning Pose's configuration of a training."""
    joints = peer_job.read_joints(job["data"])
    numbers = [len(peer_job.read_frames(job["data"], part)) for part in ("train", "validation")]
    milestones = [place for place in peer_job.scale_milestones(_MILESTONES, _EPOCHS, epochs) if place <= epochs]
    return {
        "data": {
            "image_resize_dims": {"height": _SIDE, "width": _SIDE},
            "data_dir": os.path.abspath(job["data"]),
            "video_dir": os.path.abspath(job["data"]),
            "csv_file": "CollectedData.csv",
            "downsample_factor": 2,
            "num_keypoints": len(joints),
            "keypoint_names": joints,
            "mirrored_column_matches": None,
            "columns_for_singleview_pca": None,
        },
        "training": {
            "imgaug": "dlc",
            "train_batch_size": 16,
            "val_batch_size": 32,
            "test_batch_size": 32,
            "train_prob": numbers[0] / sum(numbers),
            "val_prob": numbers[1] / sum(numbers),
            "train_frames": 1,
            "num_gpus": 1,
            "num_workers": 0,
            "early_stopping": False,
            "unfreezing_epoch": 0,
            "min_epochs": epochs,
            "max_epochs": epochs,
            "log_every_n_steps": 10,
            "check_val_every_n_epoch": max(1, epochs // _VALIDATIONS),
            "ckpt_every_n_epochs": None,
            "rng_seed_data_pt": 0,
            "rng_seed_model_pt": 0,
            "optimizer": "Adam",
            "optimizer_params": {"learning_rate": 1e-3},
            "lr_scheduler": "multisteplr",
            "lr_scheduler_params": {"multisteplr": {"milestones": milestones, "gamma": 0.5}},
        },
        "model": {
            "losses_to_use": [],
            "backbone": _BACKBONE,
            "backbone_pretrained": False,
            "model_type": "heatmap",
            "heatmap_loss_type": "mse",
            "model_name": "net",
            "checkpoint": None,
        },
        "losses": {},
        "eval": {"predict_vids_after_training": False, "save_vids_after_training": False},
        "dali": {"general": {"seed": 123456}},
    }


def train(job: peer_job.Job) -> dict[str, Any]:
    """Times an epoch, then trains for as many as fit; keeps the weights with the best validation loss."""
    peer_job.load_torchvision()
    import lightning_pose
    import torch
    from lightning_pose import train as training
    from lightning_pose.data import datamodules
    from omegaconf import OmegaConf

    torch.set_num_threads(job["threads"])
    counts = [len(peer_job.read_frames(job["data"], part)) for part in ("train", "validation")]
    datamodules.random_split = lambda items, lengths, **_: split_in_order(items, counts)

    def fit(folder, epochs):
        clock = peer_job.Clock(0.0)
        config = configure(job, epochs)
        model = training.train(OmegaConf.create(config), folder, skip_evaluation=True)
        return clock.seconds, model, config

    trial = [fit(os.path.join(job["run_dir"], f"trial{epochs}"), epochs)[0] for epochs in (1, 2)]
    epochs = peer_job.plan_epochs(job["cpu_minutes"], max(trial[1] - trial[0], 0.1 * trial[0]))
    seconds, model, config = fit(os.path.join(job["run_dir"], "net"), epochs)
    model._load()
    return {
        "cpu_seconds": seconds,
        "epochs": epochs,
        "weights": int(sum(p.numel() for p in model.model.parameters())),
        "settings": config,
        "versions": {"lightning-pose": lightning_pose.__version__, "torch": torch.__version__},
    }


def split_in_order(items: Any, counts: list[int]) -> list[Any]:
    """Returns the first items, the next ones, and none: training, validation and test."""
    from torch.utils.data import Subset

    ends = np.cumsum([0, *counts])
    parts = [list(range(first, last)) for first, last in zip(ends, ends[1:])] + [[]]
    return parts if isinstance(items, range) else [Subset(items, part) for part in parts]


def open_predict(job: peer_job.Job) -> peer_job.Predict:
    """Loads the best weights. A batch is prepared frame by frame, as `Model.predict_frame` does."""
    peer_job.load_torchvision()
    import cv2
    import torch
    from lightning_pose.api import Model
    from lightning_pose.data import _IMAGENET_MEAN, _IMAGENET_STD

    torch.set_num_threads(job["threads"])
    cv2.setNumThreads(job["threads"])
    model = Model.from_dir(os.path.join(job["run_dir"], "net"))
    model._load()
    model.model.eval()
    mean = np.array(_IMAGENET_MEAN, np.float32)
    std = np.array(_IMAGENET_STD, np.float32)

    def prepare(frame):
        small = cv2.resize(frame, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR)
        return np.transpose((small.astype(np.float32) / 255.0 - mean) / std, (2, 0, 1))

    def predict(frames: np.ndarray) -> np.ndarray:
        images = torch.from_numpy(np.stack([prepare(frame) for frame in frames]))
        height, width = frames.shape[1:3]
        boxes = torch.tensor([[0, 0, height, width]] * len(frames), dtype=torch.float32)
        with torch.inference_mode():
            points, scores = model.model.predict_step({"images": images, "bbox": boxes}, 0)[:2]
        points = points.numpy().reshape(len(frames), -1, 2)
        return np.concatenate([points, scores.numpy()[..., None]], -1)

    return predict


if __name__ == "__main__":
    peer_job.run("lightning_pose", train, open_predict)
