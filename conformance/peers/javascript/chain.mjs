// The peer for a chain of promises, the serial queue that many programs write themselves.
import { serve } from "./desync_peer.mjs";

class Chain {
  last = Promise.resolve();

  do(job) {
    const mine = this.last.then(job);
    this.last = mine.catch(() => {});
    return mine;
  }

  async(job) {
    this.do(job).catch(() => {});
  }

  future(job) {
    return { promise: this.do(job) };
  }
}

serve({
  name: "promise chain",
  make: () => new Chain(),
  claims: { future: "yes", crash: "a rejection that nobody handles is swallowed here" },
});
