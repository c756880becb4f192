// One piece of work at a time; of what comes meanwhile, only the newest is done.

export class LatestOnly {
  /** @param {function(*): Promise<void>} work */
  constructor(work) {
    this.work = work;
    this.busy = false;
    this.waiting = null;
  }

  /** Does the work now, or after the work that is being done; what waited before is dropped. */
  async offer(item) {
    this.waiting = item;
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.waiting !== null) {
        const next = this.waiting;
        this.waiting = null;
        await this.work(next);
      }
    } finally {
      this.busy = false;
    }
  }

  /** Forgets what waits. */
  clear() {
    this.waiting = null;
  }
}
