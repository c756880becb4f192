"""The part of the page: it holds its pictures, and replaces an earlier one."""

import re

import numpy as np

from keras_pose.media.video import VideoFrames
from keras_pose.showing import page_part
from keras_pose.showing.section import Section

PICTURE = np.full((40, 60, 3), 120, np.uint8)
SECTION = Section("one", "A <heading>", "Text & more", 'a "quoted" text', PICTURE, (PICTURE, 255 - PICTURE), "<table/>")


def test_files_and_page_are_written(tmp_path):
    path = page_part.write(str(tmp_path), "a run", [SECTION], str(tmp_path / "model.weights.h5"))
    text = (tmp_path / "index.html").read_text()
    assert path == str(tmp_path / "index.html")
    assert "<h2>A &lt;heading&gt;</h2>" in text
    assert "Text &amp; more" in text
    assert "<table/>" in text
    assert 'alt="A &lt;heading&gt;: a &quot;quoted&quot; text"' in text
    assert set(re.findall(r'src="(\w+:[\w/]+)', text)) == {"data:image/jpeg", "data:video/mp4"}
    assert "http" not in text
    assert {p.name for p in (tmp_path / "show").iterdir()} == {"one.jpg", "one.mp4"}
    frames = list(VideoFrames(str(tmp_path / "show" / "one.mp4")))
    assert len(frames) == 3
    assert abs(float(np.mean(frames[0])) - 120) < 4
    assert abs(float(np.mean(frames[2])) - 135) < 4


def test_the_part_is_replaced_if_it_is_made_again(tmp_path):
    for heading in ("First", "Second"):
        section = Section("one", heading, "Text", "a picture", PICTURE)
        page_part.write(str(tmp_path), "a run", [section], str(tmp_path / "model.weights.h5"))
    text = (tmp_path / "index.html").read_text()
    assert "Second" in text
    assert "First" not in text
