// The poses seen so far, for download.

const MAX_FRAMES = 20000;

export class Recording {
  constructor() {
    this.clear();
  }

  clear() {
    this.frames = new Map();
  }

  /** Keeps a frame's pose. A repeated frame replaces its earlier pose; beyond 20,000 frames the oldest are dropped. */
  add(frame, pose) {
    this.frames.set(frame.timeS, {
      time_s: frame.timeS,
      size_hw: [frame.bitmap.height, frame.bitmap.width],
      keypoints: pose.keypoints,
      scores: pose.scores,
      valid: pose.valid,
    });
    if (this.frames.size > MAX_FRAMES) this.frames.delete(this.frames.keys().next().value);
  }

  /** The pose of the frame at this time, or undefined. */
  poseAt(timeS) {
    return this.frames.get(timeS);
  }

  get size() {
    return this.frames.size;
  }

  /** All poses as JSON: frames in order of time, positions (x, y) in px of the frame, pixel centres at integers. */
  toJson(about) {
    const frames = [...this.frames.values()].sort((a, b) => a.time_s - b.time_s);
    return JSON.stringify({ ...about, frames }, null, 1);
  }
}

/** Offers text to the user as a file download. */
export function saveText(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
