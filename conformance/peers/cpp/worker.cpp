// The peer for a thread that takes packaged tasks from a queue, as many programs have one.
#include "desync_peer.hpp"

using namespace desync_peer;

struct worker : subject {
    std::shared_ptr<mailbox<std::function<void()>>> jobs = std::make_shared<mailbox<std::function<void()>>>();
    worker() {
        std::thread([jobs = jobs] {
            while (auto job = jobs->take()) job();
        }).detach();
    }
    ~worker() override { jobs->put(nullptr); }
    void run_async(job j) override { future(std::move(j)); }
    void run(job j) override { future(std::move(j)).get(); }
    std::shared_future<long> future(job j) override {
        auto task = std::make_shared<std::packaged_task<long()>>(std::move(j));
        jobs->put([task] { (*task)(); });
        return task->get_future().share();
    }
};

int main() {
    serve({"thread and packaged_task (C++)", "", "https://en.cppreference.com/w/cpp/thread/packaged_task",
           {{"future", "yes"},
            {"caller", "jobs run on the thread"},
            {"idle", "the thread waits for jobs"},
            {"crash", "an exception stays in the future of the task"}},
           [] { return std::make_shared<worker>(); }});
}
