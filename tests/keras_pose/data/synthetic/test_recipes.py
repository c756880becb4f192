"""What each version of the signers draws."""

import numpy as np

from keras_pose.data.synthetic import motion, recipes, versions


def test_every_version_has_a_recipe_with_seeds_of_its_own():
    assert tuple(recipes.RECIPES) == versions.VERSIONS
    assert len({recipe.seed for recipe in recipes.RECIPES.values()}) == len(versions.VERSIONS)


def test_recipes_perform_in_their_own_way_with_limbs_of_fixed_length():
    wrists = []
    for recipe in recipes.RECIPES.values():
        rng = np.random.default_rng(0)
        body = motion.draw_body(rng)
        poses = recipe.perform(rng, body, np.arange(12.0))
        lengths = np.linalg.norm(poses.wrists - poses.elbows, axis=-1)
        np.testing.assert_allclose(lengths, body.forearm, atol=2e-3)
        wrists.append(poses.wrists)
    assert np.abs(wrists[0] - wrists[1]).max() > 0.1
