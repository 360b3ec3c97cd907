// The peer for an actor of CAF, which has a thread of its own, since jobs block.
#include <caf/all.hpp>

#include "desync_peer.hpp"

static_assert(CAF_VERSION == 1706, "the list of known failures is that of CAF 0.17.6");

struct work {
    std::function<void()> run;
};
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(work)

using namespace desync_peer;

static caf::behavior worker(caf::event_based_actor*) {
    return {[](const work& w) { w.run(); }};
}

static caf::actor_system& actors() {
    static auto config = new caf::actor_system_config;
    static auto system = new caf::actor_system(*config);
    return *system;
}

struct of_actor : subject {
    caf::actor actor = actors().spawn<caf::detached>(worker);
    ~of_actor() override { caf::anon_send_exit(actor, caf::exit_reason::user_shutdown); }
    void run_async(job j) override {
        caf::anon_send(actor, work{[j = std::move(j)] { j(); }});
    }
    void run(job j) override { future(std::move(j)).get(); }
    std::shared_future<long> future(job j) override {
        auto task = std::make_shared<std::packaged_task<long()>>(std::move(j));
        caf::anon_send(actor, work{[task] { (*task)(); }});
        return task->get_future().share();
    }
};

int main() {
    serve({"CAF event_based_actor", "0.17.6", "https://actor-framework.readthedocs.io/en/0.17.6/",
           {{"future", "yes"},
            {"caller", "jobs run on the actor's thread"},
            {"idle", "a detached actor has a thread"},
            {"panics", "the manual, Error handling: an exception of a handler ends the actor"},
            {"crash", "the manual, Error handling: an exception of a handler ends the actor"}},
           [] { return std::make_shared<of_actor>(); }});
}
