//! The peer for a thread that takes jobs from a channel, as many programs have one.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::mpsc::{channel, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use desync_peer::{serve, text_of, Job, Peer, Subject};

struct Worker(Mutex<Sender<Box<dyn FnOnce() + Send>>>);

impl Subject for Worker {
    fn run_async(&self, job: Job) { self.0.lock().unwrap().send(Box::new(move || { job(); })).unwrap() }

    fn run(&self, job: Job) {
        let (sender, done) = channel();
        self.0.lock().unwrap().send(Box::new(move || {
            let _ = sender.send(catch_unwind(AssertUnwindSafe(|| job())).map_err(text_of));
        })).unwrap();
        if let Err(text) = done.recv().unwrap() { panic!("{text}") }
    }
}

fn main() {
    serve(Peer {
        name: "thread and channel (Rust)", version: "", url: "https://doc.rust-lang.org/std/sync/mpsc/",
        claims: vec![
            ("caller", "jobs run on the thread"),
            ("idle", "the thread waits for jobs"),
            ("crash", "a panic ends the thread, and not the process"),
        ],
        new: || {
            let (sender, jobs) = channel::<Box<dyn FnOnce() + Send>>();
            thread::spawn(move || for job in jobs { job() });
            Arc::new(Worker(Mutex::new(sender)))
        },
    })
}
