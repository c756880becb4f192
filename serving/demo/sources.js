// Where frames come from: a picture, a video file, the camera. Each calls `listener.onFrame()` when there is a new frame
// and `listener.onChange()` when it begins or stops to play, and makes a frame on `grab()`: {bitmap, blob, timeS}.

import { ServingError } from "./serving_error.js";
import { sentAsIs, toJpeg } from "./image_files.js";

const notAnImage = (name) =>
  new ServingError("file", `${name} is not a picture or video that this browser can show.`,
    "Pictures: JPEG, PNG, WebP. Video: MP4 with H.264, WebM with VP8 or VP9.");

/** Opens a chosen file, told by its content where its type says nothing. */
export async function openFile(file, listener) {
  if (file.type.startsWith("video/")) return openVideoFile(file, listener);
  if (file.type && !file.type.startsWith("image/")) throw notAnImage(file.name);
  return openPicture(file, listener);
}

async function openPicture(file, listener) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw notAnImage(file.name);
  }
  const blob = sentAsIs(await file.arrayBuffer()) ? file : await toJpeg(bitmap);
  // A copy each time: whoever gets a bitmap closes it.
  const grab = async () => ({ bitmap: await createImageBitmap(bitmap), blob, timeS: null });
  queueMicrotask(() => listener.onFrame());
  return { kind: "picture", name: file.name, hasFrame: true, canPause: false, canStep: false, paused: false,
    grab, pause() {}, close: () => bitmap.close() };
}

async function openVideoFile(file, listener) {
  const video = makeVideo();
  const url = URL.createObjectURL(file);
  video.src = url;
  try {
    await loaded(video);
  } catch {
    URL.revokeObjectURL(url);
    throw notAnImage(file.name);
  }
  const source = new VideoSource("video", file.name, video, listener, () => URL.revokeObjectURL(url));
  await video.play();
  return source;
}

/** Opens the camera, with the person's permission. */
export async function openCamera(listener) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new ServingError("camera", "This page may not use the camera.",
      "Browsers allow it on https and on localhost only.");
  }
  const wanted = { video: { width: { ideal: 640 }, height: { ideal: 480 } }, audio: false };
  const stream = await navigator.mediaDevices.getUserMedia(wanted).catch((error) => {
    const reason = error.name === "NotAllowedError" ? "you or the browser did not allow it" : error.message;
    throw new ServingError("camera", `The camera cannot be used: ${reason}.`);
  });
  const video = makeVideo();
  video.srcObject = stream;
  await loaded(video);
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  const source = new VideoSource("camera", "camera", video, listener, stop);
  await video.play();
  return source;
}

class VideoSource {
  constructor(kind, name, video, listener, release) {
    Object.assign(this, { kind, name, video, listener, release, closed: false, timeS: -1, frameS: null });
    this.canPause = true;
    this.held = false; // stands still until there is room for its frames; not paused by anyone
    this.canStep = kind === "video";
    for (const event of ["play", "pause", "ended"]) video.addEventListener(event, () => listener.onChange());
    this.#watch();
  }

  get hasFrame() {
    return this.timeS >= 0;
  }

  get paused() {
    return this.video.paused && !this.held;
  }

  get ended() {
    return this.video.ended;
  }

  async grab() {
    const timeS = this.timeS;
    const bitmap = await createImageBitmap(this.video);
    return { bitmap, blob: await toJpeg(bitmap), timeS };
  }

  pause() {
    const wasHeld = this.held;
    this.held = false;
    this.video.pause();
    if (wasHeld) this.listener.onChange(); // the video itself has nothing to tell
  }

  play() {
    this.held = false;
    return this.video.play();
  }

  hold() {
    if (this.video.paused || this.video.ended) return; // at the end, it pauses by itself
    this.held = true;
    this.video.pause();
  }

  /** Ends `hold`. */
  resume() {
    if (!this.held) return;
    this.held = false;
    if (this.closed) return;
    if (this.video.ended) this.listener.onChange(); // it would begin anew, and has nothing to tell by itself
    else this.video.play().catch(() => {}); // it was paused or closed meanwhile
  }

  /** Moves by whole frames; their length is the shortest seen so far, 1/25 s at first. */
  step(frames) {
    this.pause();
    const frameS = this.frameS ?? 1 / 25;
    // A quarter beyond a frame's beginning: times are rounded, and the beginning itself may show the frame before.
    const wanted = this.timeS + (frames + 0.25) * frameS;
    this.video.currentTime = Math.min(Math.max(0, this.video.duration - frameS / 2), Math.max(0, wanted));
  }

  close() {
    this.closed = true;
    this.video.pause();
    this.release();
    this.video.removeAttribute("src");
    this.video.srcObject = null;
  }

  #watch() {
    const next = this.video.requestVideoFrameCallback
      ? (seen) => this.video.requestVideoFrameCallback((_, frame) => seen(frame.mediaTime))
      : (seen) => requestAnimationFrame(() => seen(this.video.currentTime));
    const seen = (timeS) => {
      if (this.closed) return;
      if (timeS !== this.timeS) this.#seen(timeS);
      next(seen);
    };
    next(seen);
  }

  #seen(timeS) {
    const passedS = timeS - this.timeS;
    if (this.timeS >= 0 && !this.video.paused && passedS > 0.004) this.frameS = Math.min(this.frameS ?? 1, passedS);
    this.timeS = timeS;
    this.listener.onFrame();
  }
}

function makeVideo() {
  return Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto" });
}

function loaded(video) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error("nothing to show within 20 s")), 20000);
    const done = (end) => () => (clearTimeout(limit), end());
    video.addEventListener("loadeddata", done(resolve), { once: true });
    video.addEventListener("error", done(() => reject(video.error)), { once: true });
  });
}
