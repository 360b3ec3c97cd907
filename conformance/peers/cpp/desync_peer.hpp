// A peer of desync-conform in C++17: the protocol of PROTOCOL.md, in one file without dependencies.
// Derive from desync_peer::subject for what runs jobs, and call desync_peer::serve.
#pragma once

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace desync_peer {

#ifdef __SANITIZE_THREAD__
extern "C" const char* __tsan_default_options() { return "halt_on_error=1:exitcode=66"; }
constexpr bool has_detector = true;
#else
constexpr bool has_detector = false;
#endif

using job = std::function<long()>;
struct unknown_kind {};  // thrown by calls that a subject does not have

// The object under test. Methods with a default are those of features that it may claim.
struct subject {
    virtual ~subject() = default;
    virtual void run_async(job) = 0;
    virtual void run(job) = 0;
    virtual std::shared_future<long> future(job) { throw unknown_kind{}; }
};

struct peer {
    std::string name, version, url;
    std::map<std::string, std::string> claims;  // "yes", or why not
    std::function<std::shared_ptr<subject>()> make;
    std::string detector = has_detector ? "g++ -fsanitize=thread" : "none: built without -fsanitize=thread";
};

// A value of JSON: a number, a text (also true, false and null), a list or a map.
struct value {
    long number = 0;
    std::string text;
    std::vector<value> list;
    std::map<std::string, value> map;
    bool has(const std::string& key) const { return map.count(key) > 0; }
    const value& operator[](const std::string& key) const {
        static const value none;
        auto i = map.find(key);
        return i == map.end() ? none : i->second;
    }
};

class parser {
    const std::string& s;
    size_t at = 0;
    char peek() {
        while (s[at] == ' ' || s[at] == ',' || s[at] == ':' || s[at] == '\t') at++;
        return s[at];
    }

public:
    explicit parser(const std::string& text) : s(text) {}
    value parse() {
        value v;
        char c = peek();
        if (c == '{') {
            for (at++; peek() != '}';) {
                std::string key = parse().text;
                v.map[key] = parse();
            }
            at++;
        } else if (c == '[') {
            for (at++; peek() != ']';) v.list.push_back(parse());
            at++;
        } else if (c == '"') {
            for (at++; s[at] != '"'; at++) {
                if (s[at] != '\\') {
                    v.text += s[at];
                    continue;
                }
                at++;
                if (s[at] == 'u') {
                    v.text += static_cast<char>(std::stoi(s.substr(at + 1, 4), nullptr, 16));
                    at += 4;
                } else {
                    v.text += s[at] == 'n' ? '\n' : s[at] == 't' ? '\t' : s[at];
                }
            }
            at++;
        } else {
            size_t from = at;
            while (at < s.size() && s[at] != ',' && s[at] != '}' && s[at] != ']') at++;
            v.text = s.substr(from, at - from);
            v.number = std::strtol(v.text.c_str(), nullptr, 10);
        }
        return v;
    }
};

inline std::string in_quotes(const std::string& s) {
    std::string out = "\"";
    for (unsigned char c : s) {
        char hex[8];
        std::snprintf(hex, sizeof hex, "\\u%04x", c);
        if (c == '"' || c == '\\') out += '\\';
        if (c < 32) out += hex;
        else out += static_cast<char>(c);
    }
    return out + '"';
}

template <class T>
class mailbox {
    std::mutex m;
    std::condition_variable more;
    std::deque<T> items;

public:
    void put(T item) {
        std::lock_guard<std::mutex> l(m);
        items.push_back(std::move(item));
        more.notify_one();
    }
    T take(bool newest = false) {
        std::unique_lock<std::mutex> l(m);
        more.wait(l, [&] { return !items.empty(); });
        T item = std::move(newest ? items.back() : items.front());
        newest ? items.pop_back() : items.pop_front();
        return item;
    }
};

// The queue of the self-test, which is wrong as its fault says.
struct fault_queue : subject {
    std::string fault;
    std::shared_ptr<mailbox<job>> jobs = std::make_shared<mailbox<job>>();
    explicit fault_queue(std::string f) : fault(std::move(f)) {
        std::thread([jobs = jobs, fault = fault] {
            for (long n = 1;; n++) {
                job j = jobs->take(fault == "lifo");
                bool third = n % 3 == 0;
                if (fault == "lost" && third) continue;
                if (fault == "overlap") {
                    std::thread(j).detach();
                    continue;
                }
                j();
                if (fault == "twice" && third) j();
            }
        }).detach();
    }
    void run_async(job j) override { jobs->put(std::move(j)); }
    void run(job j) override {
        auto done = std::make_shared<mailbox<int>>();
        bool early = fault == "early";
        jobs->put([=] {
            if (early) done->put(0);
            j();
            done->put(0);
            return 0L;
        });
        done->take();
    }
};

class server;

// A program that is played. Nothing in it locks but what it plays on.
class program : public std::enable_shared_from_this<program> {
    struct step {
        std::string kind;
        long row = 0, object = 0;
        value before, start, end, after;
    };
    using row = std::array<std::atomic<long>, 7>;
    struct written {
        std::atomic<size_t> n{0};
        std::vector<std::atomic<long>> ids;
        explicit written(size_t size) : ids(size) {
            for (auto& id : ids) id = -1;
        }
    };
    long id;
    std::vector<std::vector<step>> clients;
    std::vector<std::shared_ptr<subject>> objects;
    std::vector<row> rows;
    std::vector<std::atomic<bool>> over;
    std::vector<std::unique_ptr<written>> lists;
    std::atomic<long> clock{0}, left{0};
    std::atomic<bool> told{false};
    mailbox<int> all;
    std::mutex m;
    std::condition_variable next;
    size_t here = 0, round = 0;

    static size_t size_of(const value& p) {
        size_t n = p["objects"].number;
        for (auto& c : p["clients"].list)
            for (auto& s : c.list) n += s["kind"].text != "barrier";
        return n;
    }
    static void pause(const value& p) {
        for (long n = p["yields"].number; n > 0; n--) std::this_thread::yield();
        for (volatile long n = p["spins"].number; n > 0;) n = n - 1;
        if (long us = p["micros"].number) std::this_thread::sleep_for(std::chrono::microseconds(us));
    }
    long stamp() { return ++clock; }
    void barrier() {
        std::unique_lock<std::mutex> l(m);
        size_t mine = round;
        if (++here == clients.size() - 1) {
            here = 0;
            round++;
            next.notify_all();
        }
        next.wait(l, [&] { return round != mine; });
    }
    void settled(long i) {
        if (!over[i].exchange(true) && --left == 0) all.put(0);
    }
    long body(const step& s) {
        row& r = rows[s.row];
        long now = stamp(), none = 0, at = 2;
        if (!r[2].compare_exchange_strong(none, now)) r[at = 4] = now;
        written& w = *lists[s.object];
        size_t n = w.n;  // a plain index: jobs that overlap lose entries
        w.ids[std::min(n, w.ids.size() - 1)] = s.row;
        w.n = n + 1;
        pause(s.start);
        pause(s.end);
        r[at + 1] = stamp();
        if (at == 2) settled(s.row);
        return s.row;
    }
    void client(const std::vector<step>& steps) {
        std::vector<std::pair<long, std::shared_future<long>>> waits;
        for (const step& s : steps) {
            if (s.kind == "barrier") {
                barrier();
                continue;
            }
            pause(s.before);
            row& r = rows[s.row];
            job j = [self = shared_from_this(), &s] { return self->body(s); };
            r[0] = stamp();
            if (s.kind == "async") objects[s.object]->run_async(j);
            else if (s.kind == "do") objects[s.object]->run(j), r[6] = 1;
            else waits.emplace_back(s.row, objects[s.object]->future(j));
            r[1] = stamp();
            pause(s.after);
        }
        for (auto& w : waits)
            if (w.second.get() == w.first) rows[w.first][6] = 1;
    }

public:
    program(long number, const value& p, const std::function<std::shared_ptr<subject>()>& make)
        : id(number), rows(size_of(p)), over(size_of(p)), left(size_of(p)) {
        long n = 0;
        for (auto& c : p["clients"].list) {
            clients.emplace_back();
            for (auto& s : c.list) {
                clients.back().push_back({s["kind"].text, n, s["object"].number, s["before"], s["start"], s["end"], s["after"]});
                n += s["kind"].text != "barrier";
            }
        }
        clients.emplace_back();
        for (long o = 0; o < p["objects"].number; o++) {
            clients.back().push_back({"do", n++, o, {}, {}, {}, {}});
            objects.push_back(make());
            lists.push_back(std::make_unique<written>(2 * rows.size() + 2));
        }
        for (auto& r : rows)
            for (auto& stamp : r) stamp = 0;
    }
    void play(const std::function<void(std::string)>& say) {
        std::vector<std::thread> threads;
        for (size_t c = 0; c + 1 < clients.size(); c++) threads.emplace_back([this, c] { client(clients[c]); });
        for (auto& t : threads) t.join();
        client(clients.back());
        all.take();
        tell(id, true, say);
    }
    void tell(long number, bool whole, const std::function<void(std::string)>& say) {
        if (told.exchange(true)) return;
        std::string out = "{\"op\":\"history\",\"id\":" + std::to_string(number) + ",\"whole\":" + (whole ? "true" : "false") + ",\"rows\":[";
        for (auto& r : rows) {
            out += &r == &rows[0] ? "[" : ",[";
            for (auto& n : r) out += std::to_string(n) + (&n == &r[6] ? "]" : ",");
        }
        out += "],\"lists\":[";
        for (auto& l : lists) {
            std::string ids;
            for (auto& i : l->ids)
                if (i >= 0) ids += (ids.empty() ? "" : ",") + std::to_string(i);
            out += (&l == &lists[0] ? "[" : ",[") + ids + "]";
        }
        say(out + "]}");
    }
};

class server {
    struct visit {
        std::thread::id thread = std::this_thread::get_id();
        std::atomic<bool> back{false};
    };
    using box = std::shared_ptr<mailbox<value>>;
    peer p;
    std::mutex out, m;
    std::map<long, box> clients, runs;
    std::map<long, std::shared_ptr<subject>> objects;
    std::map<long, std::shared_future<long>> futures;
    std::atomic<long> number{0};
    std::shared_ptr<program> played;
    int fd = dup(1);

    void say(std::string line) {
        line += '\n';
        std::lock_guard<std::mutex> l(out);
        for (size_t n = 0; n < line.size();) {
            ssize_t k = write(fd, line.data() + n, line.size() - n);
            if (k < 0) std::_Exit(1);
            n += k;
        }
    }
    static std::string about(const char* op, long id) { return std::string("{\"op\":\"") + op + "\",\"id\":" + std::to_string(id); }

    void greet(const value& o) {
        bool known = false;
        for (auto& v : o["protocol"].list) known |= v.number == 1;
        if (!known) return say("{\"op\":\"error\",\"code\":\"no-common-version\",\"text\":\"this peer speaks version 1\"}");
        std::string fault = o["fault"].text, more;
        if (std::set<std::string>{"none", "lifo", "overlap", "lost", "twice", "early"}.count(fault)) {
            p.make = [fault] { return std::make_shared<fault_queue>(fault); };
            p.name = "self-test: " + fault;
            p.claims.clear();
            for (auto f : {"caller", "idle", "panics", "goexit", "crash"}) p.claims[f] = "it is the queue of the self-test";
            more = ",\"fault\":" + in_quotes(fault);
        }
        p.claims.emplace("goexit", "a thread of C++ ends by an exception alone");
        std::string claims;
        for (auto& c : p.claims) claims += (claims.empty() ? "" : ",") + in_quotes(c.first) + ":" + in_quotes(c.second);
        say("{\"op\":\"hello\",\"protocol\":1,\"name\":" + in_quotes(p.name) + ",\"version\":" + in_quotes(p.version) + ",\"url\":" + in_quotes(p.url) +
            ",\"language\":\"C++\",\"runtime\":" + in_quotes(__VERSION__) + ",\"pid\":" + std::to_string(getpid()) +
            ",\"model\":\"threads\",\"play\":true,\"race\":" + (has_detector ? "true" : "false") + ",\"detector\":" + in_quotes(p.detector) + ",\"claims\":{" + claims + "}" + more + "}");
    }
    box where(const value& o) {
        std::lock_guard<std::mutex> l(m);
        if (o.has("in")) return runs[o["in"].number];
        box& b = clients[o["c"].number];
        if (!b) {
            b = std::make_shared<mailbox<value>>();
            std::thread([this, b] {
                for (;;) perform(b->take());
            }).detach();
        }
        return b;
    }
    void perform(const value& o) {
        auto v = std::make_shared<visit>();
        std::string ret = about("ret", o["id"].number);
        try {
            ret += call(o, v);
        } catch (const unknown_kind&) {
            ret = about("error", o["id"].number) + ",\"code\":\"unknown-kind\",\"text\":" + in_quotes(o["kind"].text);
        } catch (const std::exception& e) {
            ret += ",\"throw\":" + in_quotes(e.what());
        }
        v->back = true;
        say(ret + "}");
    }
    std::string call(const value& o, const std::shared_ptr<visit>& v) {
        long id = o["id"].number;
        std::string kind = o["kind"].text;
        if (o["op"].text == "new") {
            auto made = p.make();
            std::lock_guard<std::mutex> l(m);
            objects[o["o"].number] = made;
            return "";
        }
        if (kind == "wait") {
            std::shared_future<long> f;
            {
                std::lock_guard<std::mutex> l(m);
                f = futures[o["f"].number];
            }
            try {
                return ",\"v\":" + std::to_string(f.get());
            } catch (const std::exception& e) {
                return ",\"err\":" + in_quotes(e.what());
            }
        }
        std::shared_ptr<subject> object;
        {
            std::lock_guard<std::mutex> l(m);
            object = objects[o["o"].number];
        }
        job j = make_job(id, o["o"].number, v);
        if (kind == "async") object->run_async(j);
        else if (kind == "do") object->run(j);
        else if (kind == "future") {
            auto f = object->future(j);
            std::lock_guard<std::mutex> l(m);
            futures[id] = f;
        } else throw unknown_kind{};
        return "";
    }
    job make_job(long id, long object, const std::shared_ptr<visit>& v) {
        return [this, id, object, v] {
            long run = ++number;
            box b = std::make_shared<mailbox<value>>();
            {
                std::lock_guard<std::mutex> l(m);
                runs[run] = b;
            }
            bool here = std::this_thread::get_id() == v->thread && !v->back;
            say(about("start", id) + ",\"run\":" + std::to_string(run) + ",\"s\":[" + std::to_string(object) + "],\"here\":" + (here ? "true" : "false") + "}");
            for (;;) {
                value o = b->take();
                if (o["op"].text != "end") {
                    perform(o);
                    continue;
                }
                if (o.has("throw")) throw std::runtime_error(o["throw"].text);
                return o["v"].number;
            }
        };
    }
    // Jobs that read and write plain fields, for ThreadSanitizer.
    void race(const value& o) {
        auto object = p.make();
        auto sum = std::make_shared<long>(0);
        std::vector<std::thread> threads;
        for (long c = 0; c < o["p"].number; c++) threads.emplace_back([=] {
            for (long i = 0; i < o["n"].number; i++) {
                auto in = std::make_shared<long>(c), result = std::make_shared<long>(0);
                job j = [=] { return *result = *sum += *in; };
                if (o["kind"].text == "async" && i % 8 != 0) {
                    object->run_async(j);
                    continue;
                }
                if (o["kind"].text == "future") object->future(j).get();
                else object->run(j);
                *in = *result;
            }
        });
        for (auto& t : threads) t.join();
        object->run([=] { return *sum; });
        say(about("pong", o["id"].number) + "}");
    }
    // Makes calls as fast as it goes, each with a function of its own.
    void bench(const value& o) {
        std::string kind = o["kind"].text;
        long n = o["n"].number, threads = o["p"].number;
        auto object = p.make();
        auto ran = std::make_shared<long>(0);
        try {
            if (kind == "future") object->future([] { return 0L; }).get();
            else if (kind != "async" && kind != "do") throw unknown_kind{};
        } catch (const unknown_kind&) {
            return say(about("error", o["id"].number) + ",\"code\":\"unknown-kind\",\"text\":\"" + kind + "\"}");
        }
        std::promise<void> open;
        std::shared_future<void> gate = open.get_future().share();
        std::vector<std::thread> all;
        for (long c = 0; c < threads; c++) all.emplace_back([&, gate, sum = ran.get()] {
            gate.wait();
            for (long i = 0; i < n; i++) {
                job j = [sum, i] { return ++*sum, i; };
                if (kind == "async") object->run_async(std::move(j));
                else if (kind == "do") object->run(std::move(j));
                else object->future(std::move(j)).get();
            }
        });
        auto begin = std::chrono::steady_clock::now();
        open.set_value();
        for (auto& t : all) t.join();
        object->run([] { return 0L; });
        auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin).count();
        say(about("bench", o["id"].number) + ",\"ns\":" + std::to_string(ns) + ",\"ran\":" + std::to_string(*ran) + "}");
    }

public:
    explicit server(peer of) : p(std::move(of)) { dup2(2, 1); }
    void serve() {
        auto tell = [this](std::string line) { say(std::move(line)); };
        for (std::string line; std::getline(std::cin, line);) {
            value o = parser(line).parse();
            std::string op = o["op"].text;
            long id = o["id"].number;
            if (op == "hello") greet(o);
            else if (op == "new" || op == "call") where(o)->put(o);
            else if (op == "end") {
                box b;
                {
                    std::lock_guard<std::mutex> l(m);
                    auto i = runs.find(o["run"].number);
                    if (i != runs.end()) b = i->second, runs.erase(i);
                }
                if (b) b->put(o);
            } else if (op == "reset") {
                std::map<long, std::shared_ptr<subject>> old;
                std::lock_guard<std::mutex> l(m);
                old.swap(objects);
                futures.clear();
                std::thread([old = std::move(old)]() mutable { old.clear(); }).detach();
            } else if (op == "ping" || op == "gc") say(about("pong", id) + "}");
            else if (op == "play") {
                auto q = played = std::make_shared<program>(id, o["program"], p.make);
                std::thread([q, tell] { q->play(tell); }).detach();
            } else if (op == "stop") played->tell(id, false, tell);
            else if (op == "bench") std::thread([this, o] { bench(o); }).detach();
            else if (op == "race") std::thread([this, o] { race(o); }).detach();
            else if (op == "bye") break;
            else if (op != "cancel" && op != "drop") say(about("error", id) + ",\"code\":\"unknown-op\",\"text\":" + in_quotes(op) + "}");
        }
        std::_Exit(0);  // threads still run
    }
};

inline void serve(peer p) { (new server(std::move(p)))->serve(); }

}  // namespace desync_peer
