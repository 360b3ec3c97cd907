// The peer for p-queue with concurrency 1.
import PQueue from "p-queue";
import { serve } from "./desync_peer.mjs";

class Subject {
  queue = new PQueue({ concurrency: 1 });

  do(job) {
    return this.queue.add(job);
  }

  async(job) {
    this.queue.add(job).catch(() => {});
  }

  future(job) {
    return { promise: this.queue.add(job) };
  }
}

serve({
  name: "p-queue", version: "9.3.5", url: "https://github.com/sindresorhus/p-queue", make: () => new Subject(),
  claims: { future: "yes", crash: "a rejection is that of the promise which add returns" },
});
