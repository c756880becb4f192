"""The second version's surroundings: lookalikes that move with the room, and things that stay in front of a hand."""

import numpy as np
import pytest

from keras_pose.data.synthetic import appearance, lasting_scenery, renderer

SIZE_HW = (96, 96)
CAMERA = (20.0, 48.0, 40.0)
TIMES = (np.arange(24)[:, None] + np.array((-0.25, 0, 0.25))).ravel()
COLORS = np.full((4, 3), 120, np.float32)


def layers_behind(seed):
    rng = np.random.default_rng(seed)
    look = appearance.draw_look(rng, lasting_scenery.SKIN_CLOTH)
    return lasting_scenery.background_layers(rng, CAMERA, SIZE_HW, TIMES, COLORS, look)


def occluders(seed):
    wrists_px = np.tile(np.array([[30.0, 50.0], [60.0, 50.0]]), (len(TIMES), 1, 1))
    return lasting_scenery.occluder_layers(np.random.default_rng(seed), CAMERA, wrists_px, TIMES, COLORS)


def test_lookalikes_move_with_the_room():
    panned = 0
    hanging = 0
    for seed in range(40):
        room, *others = layers_behind(seed)
        to_room = renderer.invert(room.matrices[:, 1])
        panned += np.ptp(room.matrices[:, 1], axis=0).max() > 1
        for layer in others:
            if layer.name.startswith("background"):
                hanging += 1
                in_frame = renderer.apply(layer.matrices[:, 1], 3.0, 5.0)
                x, y = renderer.apply(to_room, *in_frame)
                assert np.ptp(x) < 1e-6
                assert np.ptp(y) < 1e-6
    assert hanging > 40
    assert 2 <= panned <= 20


def test_things_in_front_stay_for_many_frames():
    found = [occluders(seed) for seed in range(100)]
    assert 30 <= sum(map(len, found)) <= 60
    stays = []
    for (layer,) in filter(None, found):
        x, y = renderer.apply(layer.matrices[:, 1], *layer.part.grid.origin_xy)
        rest = np.linalg.norm(np.diff(np.stack([x, y], -1), axis=0), axis=-1) < 1e-9
        stays.append(rest.sum())
    assert min(stays) >= 1
    assert np.median(stays) >= 15


def test_clothes_are_more_often_like_skin():
    def share(skin_cloth):
        looks = [appearance.draw_look(np.random.default_rng(seed), skin_cloth) for seed in range(300)]
        return np.mean([np.ptp(look.cloth[0] / look.skin) < 1e-4 for look in looks])

    assert share(1.0) == 1
    assert share(lasting_scenery.SKIN_CLOTH) == pytest.approx(lasting_scenery.SKIN_CLOTH, abs=0.08)
