"""Which joints are left and right, by their names: `left_ear`, `earL`, `LEar`, `ear_l`, `Ear.L`, `ear (left)`, `LHip`.

A joint has a partner if the data names another joint that is equal but for its side. A name's side stands at its
beginning, its end or in its middle. Names are tried in several ways, from certain to bold; bold ones, such as the first
letter of `lhip`, only pair names and never say by themselves that a joint has a side.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

# Words of a side, with the words of the other one.
_OPPOSITE = {
    "left": ("right",),
    "right": ("left",),
    "lft": ("rgt", "rht"),
    "rgt": ("lft",),
    "rht": ("lft",),
    "lt": ("rt",),
    "lf": ("rt", "rf"),
    "rt": ("lt", "lf"),
    "rf": ("lf",),
    "l": ("r",),
    "r": ("l",),
}
# Words that tell a side by themselves. The others, such as rf, have other meanings, too.
_CERTAIN = ("left", "right", "lft", "rgt", "l", "r")
_WORDS = ("left", "right")
# Parts of names: runs of capitals, words with or without a capital, digits.
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_WORD_ANYWHERE = re.compile("left|right", re.IGNORECASE)
_BODY_PARTS = frozenset(
    """
    ank ankle antenna arm back brow calf cheek chest claw clavicle collar ear elb elbow eye eyebrow eyelid fin finger
    foot forearm forepaw front frontpaw hand heel hind hindpaw hip hoof horn index iris jaw kne knee leg limb lip middle
    mouth neck nostril paw pinky pupil rear ring shin sho shoulder side temple thigh thumb toe wing wri wrist
    """.split()  # noqa: SIM905
)
_MANY = 3  # pairs of capitals such as LASI and RASI before the first letter is taken for a side


class _Part(NamedTuple):
    start: int
    end: int
    text: str


class _Reading(NamedTuple):
    """A name with its sides changed.

    Attributes:
      name: the name of the other side.
      is_left: whether the name that was read is the left one.
    """

    name: str
    is_left: bool


def infer_flip_pairs(joints: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pairs names that are equal but for their side.

    Args:
      joints: names in any order.

    Returns:
      Pairs (left, right) in the order of the left names. Each name is in one pair at most; a name with two possible
      partners is in none.
    """
    return tuple((name, other) for name, (other, is_left, _) in _find_partners(joints).items() if is_left)


def find_unpaired(joints: Sequence[str], pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Returns the joints whose names tell a side but which are in no pair.

    Args:
      joints: names in any order.
      pairs: pairs (left, right).
    """
    paired = {joint for pair in pairs for joint in pair}
    # If two joints were paired in a bold way, a third one that reads alike has a side, too.
    bold = (_read_two_capitals, _read_first_letter)
    ways = [way for way in bold if any(reading.name == right for left, right in pairs for reading in way(left))]
    return tuple(joint for joint in joints if joint not in paired and (_tells_side(joint) or _reads_in(joint, ways)))


def _find_partners(joints):
    """Returns {name: (partner, whether the name is the left one, the way it was read)}."""
    known = set(joints)
    found = {}
    for name in joints:
        for way in _WAYS:
            readings = {reading for reading in way(name) if reading.name in known and reading.name != name}
            if readings:
                if len(readings) == 1:  # else it is ambiguous
                    found[name] = (*readings.pop(), way)
                break
    mutual = {
        name: (other, is_left, way)
        for name, (other, is_left, way) in found.items()
        if other in found and found[other][0] == name and found[other][1] != is_left
    }
    # A first letter alone may be chance: LIP and RIP.
    in_capitals = [name for name, entry in mutual.items() if entry[0] in {r.name for r in _read_capitals(name)}]
    chance = len(in_capitals) < 2 * _MANY
    return {name: entry for name, entry in mutual.items() if not (chance and entry[2] is _read_capitals)}


def _reads_in(name, ways):
    """Whether a name can be read in one of these ways."""
    if any(part.text.lower() in _BODY_PARTS for part in _split(name)):  # rear, lip
        return False
    return any(True for way in ways for _ in way(name))


def _tells_side(name):
    """Whether a part of a name is a side: a word, or a letter that is neither numbered nor contradicted by another."""
    parts = _split(name)
    sides = set()
    for part in _side_parts(name):
        numbered = part.start == 0 and any(other.start == part.end and other.text.isdigit() for other in parts)
        if part.text.lower() in _CERTAIN and not (len(part.text) == 1 and numbered):  # L1 may be a vertebra
            sides.add(part.text.lower()[0])
    return len(sides) == 1 or (not sides and _begins_with_word(name, parts))


def _begins_with_word(name, parts):
    """Whether a side and a body part are written together: leftear, earleft, LEFTEAR."""
    for part in parts:
        text = part.text.lower()
        for word in _WORDS:
            rest = text[len(word) :] if text.startswith(word) else text[: -len(word)] if text.endswith(word) else ""
            if rest in _BODY_PARTS:
                return True
    return False


def _split(name):
    """The parts of a name, without those beside letters that are not ASCII: they belong to a longer word."""
    parts = [_Part(match.start(), match.end(), match[0]) for match in _PARTS.finditer(name)]
    beside = [name[part.start - 1 : part.start] + name[part.end : part.end + 1] for part in parts]
    return [part for part, ends in zip(parts, beside) if not any(c.isalpha() and not c.isascii() for c in ends)]


def _side_parts(name):
    """The parts of a name that are sides."""
    return [part for part in _split(name) if part.text.lower() in _OPPOSITE]


def _change(name, parts) -> Iterator[_Reading]:
    """Yields the name with all these parts changed to the other side."""
    if not parts:
        return
    is_left = parts[0].text.lower().startswith("l")
    for words in itertools.product(*(_OPPOSITE[part.text.lower()] for part in parts)):
        text = name
        for part, word in reversed(list(zip(parts, words))):
            text = text[: part.start] + _as_written(word, part.text) + text[part.end :]
        yield _Reading(text, is_left)


def _as_written(word, like):
    """Gives a word the capitals of another."""
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[0].isupper() else word


def _read_all(name):
    """All sides: left_eye_right_corner is right_eye_left_corner in a mirror."""
    return _change(name, _side_parts(name))


def _read_words(name):
    """Words only: in left_hand_r1, r1 is the ring finger."""
    return _change(name, [part for part in _side_parts(name) if part.text.lower() in _WORDS])


def _read_first(name):
    """The first side only."""
    return _change(name, _side_parts(name)[:1])


def _read_anywhere(name):
    """Words within longer ones: leftear, frontleftpaw."""
    return _change(name, [_Part(match.start(), match.end(), match[0]) for match in _WORD_ANYWHERE.finditer(name)])


def _read_two_capitals(name):
    """A capital beside the side: LF and RF are left and right front, FL and FR are front left and right."""
    for part in _split(name):
        if len(part.text) == 2 and part.text.isupper():
            for place, letter in enumerate(part.text):
                if letter in "LR":
                    start = part.start + place
                    yield from _change(name, [_Part(start, start + 1, letter)])


def _read_first_letter(name):
    """A letter written together with a body part: lhip, LHIP, hipl."""
    for part in _split(name):
        for start, rest in ((part.start, part.text[1:]), (part.end - 1, part.text[:-1])):
            letter = name[start]
            if letter in "lrLR" and rest.lower() in _BODY_PARTS:
                yield from _change(name, [_Part(start, start + 1, letter)])


def _read_capitals(name):
    """The first letter of capitals: LASI, RASI."""
    if name.isupper() and len(name) > 2 and name[0] in "LR":
        yield from _change(name, [_Part(0, 1, name[0])])


_WAYS: tuple[Callable[[str], Iterator[_Reading]], ...] = (
    _read_all,
    _read_words,
    _read_first,
    _read_anywhere,
    _read_two_capitals,
    _read_first_letter,
    _read_capitals,
)


def match_names(wanted: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Finds the same joints in another list of names: `left_wrist` is `LWrist`, `wrist_l`, `Left Wrist` or `lwrist`.

    Args:
      wanted: names to find.
      known: names to find them among.

    Returns:
      {wanted name: known name}. A name that is in both lists is itself. Others match if they are equal but for how
      the side, capitals and spaces are written, and if no third name is; otherwise they are left out.
    """
    found = {name: name for name in wanted if name in known}
    by_form: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for name in (*wanted, *known):
        if name not in found:
            by_form.setdefault(_plain_form(name), []).append(name)
    for name in wanted:
        alike = by_form.get(_plain_form(name), [])
        if name not in found and len(alike) == 2 and alike[0] == name and alike[1] in known:
            found[name] = alike[1]
    return found


def _plain_form(name):
    """The sides of a name, in order, and the rest of it in small letters."""
    if not name.isascii():
        return (), name.casefold()
    sides = []
    rest = []
    for part in _split(name):
        text = part.text.lower()
        if text in _CERTAIN or text in ("rgt", "rht", "lt", "rt"):
            sides.append(text[0])
            continue
        cut = _cut_side(text)
        sides += [cut[0]] if cut else []
        rest.append(cut[1] if cut else text)
    return tuple(sides), "".join(rest)


def _cut_side(text):
    """("l", "hip") of lefthip, hipleft, lhip or hipl; None if no body part is left."""
    for word in (*_WORDS, "l", "r"):
        before = text[len(word) :] if text.startswith(word) else ""
        behind = text[: -len(word)] if text.endswith(word) else ""
        for rest in (before, behind):
            if rest in _BODY_PARTS and text not in _BODY_PARTS:
                return word[0], rest
    return None
