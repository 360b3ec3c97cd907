// The peer for fastq's queue of promises with concurrency 1.
import fastq from "fastq";
import { serve } from "./desync_peer.mjs";

class Subject {
  queue = fastq.promise((job) => job(), 1);

  do(job) {
    return this.queue.push(job);
  }

  async(job) {
    this.queue.push(job).catch(() => {});
  }

  future(job) {
    return { promise: this.queue.push(job) };
  }
}

serve({
  name: "fastq", version: "1.20.3", url: "https://github.com/mcollina/fastq", make: () => new Subject(),
  claims: { future: "yes", crash: "a rejection is that of the promise which push returns" },
});
