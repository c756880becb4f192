"""Version folders without a real model, for tests of loading and unloading."""

from __future__ import annotations


def publish(base, version, content="good"):
    """Writes the folder of a version (its saved_model.pb holds `content`) and returns it as a pathlib.Path."""
    folder = base / str(version)
    folder.mkdir(exist_ok=True)
    (folder / "saved_model.pb").write_text(content)
    return folder


def load(folder, version):
    """Loads a version that `publish` wrote: returns "servable <version>", or raises if its content is not "good"."""
    with open(f"{folder}/saved_model.pb") as file:
        if file.read() != "good":
            raise ValueError("broken on purpose")
    return f"servable {version}"
