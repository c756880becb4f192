"""Jobs in this process: in their order, each when it is asked for, on what is opened once."""

import dataclasses

from keras_pose.cluster import jobs
from keras_pose.cluster.config import RayConfig


@dataclasses.dataclass(frozen=True)
class Doubling:
    """A work that counts how often it is opened."""

    opened: tuple = dataclasses.field(default_factory=list, hash=False)

    def open(self):
        self.opened.append(True)
        return lambda job: 2 * job

    def fail(self, job, reason):
        return f"{job}: {reason}"


def test_jobs_are_done_here_in_their_order_on_what_is_opened_once():
    work = Doubling()
    outcomes = jobs.run(work, iter([3, 1, 2]), RayConfig())
    assert work.opened == []
    assert next(outcomes) == 6
    assert list(outcomes) == [2, 4]
    assert len(work.opened) == 1


def test_what_is_open_is_not_opened_again():
    work = Doubling()
    assert list(jobs.run(work, [1], RayConfig(), opened=lambda job: -job)) == [-1]
    assert work.opened == []
