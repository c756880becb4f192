// Sources of frames: an image, a video file, the camera. A source calls `listener.onFrame()` when it has a new frame,
// and `listener.onChange()` when it starts or stops playing. `grab()` returns the current frame: {bitmap, blob, timeS};
// `grab(false)` needs no blob, an image file for a server.

import { ServingError } from "./serving_error.js";
import { canSendAsIs, toJpeg } from "./image_files.js";

const fileError = (name) =>
  new ServingError("file", `${name} is not an image or video that this browser can show.`,
    "Images: JPEG, PNG, WebP. Video: MP4 with H.264, WebM with VP8 or VP9.");

/** Opens a file; one without a type is opened as an image. */
export async function openFile(file, listener) {
  if (file.type.startsWith("video/")) return openVideoFile(file, listener);
  if (file.type && !file.type.startsWith("image/")) throw fileError(file.name);
  return openImage(file, listener);
}

async function openImage(file, listener) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw fileError(file.name);
  }
  const blob = canSendAsIs(await file.arrayBuffer()) ? file : await toJpeg(bitmap);
  // Return a copy each time, because the receiver closes the bitmap.
  const grab = async () => ({ bitmap: await createImageBitmap(bitmap), blob, timeS: null });
  queueMicrotask(() => listener.onFrame());
  return { kind: "image", name: file.name, hasFrame: true, canPause: false, canStep: false, paused: false,
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
    throw fileError(file.name);
  }
  const source = new VideoSource("video", file.name, video, listener, () => URL.revokeObjectURL(url));
  await video.play();
  return source;
}

/** Opens the camera, with the person's permission. */
export async function openCamera(listener) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new ServingError("camera", "This page cannot use the camera.",
      "Browsers allow it only on https and on localhost.");
  }
  const wanted = { video: { width: { ideal: 640 }, height: { ideal: 480 } }, audio: false };
  const stream = await navigator.mediaDevices.getUserMedia(wanted).catch((error) => {
    const reason = error.name === "NotAllowedError" ? "permission was denied" : error.message;
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
    this.held = false; // stopped until a request is done, but not paused by the user
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

  async grab(asFile = true) {
    const timeS = this.timeS;
    const bitmap = await createImageBitmap(this.video);
    return { bitmap, blob: asFile ? await toJpeg(bitmap) : null, timeS };
  }

  pause() {
    const wasHeld = this.held;
    this.held = false;
    this.video.pause();
    if (wasHeld) this.listener.onChange(); // the video was stopped already and sends no event
  }

  play() {
    this.held = false;
    return this.video.play();
  }

  /** Stops the video until `resume`. */
  hold() {
    if (this.video.paused || this.video.ended) return; // at the end, the video pauses by itself
    this.held = true;
    this.video.pause();
  }

  /** Ends `hold`. */
  resume() {
    if (!this.held) return;
    this.held = false;
    if (this.closed) return;
    if (this.video.ended) this.listener.onChange(); // playing would restart the video, and it sends no event itself
    else this.video.play().catch(() => {}); // the video was paused or closed meanwhile
  }

  /** Moves by whole frames. The duration of a frame is the shortest one seen so far, at first 1/25 s. */
  step(frames) {
    this.pause();
    const frameS = this.frameS ?? 1 / 25;
    // Aim a quarter of a frame past its start: times are rounded, so the start itself may show the previous frame.
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
    const limit = setTimeout(() => reject(new Error("no frame within 20 s")), 20000);
    const done = (end) => () => (clearTimeout(limit), end());
    video.addEventListener("loadeddata", done(resolve), { once: true });
    video.addEventListener("error", done(() => reject(video.error)), { once: true });
  });
}
