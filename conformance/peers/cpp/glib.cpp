// The peer for a thread pool of GLib with one thread of its own.
#include <glib.h>

#include "desync_peer.hpp"

static_assert(GLIB_MAJOR_VERSION == 2 && GLIB_MINOR_VERSION == 74, "the list of known failures is that of GLib 2.74");

using namespace desync_peer;
using work = std::function<void()>;

struct pool_of_one : subject {
    GThreadPool* pool = g_thread_pool_new(
        [](gpointer data, gpointer) {
            std::unique_ptr<work> w(static_cast<work*>(data));
            (*w)();
        },
        nullptr, 1, TRUE, nullptr);
    ~pool_of_one() override { g_thread_pool_free(pool, FALSE, TRUE); }
    void put(work w) { g_thread_pool_push(pool, new work(std::move(w)), nullptr); }
    void run_async(job j) override {
        put([j = std::move(j)] { j(); });
    }
    void run(job j) override { future(std::move(j)).get(); }
    std::shared_future<long> future(job j) override {
        auto task = std::make_shared<std::packaged_task<long()>>(std::move(j));
        put([task] { (*task)(); });
        return task->get_future().share();
    }
};

int main() {
    serve({"GLib thread pool of one", std::to_string(glib_major_version) + "." + std::to_string(glib_minor_version) + "." + std::to_string(glib_micro_version),
           "https://docs.gtk.org/glib/type_func.ThreadPool.new.html",
           {{"future", "yes"},
            {"caller", "jobs run on the thread of the pool"},
            {"idle", "g_thread_pool_new: an exclusive pool keeps its threads"}},
           [] { return std::make_shared<pool_of_one>(); }});
}
