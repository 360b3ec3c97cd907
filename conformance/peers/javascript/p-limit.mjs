// The peer for p-limit with concurrency 1.
import pLimit from "p-limit";
import { serve } from "./desync_peer.mjs";

class Subject {
  limit = pLimit(1);

  do(job) {
    return this.limit(job);
  }

  async(job) {
    this.limit(job).catch(() => {});
  }

  future(job) {
    return { promise: this.limit(job) };
  }
}

serve({
  name: "p-limit", version: "7.3.3", url: "https://github.com/sindresorhus/p-limit", make: () => new Subject(),
  claims: { future: "yes", crash: "a rejection is that of the promise which limit returns" },
});
