// The peer for bottleneck with maxConcurrent 1, where jobs expire after 20 ms. Its caller waits for the job itself.
import Bottleneck from "bottleneck";
import { serve } from "./desync_peer.mjs";

class Subject {
  limiter = new Bottleneck({ maxConcurrent: 1 });

  do(job) {
    return new Promise((resolve, reject) => {
      const told = () => {
        const mine = job();
        mine.then(resolve, reject);
        return mine;
      };
      this.limiter.schedule({ expiration: 20 }, told).catch(() => {});
    });
  }

  async(job) {
    this.do(job).catch(() => {});
  }
}

serve({
  name: "bottleneck with expiration", version: "2.19.5", url: "https://github.com/SGrondin/bottleneck", make: () => new Subject(),
  claims: { crash: "a rejection is that of the promise which schedule returns" },
});
