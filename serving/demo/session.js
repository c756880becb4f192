// The state of the page: a server, a source, and the loop that sends the newest frame and shows its pose.

import { ClipLoop } from "./clip_loop.js";
import { connect } from "./connection.js";
import { toBase64 } from "./image_files.js";
import { LatestOnly } from "./latest_only.js";
import { Recording } from "./recording.js";
import { plainDots } from "./skeleton.js";
import { Timing } from "./timing.js";

export class Session {
  /** @param {Object} view the display: `show(frame, pose, skeleton)`, `showProblem(error)`, `refresh()` */
  constructor(view) {
    this.view = view;
    this.client = null;
    this.model = null; // the result of `connect`
    this.source = null;
    this.timing = new Timing();
    this.recording = new Recording();
    this.stop = new AbortController();
    this.loop = new LatestOnly((source) => this.#analyse(source));
    this.clips = new ClipLoop(this);
    this.wantsClips = false;
  }

  /** Whether clips can be sent: the source is a video file, and the model takes clips. */
  get canSendClips() {
    return Boolean(this.source?.kind === "video" && this.model?.clipInputs);
  }

  /** Sends neighbouring frames of video files together, or each frame alone. */
  sendClips(wanted) {
    this.wantsClips = wanted;
    this.#begin();
    this.#offer();
  }

  /** Connects to a model, or loads one into the browser, and sends it the current frame. */
  async connectTo(client) {
    this.client?.close?.(); // a net in the browser ends with its use
    this.client = client;
    this.model = null;
    this.#begin();
    const model = client.takesBitmaps ? await client.load() : await connect(client);
    if (this.client !== client) return; // the user has chosen another one meanwhile
    this.model = model;
    this.#offer();
  }

  /** Replaces the source. `open` takes a listener and returns the new source. */
  async use(open) {
    this.close();
    let opened = null;
    const listener = {
      onFrame: () => opened === this.source && this.#offer(),
      onChange: () => {
        if (opened === this.source && this.source?.paused) this.clips.settle();
        this.view.refresh();
      },
    };
    const source = await open(listener);
    this.source?.close(); // if two were opened at once, the last one stays
    opened = source;
    this.source = source;
    this.#begin();
    this.#offer();
  }

  close() {
    this.source?.close();
    this.source = null;
    this.#begin();
  }

  /** Pauses or plays; at the end of a video, plays it from the start. */
  async toggle() {
    if (!this.source?.canPause) return;
    if (this.source.paused) {
      this.timing.reset();
      await this.source.play();
    } else {
      this.source.pause();
    }
  }

  step(frames) {
    if (this.source?.canStep) this.source.step(frames);
  }

  /** The recorded poses as JSON. */
  toJson() {
    const { client, model, source } = this;
    return this.recording.toJson({
      source: source?.name ?? "",
      server: client.address,
      model: client.model,
      version: model?.version ?? client.version,
      joints: this.skeleton?.joints ?? [],
      edges: (this.skeleton?.edges ?? []).map((pair) => pair.map((j) => this.skeleton.joints[j])),
    });
  }

  // The next methods, up to `fail`, are the interface for `ClipLoop`.

  /** The poses of the frames of a clip of `rate` frames per second (0: unknown); `count` of them are new. */
  async askClip(frames, count, rate) {
    const { stop, client, model } = this;
    const files = await Promise.all(frames.map((frame) => (frame.base64 ??= toBase64(frame.blob))));
    const began = performance.now();
    const poses = await client.predictClip(files, model.clipInputs, rate, stop.signal);
    for (const pose of poses) checkJoints(pose, model);
    if (!stop.signal.aborted) this.timing.add(performance.now() - began, count);
    return poses;
  }

  knownPose(timeS) {
    return this.recording.poseAt(timeS);
  }

  keep(frame, pose) {
    this.skeleton = this.model.skeleton ?? plainDots(pose.keypoints.length);
    this.recording.add(frame, pose);
  }

  show(frame, pose) {
    this.view.show(frame, pose, this.skeleton);
  }

  fail(error, source, frame) {
    source.pause();
    if (frame) this.show(frame, null);
    this.view.showProblem(error);
  }

  #offer() {
    if (!this.source?.hasFrame) return;
    if (this.canSendClips && this.wantsClips) this.clips.take(this.source, this.#reachAt);
    else this.loop.offer(this.source);
  }

  /** How many frames the model looks away from a frame; without an input for it, the rate does not matter. */
  #reachAt = (rate) => this.model.reachAt(this.model.clipInputs.rate ? rate : 0);

  #begin() {
    this.loop.clear();
    this.clips.clear();
    this.stop.abort();
    this.stop = new AbortController();
    this.timing.reset();
    this.recording.clear();
  }

  async #analyse(source) {
    const { stop, client, model } = this;
    let frame;
    try {
      if (source !== this.source) return;
      frame = await source.grab(!client?.takesBitmaps);
      const pose = model && (await this.#predict(frame, client, model, stop.signal));
      if (stop.signal.aborted) return;
      if (pose) this.keep(frame, pose);
      this.show(frame, pose);
    } catch (error) {
      if (!stop.signal.aborted) this.fail(error, source, frame);
    }
  }

  async #predict(frame, client, model, signal) {
    const input = client.takesBitmaps ? frame.bitmap : await toBase64(frame.blob);
    const began = performance.now();
    const pose = await client.predict(input, model.inputName, signal);
    checkJoints(pose, model);
    if (!signal.aborted) this.timing.add(performance.now() - began);
    return pose;
  }
}

function checkJoints(pose, { skeleton }) {
  if (!skeleton || skeleton.joints.length === pose.keypoints.length) return;
  throw new Error(`The model returned ${pose.keypoints.length} joints; its skeleton names ${skeleton.joints.length}.`);
}
