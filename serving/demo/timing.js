// Median latency and answers a second, over the last answers.

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

  /** @param {number} latencyMs from before the request was sent until its answer was read @param {number} nowMs */
  add(latencyMs, nowMs = performance.now()) {
    this.latencies = [...this.latencies, latencyMs].slice(-KEPT);
    this.answered = [...this.answered.filter((t) => nowMs - t <= RATE_WINDOW_MS), nowMs];
  }

  /** Median in ms, or null before the first answer. */
  get latencyMs() {
    if (!this.latencies.length) return null;
    const sorted = [...this.latencies].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Answers a second, or null before the second answer. */
  get perSecond() {
    const count = this.answered.length;
    if (count < 2) return null;
    return (1000 * (count - 1)) / (this.answered[count - 1] - this.answered[0]);
  }
}
