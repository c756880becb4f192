"""The signers' true flow and visibility: checked against the joints and against the pictures."""

import cv2
import numpy as np
import pytest

from keras_pose.data.clip import VISIBLE
from keras_pose.data.synthetic import signers, versions


@pytest.fixture(scope="module", params=versions.VERSIONS)
def clips(request):
    return [signers.generate("train", index, version=request.param) for index in range(10)]


def warp(frame, flow):
    y, x = np.mgrid[: frame.shape[0], : frame.shape[1]].astype(np.float32)
    return cv2.remap(frame, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def names_at(clip, frame, joint):
    """Names of the topmost layers in the 3 x 3 pixels around a joint."""
    x, y = np.round(clip.joints[frame, joint]).astype(int)
    numbers = clip.layer_map(frame)[y - 1 : y + 2, x - 1 : x + 2]
    return {clip._layers[n].name for n in numbers.ravel()}


def test_flow_of_a_frame_to_itself_is_zero(clips):
    np.testing.assert_array_equal(clips[0].flow(5, 5), 0)
    assert clips[0].visible_in(5, 5).all()
    assert clips[0].flow(5, 6).dtype == np.float32


def test_flow_at_a_joint_is_its_displacement(clips):
    compared = 0
    for clip in clips:
        for target, source in ((4, 5), (8, 6), (10, 14)):
            flow = clip.flow(target, source)
            for number, joint in enumerate(signers.SKELETON.joints):
                side, _, part = joint.rpartition("_")
                limb = {"wrist": f"{side}_hand", "elbow": f"{side}_forearm", "shoulder": f"{side}_upper_arm"}.get(
                    part, "head"
                )
                if names_at(clip, target, number) != {limb}:
                    continue
                x, y = clip.joints[target, number]
                column = int(x)
                row = int(y)
                box = flow[row : row + 2, column : column + 2]
                share_x = x - column
                share_y = y - row
                mixed = box[0] * (1 - share_y) + box[1] * share_y
                mixed = mixed[0] * (1 - share_x) + mixed[1] * share_x
                np.testing.assert_allclose(
                    mixed, clip.joints[source, number] - clip.joints[target, number], atol=2e-3, err_msg=joint
                )
                compared += 1
    assert compared > 60


def test_warping_by_the_true_flow_reproduces_the_frame_where_visible(clips):
    for clip in clips:
        target = 7
        source = 9
        seen = clip.visible_in(target, source)
        body = seen & clip.body_mask(target)
        assert seen.mean() > 0.6
        wanted = clip.frames[target].astype(np.float32)
        other = clip.frames[source].astype(np.float32)
        flow = clip.flow(target, source)
        moving = body & (np.linalg.norm(flow, axis=-1) > 1)
        if moving.sum() < 100:
            continue
        blurred = [cv2.GaussianBlur(image, (5, 5), 1) for image in (wanted, other)]  # the sensor's noise stays put
        warped = np.abs(warp(blurred[1], flow) - blurred[0])[moving].mean()
        unwarped = np.abs(blurred[1] - blurred[0])[moving].mean()
        assert warped < (0.7, 0.8)[clip.version - 1] * unwarped  # dim pictures have more noise


def test_warped_layers_without_noise_agree_closely(clips):
    clip = signers.generate("train", 3, 4, version=clips[0].version)
    clip.__dict__["frames"] = _frames_without_sensor(clip)
    seen = clip.visible_in(1, 2)
    seen = cv2.erode(seen.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    difference = np.abs(warp(clip.frames[2], clip.flow(1, 2)).astype(int) - clip.frames[1])[seen]
    assert np.median(difference) <= 2
    assert difference.mean() < 4


def _frames_without_sensor(clip):
    from keras_pose.data.synthetic import renderer

    rng = np.random.default_rng(0)
    sprites = [renderer.pack_sprite(layer.part.paint(rng), layer.part.coverage) for layer in clip._layers]
    frames = []
    for frame, order in enumerate(clip._order):
        moments = [clip._layers[n].matrices[frame, [1, 1, 1]] for n in order]  # no motion blur
        frames.append(renderer.render([sprites[n] for n in order], moments, clip.size_hw))
    return np.stack(frames)


def test_hidden_pixels_are_told_by_the_layer_maps(clips):
    clip = next(c for c in clips if (c.visibility[:, 1:3] != VISIBLE).any())
    frame, side = np.argwhere(clip.visibility[:, 1:3] != VISIBLE)[0]
    x, y = np.round(clip.joints[frame, 1 + side]).astype(int)
    own = {f"{('right', 'left')[side]}_{part}" for part in ("forearm", "hand")}
    assert clip._layers[clip.layer_map(frame)[y, x]].name not in own


def test_body_mask_holds_the_visible_joints_and_not_the_room(clips):
    for clip in clips:
        mask = clip.body_mask(3)
        assert 0.1 < mask.mean() < 0.8
        assert not mask[:, 0].all()
        for joint, seen in zip(clip.joints[3], clip.visibility[3]):
            x, y = np.round(joint).astype(int)
            if seen == VISIBLE:
                assert mask[y - 1 : y + 2, x - 1 : x + 2].any()


def test_pixels_that_leave_the_frame_are_not_visible(clips):
    for clip in clips:
        flow = clip.flow(0, 15)
        seen = clip.visible_in(0, 15)
        x = np.arange(128) + flow[..., 0]
        y = np.arange(128)[:, None] + flow[..., 1]
        assert not seen[(x < -0.6) | (y < -0.6) | (x > 127.6) | (y > 127.6)].any()
