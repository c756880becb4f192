"""Choices and help texts of flags on labels, shared by the commands that open data. Loads neither NumPy nor OpenCV."""

from __future__ import annotations

OUTSIDE = ("error", "unlabel", "hidden")
OUTSIDE_HELP = (
    "How to handle joints that are labelled outside their frame, as annotation tools write them that extrapolate "
    "joints which the frame cuts off: error (they are invalid labels, see --on_bad_label); unlabel (such a joint "
    "counts as not labelled: it is neither trained nor scored, and the rest of the row stays); hidden (it keeps its "
    "position and counts as hidden, with --hidden_weight: it is trained only in steps whose augmented input reaches "
    "beyond the frame to that position, and scored with its distance to it, so accuracies fall)."
)
EXIF_ORIENTATION = ("auto", "upright", "stored")
EXIF_ORIENTATION_HELP = (
    "How the labels see pictures with an EXIF orientation, and videos of COCO annotations that are turned when they "
    "are played (both from phones): upright (as viewers and players show them) or stored (the pixels as they lie in "
    "the file). It is used if the size that the labels state does not tell; the wrong choice puts every joint in the "
    "wrong place. auto: the other labels of the source decide, or the command stops and asks."
)
