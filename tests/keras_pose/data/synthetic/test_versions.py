"""Names of the versions of the signers."""

import pytest

from keras_pose.data.synthetic import versions


@pytest.mark.parametrize(
    ("spec", "version"),
    [("signers:train", 1), ("signers2:test:5", 2), ("signers", 0), ("signers3:train", 0), ("/x/signers:train", 0)],
)
def test_a_source_names_a_version_or_none(spec, version):
    assert versions.version_of(spec) == version


def test_each_version_has_its_name():
    assert [versions.name(version) for version in versions.VERSIONS] == list(versions.NAMES)
    with pytest.raises(ValueError, match="version: expected one of 1, 2, received 0"):
        versions.name(0)
