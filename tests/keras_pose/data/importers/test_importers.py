"""The table of importers: each entry has a module that takes its options, and reading the table stays light."""

import importlib
import inspect
import subprocess
import sys

import pytest

from keras_pose.data import importers
from keras_pose.data.synthetic.signers import SPLITS
from tests import conftest
from tests.helpers import people_pictures


@pytest.mark.parametrize("importer", importers.IMPORTERS, ids=lambda importer: importer.name)
def test_each_module_reads_with_the_declared_options(importer):
    read = importlib.import_module(f"keras_pose.data.importers.{importer.name}").read
    assert set(importer.options) <= set(inspect.signature(read).parameters)


def test_each_option_belongs_to_one_importer_unless_it_is_about_files_that_labels_name_or_research_sets():
    options = [option for importer in importers.IMPORTERS for option in importer.options]
    repeated = {option for option in options if options.count(option) > 1}
    assert repeated == {"image_dir", "exif_orientation", "split", "outside", "person_crop"}


def test_the_description_lists_every_importer_in_order():
    text = importers.describe_sources()
    places = [text.index(importer.expects) for importer in importers.IMPORTERS]
    assert places == sorted(places)
    assert text.startswith(f"signers:<{'|'.join(SPLITS)}>[:<number of clips>]")
    assert text.endswith(", or a caffe-heatmap list (a .txt file)")


def test_the_description_loads_no_heavy_module():
    code = (
        "import sys; from keras_pose.data import importers; print(importers.describe_sources()); "
        "assert not {'tensorflow', 'keras', 'pandas', 'cv2', 'numpy', 'yaml'} & set(sys.modules), sorted(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=conftest.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == importers.describe_sources()


def test_folders_and_files_are_recognised(tmp_path):
    (tmp_path / "config.yaml").write_text("")
    (tmp_path / "list.TXT").write_text("")
    (tmp_path / "folder.txt").mkdir()
    assert importers.is_folder_with(str(tmp_path), "config.yaml")
    assert importers.is_folder_with(str(tmp_path / "config.yaml"), "config.yaml")
    assert not importers.is_folder_with(str(tmp_path / "list.TXT"), "config.yaml")
    assert not importers.is_folder_with(str(tmp_path), "annotations.json")
    assert importers.is_file_ending(str(tmp_path / "list.TXT"), ".txt")
    assert not importers.is_file_ending(str(tmp_path / "folder.txt"), ".txt")
    assert not importers.is_file_ending(str(tmp_path / "gone.txt"), ".txt")


def test_sets_that_tell_where_people_are(tmp_path):
    assert importers.tells_places(str(people_pictures.write(tmp_path / "flic")))
    assert not importers.tells_places("signers:train")
    assert not importers.tells_places(str(tmp_path))
