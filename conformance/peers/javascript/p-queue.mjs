// The peer for p-queue with concurrency 1; "timeout" has jobs time out after 20 ms, and its caller waits for the job itself.
import PQueue from "p-queue";
import { serve } from "./desync_peer.mjs";

class Subject {
  queue = new PQueue({ concurrency: 1 });

  do(job) {
    return this.queue.add(job);
  }

  async(job) {
    this.do(job).catch(() => {});
  }

  future(job) {
    return { promise: this.do(job) };
  }
}

class WithTimeout extends Subject {
  do(job) {
    return new Promise((resolve, reject) => {
      const told = () => {
        const mine = job();
        mine.then(resolve, reject);
        return mine;
      };
      this.queue.add(told, { timeout: 20 }).catch(() => {});
    });
  }
}

const timeout = process.argv[2] === "timeout";

serve({
  name: "p-queue" + (timeout ? " with timeout" : ""), version: "9.3.5", url: "https://github.com/sindresorhus/p-queue",
  make: () => (timeout ? new WithTimeout() : new Subject()),
  claims: { future: "yes", crash: "a rejection is that of the promise which add returns" },
});
