// Frames of a video in clips that overlap, for models that look at the neighbours of a frame. Each frame is kept from
// one clip only, where it has `margin` neighbours or the video's end on both sides: the rule of serving/client.

const LENGTH = 16;
export const MAX_MARGIN = 6; // beyond it, most of a clip would be margins
const MAX_PENDING = 2; // clips sent or waiting; the video stands still meanwhile
const MAX_GAP_S = 0.5; // frames further apart are no neighbours: someone moved to another place
const SETTLED_MS = 150;

export class ClipLoop {
  /**
   * @param {Object} session `askClip(frames, count)` gives their poses, `count` of which are new, and `knownPose(timeS)`
   *   one that is there; `keep(frame, pose)`, `show(frame, pose)`, `fail(error, source, frame)` take what comes of it
   */
  constructor(session) {
    this.session = session;
    this.run = null;
  }

  /** Takes the frame that a source shows now. `margin`: how far the model looks, in frames. */
  take(source, margin) {
    this.run ??= newRun(source, Math.min(margin, MAX_MARGIN));
    const run = this.run;
    const grabbed = source.grab(); // copied at once, encoded meanwhile
    grabbed.catch(() => {}); // told below
    run.taking = run.taking.then(async () => this.#add(run, await grabbed)).catch((error) => this.#fail(run, error));
  }

  /** Sends what there is of a clip, when no more frames have come for a moment: the video stands. */
  settle() {
    const run = this.run;
    if (!run) return;
    clearTimeout(run.settling);
    run.settling = setTimeout(() => run.source.paused && this.#flush(run), SETTLED_MS);
  }

  /** Forgets all frames. */
  clear() {
    const run = this.run;
    this.run = null;
    if (!run) return;
    run.stopped = true;
    clearTimeout(run.settling);
    for (const frame of run.unshown) frame.bitmap.close();
    run.source.resume();
  }

  #add(run, frame) {
    const last = run.clip.at(-1);
    if (run.stopped || frame.timeS === last?.timeS) return frame.bitmap.close();
    run.unshown.add(frame);
    const known = run.source.paused && this.session.knownPose(frame.timeS);
    if (known) {
      this.#flush(run);
      this.#queue(run, () => this.#show(run, frame, known)); // after what came before
      return;
    }
    if (last && (frame.timeS < last.timeS || frame.timeS > last.timeS + MAX_GAP_S)) this.#flush(run);
    if (run.clip.length === LENGTH) {
      this.#send(run, LENGTH - run.margin);
      run.clip = run.clip.slice(LENGTH - 2 * run.margin);
      run.first = run.margin;
    }
    run.clip.push(frame);
    if (run.source.paused) this.settle();
  }

  #flush(run) {
    if (run.clip.length > run.first) this.#send(run, run.clip.length);
    run.clip = [];
    run.first = 0;
  }

  #send(run, end) {
    const { clip, first } = run;
    run.pending += 1;
    if (run.pending >= MAX_PENDING) run.source.hold();
    this.#queue(run, () => this.#ask(run, clip, first, end));
  }

  #queue(run, work) {
    run.asking = run.asking.then(work).catch((error) => this.#fail(run, error));
  }

  async #ask(run, clip, first, end) {
    if (run.stopped) return;
    try {
      const poses = await this.session.askClip(clip, end - first);
      if (run.stopped) return;
      for (let i = first; i < end; i++) this.#show(run, clip[i], poses[i]);
    } catch (error) {
      this.#fail(run, error, clip[end - 1]);
    }
    run.pending -= 1;
    if (run.pending < MAX_PENDING) run.source.resume();
  }

  /** One after another, as far apart as in the video; at once where more than a clip waits, or someone has paused. */
  #show(run, frame, pose) {
    if (run.stopped) return;
    this.session.keep(frame, pose);
    run.queued += 1;
    run.showing = run.showing.then(async () => {
      if (run.stopped) return;
      run.queued -= 1;
      const gapMs = 1000 * (frame.timeS - run.shownS);
      const hurries = run.queued >= LENGTH || (run.source.paused && !run.source.ended);
      if (gapMs > 0 && !hurries) await new Promise((done) => setTimeout(done, Math.min(gapMs, 100)));
      if (run.stopped) return;
      run.shownS = frame.timeS;
      run.unshown.delete(frame);
      this.session.show(frame, pose);
    }).catch((error) => this.#fail(run, error, frame));
  }

  #fail(run, error, frame = null) {
    if (run.stopped) return;
    run.unshown.delete(frame); // the view has it now
    if (this.run === run) this.clear();
    this.session.fail(error, run.source, frame);
  }
}

function newRun(source, margin) {
  const done = Promise.resolve();
  return { source, margin, clip: [], first: 0, pending: 0, queued: 0, shownS: Infinity, unshown: new Set(),
    stopped: false, settling: 0, taking: done, asking: done, showing: done };
}
