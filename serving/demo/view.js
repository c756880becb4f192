// The display: updates the page's elements, without any logic of its own.

import { JointTable } from "./joint_table.js";
import { Overlay } from "./overlay.js";

const element = (id) => document.getElementById(id);

export class View {
  constructor() {
    this.overlay = new Overlay(element("canvas"));
    this.table = new JointTable(element("joints").tBodies[0]);
    this.shown = null; // {frame, pose, skeleton}
    this.listed = null;
    new ResizeObserver(() => this.redraw()).observe(element("stage"));
    element("threshold").addEventListener("input", () => {
      element("threshold-value").value = this.threshold.toFixed(2);
      this.redraw();
    });
  }

  get threshold() {
    return Number(element("threshold").value);
  }

  /** Shows a frame and its pose, if it has one. The frame's bitmap is closed when the next frame comes. */
  show(frame, pose, skeleton) {
    if (this.shown && this.shown.frame.bitmap !== frame.bitmap) this.shown.frame.bitmap.close();
    this.shown = { frame, pose, skeleton };
    element("canvas").hidden = false;
    element("empty").hidden = true;
    this.list(skeleton);
    this.redraw();
    this.refresh();
  }

  /** Lists the joints of a model, even before the first pose. */
  list(skeleton) {
    if (!skeleton || skeleton === this.listed) return;
    this.listed = skeleton;
    this.table.list(skeleton);
    element("no-joints").hidden = true;
  }

  redraw() {
    if (!this.shown) return;
    const { frame, pose, skeleton } = this.shown;
    const points = this.overlay.draw(frame.bitmap, pose, skeleton, this.threshold);
    this.table.show(points, pose);
    const canvas = element("canvas");
    canvas.dataset.drawn = JSON.stringify(points); // the drawn joints, for tests and extensions
    canvas.dataset.timeS = String(frame.timeS ?? "");
    canvas.dataset.frame = `${frame.bitmap.width}x${frame.bitmap.height}`;
    const count = points.filter((point) => point.drawn).length;
    canvas.setAttribute("aria-label", pose
      ? `${frame.bitmap.width} × ${frame.bitmap.height} px, ${count} of ${points.length} joints drawn`
      : `${frame.bitmap.width} × ${frame.bitmap.height} px, without a pose`);
  }

  /** @param {Error} error with a `help` text if the user can do something; text between backquotes is code */
  showProblem(error) {
    const parts = `${error.message} ${error.help ?? ""}`.trim().split("`");
    element("problem").replaceChildren(...parts.map((part, i) => {
      if (i % 2 === 0) return document.createTextNode(part);
      return Object.assign(document.createElement("code"), { textContent: part });
    }));
    element("problem").dataset.kind = error.kind ?? "";
    element("problem").hidden = false;
  }

  hideProblem() {
    element("problem").hidden = true;
    element("problem").replaceChildren();
  }

  setText(id, text) {
    element(id).textContent = text;
  }

  /** Updates buttons and figures from a session. */
  update(session) {
    const { source, timing, recording } = session;
    element("pause").disabled = !source?.canPause;
    element("pause").textContent = source?.canPause && source.paused ? "Play" : "Pause";
    element("back").disabled = !source?.canStep;
    element("forward").disabled = !source?.canStep;
    element("clips-choice").hidden = !session.canSendClips;
    element("download").disabled = recording.size === 0;
    const { latencyMs, perSecond } = timing;
    this.setText("latency", latencyMs === null ? "–" : `${latencyMs.toFixed(latencyMs < 10 ? 1 : 0)} ms`);
    this.setText("rate", perSecond === null ? "–" : `${perSecond.toFixed(1)} / s`);
    this.setText("frames", String(recording.size));
  }

  refresh() {} // replaced by main.js, which has the session
}
