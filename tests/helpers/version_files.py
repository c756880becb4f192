"""Version folders without a real model, for tests of loading and unloading."""

from __future__ import annotations


def publish(base, version, content="good"):
    """Writes the folder of a version (its saved_model.pb holds `content`) and returns it as a pathlib.Path.

    A new folder appears with its file in it, since a thread that watches `base` gives up a version that it cannot load.
    """
    folder = base / str(version)
    new = folder if folder.exists() else base / f"new-{version}"
    new.mkdir(exist_ok=True)
    (new / "saved_model.pb").write_text(content)
    return new.rename(folder)


def load(folder, version):
    """Loads a version that `publish` wrote: returns "servable <version>", or raises if its content is not "good"."""
    with open(f"{folder}/saved_model.pb") as file:
        if file.read() != "good":
            raise ValueError("broken on purpose")
    return f"servable {version}"
