"""Trains and runs DeepLabCut 3 (PyTorch), by the interpreter in which it is installed (see `peer_job`). Imports nothing
of keras_pose.

The project is trained as its users do: `create_training_dataset` with our split, then training with the configuration
that DeepLabCut writes for CSPNeXt-s, its smallest net, with its augmentation, optimiser and batch size. Changed, and
why: random weights (nothing can be downloaded); as many epochs as the CPU time allows, with the steps of the learning
rate and the validations at the same parts of the training; crops of 320×256 px instead of 448×448, since the frames
have 320×240 px and the rest would be black.
"""

from __future__ import annotations

import os
import pathlib
from typing import Any

import numpy as np

from benchmarks.peers import peer_job

NET = "cspnext_s"
_EPOCHS = 200  # of the default schedule
_CROP = {"width": 320, "height": 256}
_VALIDATIONS = 8


def prepare(job: peer_job.Job) -> Any:
    """Makes DeepLabCut's training dataset, unless it is there, and returns its loader."""
    import deeplabcut
    import yaml
    from deeplabcut.generate_training_dataset.trainingsetmanipulation import merge_annotateddatasets
    from deeplabcut.pose_estimation_pytorch.data import DLCLoader
    from deeplabcut.utils import auxiliaryfunctions

    path = os.path.join(job["data"], "config.yaml")
    made = os.path.join(job["data"], "training-datasets")
    if not os.path.isdir(made):
        frames = {part: peer_job.read_frames(job["data"], part) for part in ("train", "validation")}
        # It names folders by the share of the training frames, and finds them by that of the config.
        with open(path, encoding="utf-8") as file:
            content = yaml.safe_load(file)
        content["TrainingFraction"] = [share_of_training(*(len(of) for of in frames.values()))]
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump(content, file, sort_keys=False)
        config = auxiliaryfunctions.read_config(path)
        folder = pathlib.Path(job["data"], auxiliaryfunctions.get_training_set_folder(config))
        folder.mkdir(parents=True)
        rows = ["/".join(place) for place in merge_annotateddatasets(config, folder).index]
        places = {part: [rows.index(frame["picture"]) for frame in of] for part, of in frames.items()}
        deeplabcut.create_training_dataset(
            path,
            trainIndices=[places["train"]],
            testIndices=[places["validation"]],
            net_type=NET,
            userfeedback=False,
        )
    return DLCLoader(config=path, shuffle=1, trainset_index=0)


def share_of_training(num_train: int, num_validation: int) -> float:
    """Returns the share of the training frames as DeepLabCut rounds it."""
    return round(num_train / (num_train + num_validation), 2)


def configure(model_cfg: Any, epochs: int) -> dict[str, Any]:
    """Returns the changes of DeepLabCut's configuration, {name with dots: value}."""
    every = max(1, epochs // _VALIDATIONS)
    schedule = model_cfg["runner"]["scheduler"]["params"]
    return {
        "device": "cpu",
        "train_settings.epochs": epochs,
        "train_settings.seed": 42,
        "runner.eval_interval": every,
        "runner.snapshots.save_epochs": every,
        "runner.scheduler.params.milestones": peer_job.scale_milestones(schedule["milestones"], _EPOCHS, epochs),
        "data.train.crop_sampling.width": _CROP["width"],
        "data.train.crop_sampling.height": _CROP["height"],
    }


def train(job: peer_job.Job) -> dict[str, Any]:
    """Times an epoch, then trains for as many as fit; keeps the snapshot that is best on the validation frames."""
    peer_job.load_torchvision()
    import deeplabcut
    import torch
    from deeplabcut.pose_estimation_pytorch.apis import training
    from deeplabcut.pose_estimation_pytorch.models import PoseModel
    from deeplabcut.pose_estimation_pytorch.runners.train import TrainingRunner
    from deeplabcut.pose_estimation_pytorch.task import Task
    from deeplabcut.pose_estimation_pytorch.utils import fix_seeds

    torch.set_num_threads(job["threads"])
    loader = prepare(job)
    build = PoseModel.build
    PoseModel.build = staticmethod(lambda cfg, **options: build(cfg, **{**options, "pretrained_backbone": False}))
    run_epoch = TrainingRunner._epoch
    epochs_taken: list[float] = []

    def run_timed(self, batches, mode="train", **options):
        clock = peer_job.Clock(0.0)
        loss = run_epoch(self, batches, mode=mode, **options)
        if mode == "train":
            epochs_taken.append(clock.seconds)
        return loss

    TrainingRunner._epoch = run_timed

    def fit(epochs):
        clock = peer_job.Clock(0.0)
        for name, value in configure(loader.model_cfg, epochs).items():
            loader.model_cfg.set_nested(name, value)
        fix_seeds(42)
        training.train(loader=loader, run_config=loader.model_cfg, task=Task.BOTTOM_UP, device="cpu")
        return clock.seconds

    fit(1)
    for name in find_snapshots(loader.model_folder):
        os.remove(os.path.join(loader.model_folder, name))
    epochs = peer_job.plan_epochs(job["cpu_minutes"], epochs_taken[-1])
    seconds = fit(epochs)
    return {
        "cpu_seconds": seconds,
        "epochs": epochs,
        "net": NET,
        "settings": _as_plain(loader.model_cfg),
        "versions": {"deeplabcut": deeplabcut.__version__, "torch": torch.__version__},
    }


def _as_plain(content):
    return content.to_dict() if hasattr(content, "to_dict") else dict(content)


def find_snapshots(folder: Any) -> list[str]:
    """Returns the names of the snapshots in a folder, the best on the validation frames last."""
    names = [name for name in os.listdir(folder) if name.endswith(".pt")]
    return sorted(names, key=lambda name: ("best" in name, name))


def open_predict(job: peer_job.Job) -> peer_job.Predict:
    """Loads the best snapshot."""
    peer_job.load_torchvision()
    import torch
    from deeplabcut.pose_estimation_pytorch.apis.utils import get_pose_inference_runner

    torch.set_num_threads(job["threads"])
    loader = prepare(job)
    path = os.path.join(loader.model_folder, find_snapshots(loader.model_folder)[-1])
    runners: dict[int, Any] = {}

    def predict(frames: np.ndarray) -> np.ndarray:
        size = min(len(frames), 16)
        if size not in runners:
            runners[size] = get_pose_inference_runner(loader.model_cfg, path, batch_size=size, device="cpu")
        found = runners[size].inference(list(frames))
        return np.stack([each["bodyparts"][0] for each in found])

    return predict


if __name__ == "__main__":
    peer_job.run("deeplabcut", train, open_predict)
