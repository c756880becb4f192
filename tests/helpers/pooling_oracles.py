"""What kinds of temporal pooling compute, by loops in float64: one window and one joint at a time.

maps: [T, h, w] of one joint; exists: T booleans; weights: dict of the layer's weights of this joint.
"""

import numpy as np

SIGMA_PX = 1.5


def connected(exists):
    """The frames that count: a side ends at the first one that does not exist."""
    middle = len(exists) // 2
    kept = {middle}
    for step in (-1, 1):
        t = middle + step
        while 0 <= t < len(exists) and exists[t]:
            kept.add(t)
            t += step
    return sorted(kept)


def decode(image):
    """((x, y), height) of the highest pixel, refined by the quadratic through the logarithms of 3×3 pixels."""
    h, w = image.shape
    row, column = np.unravel_index(np.argmax(image), image.shape)
    top = image[row, column]
    if top <= 0 or min(h, w) < 3:
        return np.array([column, row], float), top
    y0 = min(max(row, 1), h - 2)
    x0 = min(max(column, 1), w - 2)
    design = []
    values = []
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            design.append([1, dx, dy, dx * dx / 2, dy * dy / 2, dx * dy])
            values.append(np.log(max(image[y0 + dy, x0 + dx] / max(top, 1e-12), 1e-3)))
    _, gx, gy, hxx, hyy, hxy = np.linalg.lstsq(np.array(design, float), np.array(values), rcond=None)[0]
    if hxx < -1e-6 and hxx * hyy - hxy**2 > 1e-9:
        steps = -np.linalg.solve([[hxx, hxy], [hxy, hyy]], [gx, gy])
    else:
        steps = [-g / bend if bend < -1e-6 else np.nan for g, bend in ((gx, hxx), (gy, hyy))]
    found = []
    for pixel, middle, step in ((column, x0, steps[0]), (row, y0, steps[1])):
        shift = 0.0 if np.isnan(step) else middle - pixel + step
        found.append(pixel + np.clip(shift, -0.5, 0.5))
    return np.array(found), top


def chain(maps, exists, weights):
    """[h, w]: the map that belief propagation makes."""
    maps = np.asarray(maps, np.float64)
    kept = connected(exists)
    middle = len(maps) // 2
    if kept == [middle]:
        return maps[middle]
    epsilon = np.exp(weights["log_epsilon"])
    log_map = weights["current"] * np.log(np.maximum(maps[middle], 0) + epsilon)
    for side, frames in enumerate(([t for t in kept if t < middle], [t for t in kept if t > middle][::-1])):
        logits = weights["kernel_logits"][side]
        kernel = np.exp(logits) / np.exp(logits).sum()
        message = np.ones(maps[0].shape)
        for t in frames:
            said = (np.maximum(maps[t], 0) + epsilon) ** weights["evidence"]
            belief = said * (message + 1e-4) ** weights["memory"]
            message = correlate(belief / belief.max(), kernel)
        log_map += weights["message"][side] * np.log(message + 1e-3)
    probability = np.exp(log_map - log_map.max())
    return probability / probability.sum() * 2 * np.pi * SIGMA_PX**2


def chain_readout(maps, exists, weights):
    """[h, w]: the map of `chain`, moved by an offset and blurred by a Gaussian of 9×9 px that sums to 1."""
    pooled = chain(maps, exists, weights)
    if connected(exists) == [len(maps) // 2]:
        return pooled
    x, y = weights["readout_offset"]
    kernel = np.zeros((9, 9))
    for row, column in np.ndindex(9, 9):
        square = (column - 4 + x) ** 2 + (row - 4 + y) ** 2
        kernel[row, column] = np.exp(-square / (2 * np.exp(weights["readout_log_width"]) ** 2))
    return correlate(pooled, kernel / kernel.sum())


def correlate(image, kernel):
    """Σ_d kernel(d) · image(p + d), with 0 outside the image."""
    h, w = image.shape
    reach = len(kernel) // 2
    result = np.zeros((h, w))
    for y, x in np.ndindex(h, w):
        for dy, dx in np.ndindex(kernel.shape):
            row = y + dy - reach
            column = x + dx - reach
            if 0 <= row < h and 0 <= column < w:
                result[y, x] += kernel[dy, dx] * image[row, column]
    return result


def find_on_track(points, heights, kept, num_frames, weights):
    """(position, height) in the middle frame; points and heights are dicts by frame."""
    middle = num_frames // 2
    powers = {t: np.array([((t - middle) / middle) ** k for k in range(5)]) for t in kept}
    trust = {}
    for t in kept:
        log_trust = weights["trust"] * np.log(heights[t] + 1e-3) + weights["distance_trust"][abs(t - middle)]
        trust[t] = np.exp(log_trust)
    total = sum(trust.values())
    mean = sum(trust[t] * points[t] for t in kept) / total
    weight = dict(trust)

    def solve():
        matrix = np.diag(np.exp(weights["log_ridge"])).astype(np.float64)
        right = np.zeros((5, 2))
        for t in kept:
            matrix += weight[t] * np.outer(powers[t], powers[t])
            right += weight[t] * np.outer(powers[t], points[t] - mean)
        return np.linalg.solve(matrix, right)

    for _ in range(6):
        coefficients = solve()
        for t in kept:
            square = np.sum((points[t] - mean - powers[t] @ coefficients) ** 2)
            weight[t] = trust[t] / (1 + square / np.exp(weights["log_tolerance"]) ** 2)
    fitted = solve()[0]
    beside = points[middle] - mean - fitted
    logit = weights["gate_bias"] + weights["gate_height"] * np.log(heights[middle] + 1e-3) + 2
    gate = 1 / (1 + np.exp(-(logit - np.sum(beside**2) / np.exp(weights["log_gate_width"]) ** 2)))
    return fitted + gate * beside + mean, sum(weight[t] * heights[t] for t in kept) / total


def track(maps, exists, weights):
    """[h, w]: a Gaussian on the robust trajectory through the peaks."""
    maps = np.asarray(maps, np.float64)
    kept = connected(exists)
    middle = len(maps) // 2
    if kept == [middle]:
        return maps[middle]
    found = {t: decode(maps[t]) for t in kept}
    points = {t: found[t][0] for t in kept}
    heights = {t: max(found[t][1], 0.0) for t in kept}
    (x, y), height = find_on_track(points, heights, kept, len(maps), weights)
    h, w = maps[0].shape
    rows, columns = np.mgrid[:h, :w]
    square = (columns - np.clip(x, -0.5, w - 0.5)) ** 2 + (rows - np.clip(y, -0.5, h - 0.5)) ** 2
    return height * np.exp(-square / (2 * SIGMA_PX**2))


def median(maps, exists, weights):
    """[h, w]: the map of the current frame, moved to the median of three positions."""
    maps = np.asarray(maps, np.float64)
    middle = len(maps) // 2
    if not (exists[middle - 1] and exists[middle + 1]):
        return maps[middle]
    points = [decode(maps[t])[0] for t in (middle - 1, middle, middle + 1)]
    return move(maps[middle], np.median(points, axis=0) - points[1])


def move(image, shift):
    """[h, w]: out(p) = image(p − shift), bilinear, 0 outside."""
    h, w = image.shape
    moved = np.zeros((h, w))
    for y, x in np.ndindex(h, w):
        for dy, dx in np.ndindex(2, 2):
            row = int(np.floor(y - shift[1])) + dy
            column = int(np.floor(x - shift[0])) + dx
            if 0 <= row < h and 0 <= column < w:
                share = (1 - abs(y - shift[1] - row)) * (1 - abs(x - shift[0] - column))
                moved[y, x] += share * image[row, column]
    return moved


ORACLES = {"chain": chain, "chain_readout": chain_readout, "track": track, "median": median}


def pool(layer, maps, valid):
    """float64 [B, h, w, J]: a window of a layer of `ORACLES` by loops."""
    maps = np.asarray(maps, np.float64)
    pooled = np.zeros((*maps.shape[:1], *maps.shape[2:]))
    for b, j in np.ndindex(len(maps), maps.shape[-1]):
        weights = {v.name.split("/")[-1].split(":")[0]: np.asarray(v, np.float64)[..., j] for v in layer.weights}
        pooled[b, ..., j] = ORACLES[layer.kind](maps[b, ..., j], np.asarray(valid[b]) > 0, weights)
    return pooled
