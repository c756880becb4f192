// What is going on: a server, a source, and the loop that sends the newest frame and shows its pose.

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
  }

  /** Reads what a server says of a model and sends it the frame that is shown. */
  async connectTo(client) {
    this.client = client;
    this.model = null;
    this.#begin();
    const model = await connect(client);
    if (this.client !== client) return; // another one was asked for meanwhile
    this.model = model;
    if (this.source) this.loop.offer(this.source);
  }

  /** Takes another source in place of the one before; `open` gets a listener and returns it. */
  async use(open) {
    this.close();
    let opened = null;
    const listener = {
      onFrame: () => opened === this.source && this.source && this.loop.offer(this.source),
      onChange: () => this.view.refresh(),
    };
    const source = await open(listener);
    this.source?.close(); // two were asked for at once: the last one stays
    opened = this.source = source;
    this.#begin();
    this.loop.offer(source);
  }

  close() {
    this.loop.clear();
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

  #begin() {
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
      if (pose) {
        this.skeleton = model.skeleton ?? plainDots(pose.keypoints.length);
        this.recording.add(frame, pose);
      }
      this.view.show(frame, pose, this.skeleton);
    } catch (error) {
      if (stop.signal.aborted) return;
      source.pause();
      if (frame) this.view.show(frame, null, this.skeleton);
      this.view.problem(error);
    }
  }

  async #poseOf(frame, client, model, signal) {
    const base64 = await toBase64(frame.blob);
    const began = performance.now();
    const pose = await client.predict(base64, model.inputName, signal);
    if (model.skeleton && model.skeleton.joints.length !== pose.keypoints.length) {
      throw new Error(`The model answers ${pose.keypoints.length} joints; its skeleton names ${model.skeleton.joints.length}.`);
    }
    if (!signal.aborted) this.timing.add(performance.now() - began);
    return pose;
  }
}
