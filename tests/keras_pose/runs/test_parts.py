"""Flags of the training: what contradicts itself is refused with the name of the flag."""

import pytest

from keras_pose.runs import parts


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        (
            parts.OptimisationConfig,
            {"steps": 150},
            "--steps: expected a multiple of --validate_every=100, received 150",
        ),
        (parts.OptimisationConfig, {"steps": 20}, "--warmup_steps: expected at most --steps=20, received 50"),
        (parts.OptimisationConfig, {"optimizer": "lion"}, "--optimizer: expected one of adam, sgd, received 'lion'"),
        (parts.OptimisationConfig, {"ema": 1.0}, "--ema: expected at most 0.9999, received 1.0"),
        (parts.OptimisationConfig, {"metrics": "oks"}, "--metrics: expected different names among .*, received 'oks'"),
        (parts.OptimisationConfig, {"metrics": "pck,pck"}, "--metrics: .*received 'pck,pck'"),
        (parts.PhasesConfig, {"pooling_data": "test"}, "--pooling_data: expected one of train, validation"),
        (parts.PhasesConfig, {"net_batch_size": 0}, "--net_batch_size: expected at least 1, received 0"),
        (parts.LossConfig, {"sigma_px": 0.1}, "--sigma_px: expected at least 0.3, received 0.1"),
        (parts.LossConfig, {"hidden_weight": 1.5}, "--hidden_weight: expected at most 1.0, received 1.5"),
        (parts.DeviceConfig, {"devices": "gpu"}, "--devices: expected auto or a number of 1 or more, received 'gpu'"),
        (parts.DeviceConfig, {"devices": "0"}, "--devices: .*received '0'"),
        (parts.DeviceConfig, {"mixed_precision": "int8"}, "--mixed_precision: expected one of none, float16, bfloat16"),
    ],
)
def test_values_out_of_range_name_their_flag(part, change, message):
    with pytest.raises(ValueError, match=message):
        part(**change)


@pytest.mark.parametrize(
    ("text", "names"), [("", ()), ("pck", ("pck",)), ("auc, median_error,", ("auc", "median_error"))]
)
def test_metrics_are_separated_by_commas(text, names):
    assert parts.OptimisationConfig(metrics=text).metric_names == names


@pytest.mark.parametrize("name", parts.METRICS)
def test_the_help_explains_every_metric(name):
    (field,) = (f for f in parts.OptimisationConfig.__dataclass_fields__.values() if f.name == "metrics")
    assert f"{name}: " in field.metadata["help"]
