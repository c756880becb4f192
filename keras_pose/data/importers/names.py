"""Finds a name in a list as a person would: spelt exactly, in another Unicode form, or in upper and lower case.

macOS stores `é` as two characters (NFD) where others store one (NFC), and Windows does not tell `A.PNG` from `a.png`,
so a project that was copied has both. Names are compared one by one; a name is never a pattern.
"""

from __future__ import annotations

import collections
import os
import unicodedata
from collections.abc import Iterable


def normalize(name: str) -> str:
    """Returns the name in Unicode form NFC, without spaces around it and with single spaces inside."""
    return " ".join(unicodedata.normalize("NFC", name).split())


class NameIndex:
    """Finds names in a list.

    Args:
      names: the names that exist.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(dict.fromkeys(names))
        self._exact = set(self.names)
        self._by_form: list[dict[str, list[str]]] = []  # made at the first search that needs it

    def find(self, wanted: str) -> str | None:
        """Finds a name.

        Returns:
          The name that is spelt exactly like `wanted`, else the one that differs only in Unicode form and spaces, else
          the one that differs in upper and lower case too. None if there is none, or several that differ in the same
          way.
        """
        if wanted in self._exact:
            return wanted
        for form, by_form in zip(_FORMS, self._forms()):
            found = by_form.get(form(wanted), [])
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def _forms(self):
        if not self._by_form:
            for form in _FORMS:
                by_form = collections.defaultdict(list)
                for name in self.names:
                    by_form[form(name)].append(name)
                self._by_form.append(dict(by_form))
        return self._by_form


def find_name(wanted: str, names: Iterable[str]) -> str | None:
    """Returns the name that `NameIndex` finds for `wanted` in a short list."""
    return NameIndex(names).find(wanted)


def list_folder(folder: str) -> list[str]:
    """Returns the names in a folder, sorted; none if it is no folder."""
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def _fold_case(name):
    return normalize(name).casefold()


_FORMS = (normalize, _fold_case)
