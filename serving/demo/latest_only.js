// Does one piece of work at a time. Of the items that arrive meanwhile, only the newest is processed.

export class LatestOnly {
  /** @param {function(*): Promise<void>} work */
  constructor(work) {
    this.work = work;
    this.busy = false;
    this.waiting = null;
  }

  /** Processes an item now, or after the current one; it replaces an item that waits. */
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

  /** Drops the waiting item. */
  clear() {
    this.waiting = null;
  }
}
