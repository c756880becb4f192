"""Counters and histograms, read by Prometheus' own parser."""

import pytest

from serving.local_server import metrics

parser = pytest.importorskip("prometheus_client.parser", reason="prometheus_client is not installed")


def parse(text):
    """Returns {name: (type, {(sample name, sorted labels): value})}."""
    return {
        family.name: (family.type, {(s.name, tuple(sorted(s.labels.items()))): s.value for s in family.samples})
        for family in parser.text_string_to_metric_families(text)
    }


def test_a_page_without_requests_names_the_metrics():
    lines = metrics.Metrics().text().splitlines()
    assert lines == [
        "# TYPE :tensorflow:serving:request_count counter",
        "# TYPE :tensorflow:serving:request_latency histogram",
        "# TYPE :tensorflow:serving:runtime_latency histogram",
    ]


def test_requests_are_counted_by_model_and_status():
    page = metrics.Metrics()
    for status in ("OK", "NOT_FOUND", "OK"):
        page.request_count.add("pose", status)
    assert ':tensorflow:serving:request_count{model_name="pose",status="OK"} 2' in page.text().splitlines()
    kind, samples = parse(page.text())[":tensorflow:serving:request_count"]
    assert kind == "counter"
    assert {labels: value for (_, labels), value in samples.items()} == {  # the parser adds "_total" to the name
        (("model_name", "pose"), ("status", "OK")): 2,
        (("model_name", "pose"), ("status", "NOT_FOUND")): 1,
    }


def test_durations_fall_into_the_buckets_of_tensorflow_serving():
    page = metrics.Metrics()
    for seconds in (5e-6, 10e-6, 0.03, 1e4):
        page.request_latency.add(seconds, "pose", "predict", "REST")
    kind, samples = parse(page.text())[":tensorflow:serving:request_latency"]
    assert kind == "histogram"
    buckets = {dict(labels)["le"]: n for (name, labels), n in samples.items() if name.endswith("_bucket")}
    limits = list(buckets)
    assert len(limits) == 34
    # What TensorFlow Serving writes: 6 digits of 10 * 1.8 ** i.
    assert limits[:4] == ["10", "18", "32.4", "58.32"]
    assert limits[19] == "708235"
    assert limits[-2:] == ["1.47476e+09", "+Inf"]
    # As in TensorFlow, a duration at a limit belongs to the next bucket.
    assert [buckets[limit] for limit in ("10", "18", "20823", "37481.3", "1.47476e+09", "+Inf")] == [1, 2, 2, 3, 3, 4]
    labels = (("API", "predict"), ("entrypoint", "REST"), ("model_name", "pose"))
    assert samples[(":tensorflow:serving:request_latency_count", labels)] == 4
    assert samples[(":tensorflow:serving:request_latency_sum", labels)] == pytest.approx(1e10 + 30_015)


def test_odd_names_of_models_survive():
    page = metrics.Metrics()
    names = ['say "hi"', "back\\slash", "two\nlines", "ü", "bad \udcff byte"]
    for name in names:
        page.request_count.add(name, "NOT_FOUND")
    (_, samples) = parse(page.text())[":tensorflow:serving:request_count"]
    assert [dict(labels)["model_name"] for _, labels in samples] == [*names[:4], "bad \ufffd byte"]


def test_names_from_strangers_take_bounded_memory(monkeypatch):
    monkeypatch.setattr(metrics, "MOST_COMBINATIONS", 2)
    page = metrics.Metrics()
    for name in "abcda":
        page.request_count.add(name, "OK")
        page.request_latency.add(0.1, name, "predict", "REST")
    pages = parse(page.text())
    (_, samples) = pages[":tensorflow:serving:request_count"]
    assert {dict(labels)["model_name"]: n for (_, labels), n in samples.items()} == {"a": 2, "b": 1, "(other)": 2}
    (_, samples) = pages[":tensorflow:serving:request_latency"]
    assert {dict(labels)["model_name"] for _, labels in samples} == {"a", "b", "(other)"}


def test_a_run_counts_for_the_model_of_its_request():
    page = metrics.Metrics()
    token = metrics.model_name.set("pose")
    page.observe_run(0.002)
    metrics.model_name.reset(token)
    assert (
        ':tensorflow:serving:runtime_latency_count{model_name="pose",API="Predict",runtime="TF1"} 1'
        in page.text().splitlines()
    )
