// Sends the frames of a video in overlapping clips, for models that look at the neighbours of a frame. The pose of each
// frame comes from the clip in which it has `margin` neighbours, or the video's end, on both sides, as in
// serving/client.

const LENGTH = 16;
export const MAX_MARGIN = 6; // with more, the margins would fill most of a clip
const MAX_PENDING = 2; // clips sent or waiting; the video stops until there are fewer
const MAX_GAP_S = 0.5; // frames further apart are not neighbours: the user has jumped to another time
const SETTLED_MS = 150;

export class ClipLoop {
  /**
   * @param {Object} session `askClip(frames, count, rate)` returns the poses of frames, `count` of which are new, at
   *   `rate` frames per second (0: unknown), and `knownPose(timeS)` a pose that it has kept; `keep(frame, pose)`,
   *   `show(frame, pose)` and `fail(error, source, frame)` receive the results
   */
  constructor(session) {
    this.session = session;
    this.run = null;
  }

  /** Adds the frame that a source shows now. `reachAt(rate)`: how many frames the model looks away from a frame. */
  take(source, reachAt) {
    this.run ??= newRun(source, reachAt);
    const run = this.run;
    const grabbed = source.grab(); // copies the frame now, encodes it in the background
    grabbed.catch(() => {}); // reported below
    run.taking = run.taking.then(async () => this.#add(run, await grabbed)).catch((error) => this.#fail(run, error));
  }

  /** Sends an incomplete clip if the video is paused and no more frames have come for a moment. */
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
      this.#queue(run, () => this.#show(run, frame, known)); // after the earlier frames
      return;
    }
    if (last && (frame.timeS < last.timeS || frame.timeS > last.timeS + MAX_GAP_S)) this.#flush(run);
    if (run.clip.length === LENGTH) {
      if (run.margin === null) fixRate(run);
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
    const rate = run.rate || measureRate(clip);
    run.pending += 1;
    if (run.pending >= MAX_PENDING) run.source.hold();
    this.#queue(run, () => this.#ask(run, clip, first, end, rate));
  }

  #queue(run, work) {
    run.asking = run.asking.then(work).catch((error) => this.#fail(run, error));
  }

  async #ask(run, clip, first, end, rate) {
    if (run.stopped) return;
    try {
      const poses = await this.session.askClip(clip, end - first, rate);
      if (run.stopped) return;
      for (let i = first; i < end; i++) this.#show(run, clip[i], poses[i]);
    } catch (error) {
      this.#fail(run, error, clip[end - 1]);
    }
    run.pending -= 1;
    if (run.pending < MAX_PENDING) run.source.resume();
  }

  /** Shows frames at the video's own pace, or at once if more than a clip waits or the user has paused. */
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

/** Takes the frame rate of a video from its first whole clip. How far clips overlap follows from it. */
function fixRate(run) {
  run.rate = measureRate(run.clip);
  run.margin = Math.min(run.reachAt(run.rate), MAX_MARGIN);
}

/** Frames per second, by the median distance of frames: a browser may leave out some. 0: unknown. */
function measureRate(frames) {
  const gapsS = frames.slice(1).map((frame, i) => frame.timeS - frames[i].timeS).sort((a, b) => a - b);
  return gapsS.length ? 1 / gapsS[gapsS.length >> 1] : 0;
}

function newRun(source, reachAt) {
  const done = Promise.resolve();
  return { source, reachAt, rate: 0, margin: null, clip: [], first: 0, pending: 0, queued: 0, shownS: Infinity, unshown: new Set(),
    stopped: false, settling: 0, taking: done, asking: done, showing: done };
}
