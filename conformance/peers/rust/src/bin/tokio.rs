//! The peer for a task of tokio that takes jobs from a channel, as its tutorial has one.

use std::sync::{Arc, Mutex};

use desync_peer::{serve, Job, Peer, Subject};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio::task::block_in_place;

type Work = Box<dyn FnOnce() + Send>;

struct Actor(mpsc::UnboundedSender<Work>);

impl Subject for Actor {
    fn run_async(&self, job: Job) { let _ = self.0.send(Box::new(move || { job(); })); }
    fn run(&self, job: Job) {
        let (sender, answer) = oneshot::channel();
        let _ = self.0.send(Box::new(move || { let _ = sender.send(job()); }));
        answer.blocking_recv().expect("the task answers");
    }
}

fn main() {
    // A job blocks its thread, and block_in_place has another one take its place.
    static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);
    *RUNTIME.lock().unwrap() = Some(Builder::new_multi_thread().max_blocking_threads(9000).build().unwrap());
    serve(Peer {
        name: "tokio mpsc",
        version: "1.54.1",
        url: "https://docs.rs/tokio/1.54.1/tokio/sync/mpsc/",
        claims: vec![
            ("caller", "jobs run in the task"),
            ("idle", "the task waits for jobs"),
            ("panics", "tokio::spawn: a panic ends the task, and what is queued is dropped with the receiver"),
            ("crash", "tokio::spawn: the panic is kept for the JoinHandle"),
        ],
        new: || {
            let (sender, mut jobs) = mpsc::unbounded_channel::<Work>();
            RUNTIME.lock().unwrap().as_ref().unwrap().spawn(async move {
                while let Some(job) = jobs.recv().await { block_in_place(job) }
            });
            Arc::new(Actor(sender))
        },
    })
}
