import pytest

from keras_pose.tracking.follow_settings import FollowSettings


@pytest.mark.parametrize("wrong", [{"share": -0.1}, {"share": 1.1}, {"block": 0}, {"history": 0}, {"rest": 0}])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}: expected"):
        FollowSettings(**wrong)


def test_what_is_likely_is_not_yet_sure_and_nobody_is_lost_at_once():
    settings = FollowSettings()
    assert settings.lost * settings.sure < settings.likely < settings.sure
