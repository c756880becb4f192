"""Picture files by position: sizes, selections, orientation and range."""

import pytest

from keras_pose.data.pictures.files import PictureFiles
from tests.helpers.pictures import write_deep, write_png, write_tagged


def test_files_are_given_in_order_or_by_position(tmp_path):
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    assert PictureFiles.of(paths).paths == {0: str(paths[0]), 1: str(paths[1])}
    files = PictureFiles.of({7: paths[0], 3: paths[1]})
    assert files.paths == {7: str(paths[0]), 3: str(paths[1])}
    assert PictureFiles.of(files) is files


def test_a_selection_keeps_how_pictures_are_read(tmp_path):
    files = PictureFiles.of({p: tmp_path / f"{p}.png" for p in range(4)}).turned({1, 3})
    part = files.select([3, 0])
    assert list(part.paths) == [0, 3]
    assert part.upright == {3}


def test_size_and_pixels_follow_the_orientation(tmp_path):
    files = PictureFiles.of([write_tagged(tmp_path / "a.jpg", 6)])
    assert files.size_hw(0) == (30, 20)
    assert files.turned({0}).size_hw(0) == (20, 30)
    assert files.turned({0}).read(0, (20, 30))[4, 5, 0] > 200
    with pytest.raises(ValueError, match="a.jpg: frame 0: expected 20×30 px .* found 30×20"):
        files.read(0, (20, 30))


def test_the_range_is_applied(tmp_path):
    files = PictureFiles({0: write_deep(tmp_path / "a.png", 1000)}, bits=12)
    assert files.read(0, (20, 30)).max() == 62
    assert PictureFiles(files.paths).read(0, (20, 30)).max() == 249


def test_the_first_readable_picture_gives_the_size(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    files = PictureFiles.of([tmp_path / "gone.png", tmp_path / "a.png", write_png(tmp_path / "b.png", (4, 6))])
    assert files.first_size_hw() == (4, 6)
    with pytest.raises(ValueError, match="gone.png: expected an image, found no such file"):
        files.select([0, 1]).first_size_hw()
    with pytest.raises(ValueError, match="expected at least one image"):
        PictureFiles({}).first_size_hw()
