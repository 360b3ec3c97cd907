// The peer for a strand of Asio, with post or dispatch, on threads enough for jobs that wait for each other.
#include <asio.hpp>

#include "desync_peer.hpp"

static_assert(ASIO_VERSION / 100 == 1022, "the list of known failures is that of Asio 1.22");

using namespace desync_peer;

static asio::thread_pool pool(1200);
static bool dispatches;

struct strand : subject {
    asio::strand<asio::thread_pool::executor_type> jobs = asio::make_strand(pool.get_executor());
    void run_async(job j) override { future(std::move(j)); }
    void run(job j) override { future(std::move(j)).get(); }
    std::shared_future<long> future(job j) override {
        auto task = std::make_shared<std::packaged_task<long()>>(std::move(j));
        if (dispatches) asio::dispatch(jobs, [task] { (*task)(); });
        else asio::post(jobs, [task] { (*task)(); });
        return task->get_future().share();
    }
};

int main(int argc, char** argv) {
    dispatches = argc > 1 && std::string(argv[1]) == "dispatch";
    serve({dispatches ? "Asio strand, dispatch" : "Asio strand, post",
           std::to_string(ASIO_VERSION / 100000) + "." + std::to_string(ASIO_VERSION / 100 % 1000) + "." + std::to_string(ASIO_VERSION % 100),
           "https://think-async.com/Asio/asio-1.22.1/doc/asio/overview/core/strands.html",
           {{"future", "yes"},
            {"caller", "jobs run on a thread of the pool"},
            {"crash", "an exception stays in the future of the task"}},
           [] { return std::make_shared<strand>(); }});
}
