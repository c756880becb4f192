"""Parts of a list of videos: disjoint, complete and the same every time. Without Ray its flag says what to install."""

import importlib.util

import pytest

from keras_pose.cluster.config import PartConfig, RayConfig


@pytest.mark.parametrize("count", [1, 3, 16])
def test_the_parts_are_the_whole_and_share_nothing(count):
    items = [f"{number}.mp4" for number in range(10)]
    parts = [PartConfig(f"{number}/{count}").choose(items) for number in range(1, count + 1)]
    assert sorted(item for part in parts for item in part) == items
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_part_three_of_four_takes_each_fourth_item_from_the_third_on():
    assert PartConfig("3/4").choose(list("abcdefgh")) == ["c", "g"]
    assert PartConfig("").choose("abc") == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["0/4", "5/4", "1/0", "1", "a/b", "-1/4", "1/4/2", "1 /4", "١/٤"])
def test_what_is_no_part_is_refused(text):
    with pytest.raises(ValueError, match=r"--part: expected k/n with k from 1 to n, such as 3/16, received "):
        PartConfig(text)


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_its_flag_says_what_to_install():
    with pytest.raises(ValueError, match=r"--ray_address=auto: Ray is not installed: `pip install -r requirements/clu"):
        RayConfig("auto")
    assert RayConfig().ray_address == ""
