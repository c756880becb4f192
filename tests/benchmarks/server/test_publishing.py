"""Versions appear and disappear whole."""

from benchmarks.server import publishing


def test_a_version_is_published_whole_and_withdrawn(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "saved_model.pb").write_bytes(b"net")
    base_path = tmp_path / "pose"
    base_path.mkdir()
    publishing.publish(source, base_path, 3)
    assert (base_path / "3" / "saved_model.pb").read_bytes() == b"net"
    assert [path.name for path in base_path.iterdir()] == ["3"]
    publishing.withdraw(base_path, 3)
    assert list(base_path.iterdir()) == []
    assert (source / "saved_model.pb").exists()
