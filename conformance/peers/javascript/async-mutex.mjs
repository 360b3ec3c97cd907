// The peer for async-mutex.
import { Mutex } from "async-mutex";
import { serve } from "./desync_peer.mjs";

class Subject {
  mutex = new Mutex();

  do(job) {
    return this.mutex.runExclusive(job);
  }

  async(job) {
    this.mutex.runExclusive(job).catch(() => {});
  }

  future(job) {
    return { promise: this.mutex.runExclusive(job) };
  }
}

serve({
  name: "async-mutex", version: "0.5.0", url: "https://github.com/DirtyHairy/async-mutex", make: () => new Subject(),
  claims: { future: "yes", crash: "a rejection is that of the promise which runExclusive returns" },
});
