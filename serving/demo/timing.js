// Median latency and frames per second, over the last answers.

const KEPT = 30;
const RATE_WINDOW_MS = 3000;

export class Timing {
  constructor() {
    this.reset();
  }

  reset() {
    this.latencies = [];
    this.answered = [];
  }

  /**
   * @param {number} latencyMs from before the request was sent until its answer was read
   * @param {number} frames number of frames in the answer
   * @param {number} nowMs
   */
  add(latencyMs, frames = 1, nowMs = performance.now()) {
    this.latencies = [...this.latencies, latencyMs].slice(-KEPT);
    // Always keep the previous answer: large clips take longer than the window.
    const kept = this.answered.filter(({ atMs }, i) => nowMs - atMs <= RATE_WINDOW_MS || i === this.answered.length - 1);
    this.answered = [...kept, { atMs: nowMs, frames }];
  }

  /** Median in ms, or null before the first answer. */
  get latencyMs() {
    if (!this.latencies.length) return null;
    const sorted = [...this.latencies].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Answered frames per second, or null before the second answer. */
  get perSecond() {
    if (this.answered.length < 2) return null;
    const [first, ...later] = this.answered;
    return (1000 * later.reduce((sum, { frames }) => sum + frames, 0)) / (later.at(-1).atMs - first.atMs);
  }
}
