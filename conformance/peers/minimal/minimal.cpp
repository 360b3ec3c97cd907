// The shortest peer that can be judged: a thread with a queue of functions, without a library.
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

template <class T>
struct mailbox {
    std::mutex m;
    std::condition_variable more;
    std::deque<T> items;
    void put(T item) {
        std::lock_guard<std::mutex> l(m);
        items.push_back(std::move(item));
        more.notify_one();
    }
    T take() {
        std::unique_lock<std::mutex> l(m);
        more.wait(l, [&] { return !items.empty(); });
        T item = std::move(items.front());
        items.pop_front();
        return item;
    }
};

using box = std::shared_ptr<mailbox<std::string>>;
using jobs = std::shared_ptr<mailbox<std::function<void()>>>;
std::mutex m;  // of the tables
std::map<std::string, jobs> objects;
std::map<std::string, box> clients, runs;

// The driver's lines are compact, so a field is found by its name.
std::string text(const std::string& line, const std::string& key) {
    size_t from = line.find('"' + key + "\":");
    if (from == std::string::npos) return "";
    from = line.find_first_not_of('"', from + key.size() + 3);
    return line.substr(from, line.find_first_of("\",}", from) - from);
}

void say(const std::string& line) {
    static std::mutex out;
    std::lock_guard<std::mutex> l(out);
    std::cout << "{\"op\":" << line << "}\n" << std::flush;
}

template <class Table>
auto find(Table& table, const std::string& key) {
    std::lock_guard<std::mutex> l(m);
    return table[key];
}

void perform(const std::string& line) {
    std::string id = text(line, "id"), o = text(line, "o"), kind = text(line, "kind");
    if (text(line, "op") == "new") {
        auto todo = std::make_shared<mailbox<std::function<void()>>>();
        std::thread([todo] { for (;;) todo->take()(); }).detach();
        std::lock_guard<std::mutex> l(m);
        objects[o] = todo;
    } else if (kind == "async" || kind == "do") {
        auto done = std::make_shared<std::promise<void>>();
        find(objects, o)->put([=] {
            auto orders = std::make_shared<mailbox<std::string>>();
            std::string run;
            {
                std::lock_guard<std::mutex> l(m);
                run = std::to_string(runs.size() + 1);
                runs[run] = orders;
            }
            say("\"start\",\"id\":" + id + ",\"run\":" + run + ",\"s\":[" + o + "]");
            for (std::string order; text(order = orders->take(), "op") != "end";) perform(order);
            done->set_value();
        });
        if (kind == "do") done->get_future().wait();
    } else {
        return say("\"error\",\"id\":" + id + ",\"code\":\"unknown-kind\",\"text\":\"" + kind + "\"");
    }
    say("\"ret\",\"id\":" + id);
}

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::string op = text(line, "op"), id = text(line, "id");
        if (op == "hello") {
            say("\"hello\",\"protocol\":1,\"name\":\"thread and queue\",\"language\":\"C++\",\"claims\":{\"caller\":\"jobs run on the thread\",\"idle\":\"the thread waits\",\"panics\":\"not tried here\",\"goexit\":\"a thread ends by an exception alone\",\"crash\":\"not tried here\"}");
        } else if (op == "end" || !text(line, "in").empty()) {
            find(runs, text(line, op == "end" ? "run" : "in"))->put(line);
        } else if (op == "new" || op == "call") {
            box& b = clients[text(line, "c")];
            if (!b) {
                b = std::make_shared<mailbox<std::string>>();
                std::thread([b] { for (;;) perform(b->take()); }).detach();
            }
            b->put(line);
        } else if (op == "ping") {
            say("\"pong\",\"id\":" + id);
        } else if (op == "reset") {
            std::lock_guard<std::mutex> l(m);
            objects.clear();
        } else if (op == "bye") {
            break;
        } else if (!id.empty()) {
            say("\"error\",\"id\":" + id + ",\"code\":\"unknown-op\"");
        }
    }
    std::_Exit(0);
}
