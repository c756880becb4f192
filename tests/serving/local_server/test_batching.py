"""Merging of simultaneous requests."""

import asyncio
import threading

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
from serving.local_server.batching import Batcher  # noqa: E402
from serving.local_server.errors import ServingError  # noqa: E402
from serving.local_server.servable import Signature  # noqa: E402


class Doubler:
    """Stands in for a servable: doubles, keeps the sizes of its calls, fails on a batch that holds 13."""

    def __init__(self, has_rows=True):
        self.sizes = []
        self.gate = threading.Event()
        self.gate.set()
        self._signature = Signature(None, ("y",), {}, {"x": tf.TensorShape([None])}, has_rows)

    def signature(self, name):
        return self._signature

    def run(self, name, inputs):
        assert self.gate.wait(10)
        self.sizes.append(len(inputs["x"]))
        if (inputs["x"] == 13).any():
            raise ServingError("INVALID_ARGUMENT", "13 is not doubled")
        return {"y": inputs["x"] * 2}


def run_all(batcher, servable, batches):
    async def ask():
        calls = [batcher.run(servable, "", {"x": np.asarray(batch, np.float32)}) for batch in batches]
        return await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)

    try:
        return asyncio.run(ask())
    finally:
        batcher.close()


def test_requests_at_once_are_merged_and_each_gets_its_own_rows():
    servable = Doubler()
    answers = run_all(Batcher(batch_timeout_ms=50), servable, [[1], [2, 3], [4]])
    assert [answer["y"].tolist() for answer in answers] == [[2], [4, 6], [8]]
    assert servable.sizes == [4]


def test_requests_that_arrive_together_are_merged_without_a_timer():
    servable = Doubler()
    run_all(Batcher(num_workers=1), servable, [[1], [2, 3], [4]])
    assert servable.sizes == [4]


def test_a_merged_call_stays_within_the_size_and_a_larger_request_runs_alone():
    servable = Doubler()
    answers = run_all(
        Batcher(max_batch_size=4, batch_timeout_ms=50, num_workers=1), servable, [[1] * 3, [2] * 3, [3] * 9]
    )
    assert [len(answer["y"]) for answer in answers] == [3, 3, 9]
    assert sorted(servable.sizes) == [3, 3, 9]


@pytest.mark.parametrize(("num_requests", "sizes"), [(4, [4]), (5, [1, 4]), (8, [4, 4]), (11, [5, 6])])
def test_free_workers_share_what_waits_in_calls_that_are_not_too_small(num_requests, sizes):
    servable = Doubler()
    batches = [[number] for number in range(20, 20 + num_requests)]
    answers = run_all(Batcher(batch_timeout_ms=50, num_workers=2), servable, batches)
    assert [answer["y"].tolist() for answer in answers] == [[2 * number] for (number,) in batches]
    assert sorted(servable.sizes) == sizes


def test_a_worker_that_is_free_alone_takes_all_that_waits():
    servable = Doubler()
    run_all(Batcher(batch_timeout_ms=50, num_workers=1), servable, [[number] for number in range(20, 28)])
    assert servable.sizes == [8]


def test_the_error_of_one_request_stays_its_own():
    servable = Doubler()
    good, bad, other = run_all(Batcher(batch_timeout_ms=50), servable, [[1], [13], [2]])
    assert good["y"].tolist() == [2]
    assert other["y"].tolist() == [4]
    assert isinstance(bad, ServingError)
    assert bad.message == "13 is not doubled"


@pytest.mark.parametrize("second", [[[1.0, 2.0]], []])
def test_requests_of_another_form_are_not_merged(second):
    servable = Doubler()
    answers = run_all(Batcher(batch_timeout_ms=20), servable, [[1.0], second])
    assert answers[1]["y"].shape == np.shape(second)
    assert len(servable.sizes) == 2


def test_signatures_without_rows_and_a_size_of_one_are_not_merged():
    for servable, size in ((Doubler(has_rows=False), 32), (Doubler(), 1)):
        run_all(Batcher(size, batch_timeout_ms=20), servable, [[1], [2]])
        assert servable.sizes == [1, 1]


def test_the_duration_of_the_common_call_is_observed_once_for_each_request():
    seen_s = []
    run_all(Batcher(num_workers=1, observe_run=seen_s.append), Doubler(), [[1], [2, 3]])
    assert len(seen_s) == 2
    assert seen_s[0] == seen_s[1] > 0


def test_a_full_queue_refuses():
    servable = Doubler()
    servable.gate.clear()

    async def ask():
        batcher = Batcher(max_batch_size=1, num_workers=1, max_waiting=1)
        x = {"x": np.ones(1, np.float32)}
        waiting = [asyncio.ensure_future(batcher.run(servable, "", x)) for _ in range(2)]
        await asyncio.sleep(0)
        try:
            with pytest.raises(ServingError) as caught:
                await asyncio.wait_for(batcher.run(servable, "", x), 5)
        finally:
            servable.gate.set()
        await asyncio.wait_for(asyncio.gather(*waiting), 10)
        batcher.close()
        return caught.value

    assert asyncio.run(ask()).http_status == 503


def test_requests_of_another_rank_than_the_signature_are_not_merged():
    servable = Doubler()
    batches = [[[1.0]], [[2.0]], 3.0]
    servable.run = lambda name, inputs: servable.sizes.append(np.shape(inputs["x"])) or {"y": inputs["x"] * 2}
    answers = run_all(Batcher(batch_timeout_ms=50), servable, batches)
    assert [answer["y"].tolist() for answer in answers] == [[[2.0]], [[4.0]], 6.0]
    assert sorted(servable.sizes) == [(), (1, 1), (1, 1)]
