// How long a person worked on an image: seconds with a hand on it, and clicks. Longer rests do not count.

const REST = 30_000; // milliseconds after which a person is taken to be elsewhere

export class Watch {
  constructor(now = () => performance.now()) {
    this.now = now;
    this.worked = 0; // milliseconds
    this.clicks = 0;
    this.last = now();
  }

  /** Another image. */
  start() {
    [this.worked, this.clicks, this.last] = [0, 0, this.now()];
  }

  /** A hand moved. @param {boolean} [click] */
  beat(click = false) {
    const now = this.now();
    this.worked += Math.min(REST, now - this.last);
    this.last = now;
    if (click) this.clicks += 1;
  }

  /** Milliseconds since the last hand. */
  get rest() {
    return this.now() - this.last;
  }

  /** What was counted; counting begins anew. @returns {{seconds: number, clicks: number}} */
  take() {
    this.beat();
    const { worked, clicks } = this;
    this.start();
    return { seconds: Math.round(worked / 100) / 10, clicks };
  }
}
