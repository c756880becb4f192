"""Statistics of wrists: known curves, the second version of the signers beside filmed people, the real label files."""

import tarfile

import numpy as np
import pytest

from benchmarks.motion import wrists
from keras_pose.data.synthetic import versions
from tests.helpers import research_folders


def curve(*powers, count=40):
    times = np.arange(count, dtype=float)
    return np.stack([sum(times**power for power in powers) * 1e-3, 0 * times], -1)


def summarise(*tracks):
    return wrists.summarise([(track, np.ones(len(track))) for track in tracks])


def test_a_curve_of_its_degree_is_foretold_without_a_miss():
    found, count = summarise(curve(1, 2))
    assert count == 30
    np.testing.assert_allclose(found[:4], 0, atol=1e-9)
    assert found[4] > 0.01
    cubic = summarise(curve(4))[0]
    assert cubic[0] > 0.01
    np.testing.assert_allclose(cubic[2:4], 0, atol=1e-7)


def test_a_lone_jump_is_missed_by_its_length():
    track = np.zeros((11, 2))
    track[5] = (3.0, 4.0)
    found, count = summarise(track)
    assert count == 1
    np.testing.assert_allclose(found[:4], 5.0)
    np.testing.assert_allclose(found[4:], 5.0)


def test_a_window_is_divided_by_the_torso_of_its_middle_frame():
    track = np.zeros((11, 2))
    track[5] = (3.0, 4.0)
    torso = np.full(11, 7.0)
    torso[5] = 2.0
    np.testing.assert_allclose(wrists.summarise([(track, torso)])[0], 2.5)


def test_windows_with_an_invisible_wrist_do_not_count():
    track = curve(2, count=30)
    track[12] = np.nan
    assert summarise(track)[1] == 9
    with pytest.raises(ValueError, match="expected wrists that are visible in 11 frames in a row, found none"):
        summarise(track[5:20])


def test_signers_of_the_second_version_move_as_filmed_people():
    """On thousands of clips all ratios lie within 0.8 to 1.2; a sample of 150 scatters by a tenth and more."""
    found, count = wrists.summarise(wrists.draw_tracks(2, "validation", 150, 31))
    ratios = found / wrists.REAL
    assert count == 150 * 2 * 21
    assert ratios.min() > 0.7
    assert ratios.max() < 1.4
    of_first = wrists.summarise(wrists.draw_tracks(1, "validation", 60, 31))[0] / wrists.REAL
    assert np.abs(np.log(ratios)).max() < np.abs(np.log(of_first)).max()
    assert versions.VERSIONS == (1, 2)


def test_labels_of_penn_action_are_read_in_torsos(tmp_path):
    folder = research_folders.write_penn_action(tmp_path, num_frames=5)
    tracks = wrists.read_penn_action(folder)
    assert len(tracks) == 2 * 2
    assert all(points.shape == (5, 2) and torso.shape == (5,) for points, torso in tracks)
    with pytest.raises(ValueError, match="--penn_action=.*nothing: expected labels/0001.mat, …, found none"):
        wrists.read_penn_action(tmp_path / "nothing")


def test_the_figures_of_filmed_wrists_are_those_of_real_labels(shared_data, tmp_path):
    """Of every tenth file: within a fifth of the figures of all."""
    with tarfile.open(shared_data / "annotation_files" / "penn_action" / "labels_2326.tar.gz") as archive:
        (tmp_path / "labels").mkdir()
        for member in archive.getmembers():
            if member.name.endswith("0.mat"):
                name = member.name.rpartition("/")[2]
                (tmp_path / "labels" / name).write_bytes(archive.extractfile(member).read())
    found, count = wrists.summarise(wrists.read_penn_action(tmp_path))
    assert count > 10_000
    np.testing.assert_allclose(found, wrists.REAL, rtol=0.2)
