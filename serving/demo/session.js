// What is going on: a server, a source, and the loop that sends the newest frame and shows its pose.

import { ClipLoop } from "./clip_loop.js";
import { connect } from "./connection.js";
import { toBase64 } from "./image_files.js";
import { LatestOnly } from "./latest_only.js";
import { Recording } from "./recording.js";
import { plainDots } from "./skeleton.js";
import { Timing } from "./timing.js";

export class Session {
  /** @param {Object} view shows things: `show(frame, pose, skeleton)`, `problem(error)`, `refresh()` */
  constructor(view) {
    this.view = view;
    this.client = null;
    this.model = null; // what `connect` returned
    this.source = null;
    this.timing = new Timing();
    this.recording = new Recording();
    this.stop = new AbortController();
    this.loop = new LatestOnly((source) => this.#analyse(source));
    this.clips = new ClipLoop(this);
    this.wantsClips = false;
  }

  /** Whether clips can be sent: frames of a video file, to a model that takes clips. */
  get canSendClips() {
    return Boolean(this.source?.kind === "video" && this.model?.clipInput);
  }

  /** Sends neighbouring frames of video files together, or each frame alone. */
  sendClips(wanted) {
    this.wantsClips = wanted;
    this.#begin();
    this.#offer();
  }

  /** Reads what a server says of a model and sends it the frame that is shown. */
  async connectTo(client) {
    this.client = client;
    this.model = null;
    this.#begin();
    const model = await connect(client);
    if (this.client !== client) return; // another one was asked for meanwhile
    this.model = model;
    this.#offer();
  }

  /** Takes another source in place of the one before; `open` gets a listener and returns it. */
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
    this.source?.close(); // two were asked for at once: the last one stays
    opened = this.source = source;
    this.#begin();
    this.#offer();
  }

  close() {
    this.source?.close();
    this.source = null;
    this.#begin();
  }

  /** Pauses or goes on; after the end of a video, begins anew. */
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

  /** The poses so far as JSON. */
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

  /** Poses of the frames of a clip; `count` of them are new. This and what follows is for the loop of clips. */
  async askClip(frames, count) {
    const { stop, client, model } = this;
    const files = await Promise.all(frames.map((frame) => (frame.base64 ??= toBase64(frame.blob))));
    const began = performance.now();
    const poses = await client.predictClip(files, model.clipInput, stop.signal);
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
    this.view.problem(error);
  }

  #offer() {
    if (!this.source?.hasFrame) return;
    if (this.canSendClips && this.wantsClips) this.clips.take(this.source, this.model.reach);
    else this.loop.offer(this.source);
  }

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
      frame = await source.grab();
      const pose = model && (await this.#poseOf(frame, client, model, stop.signal));
      if (stop.signal.aborted) return;
      if (pose) this.keep(frame, pose);
      this.show(frame, pose);
    } catch (error) {
      if (!stop.signal.aborted) this.fail(error, source, frame);
    }
  }

  async #poseOf(frame, client, model, signal) {
    const base64 = await toBase64(frame.blob);
    const began = performance.now();
    const pose = await client.predict(base64, model.inputName, signal);
    checkJoints(pose, model);
    if (!signal.aborted) this.timing.add(performance.now() - began);
    return pose;
  }
}

function checkJoints(pose, { skeleton }) {
  if (!skeleton || skeleton.joints.length === pose.keypoints.length) return;
  throw new Error(`The model answers ${pose.keypoints.length} joints; its skeleton names ${skeleton.joints.length}.`);
}
