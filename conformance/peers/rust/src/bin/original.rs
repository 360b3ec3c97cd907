//! The peer for the crate desync, whose model this project has.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex};

use desync::Desync;
use desync_peer::{bench_with, serve, text_of, Job, Peer, Subject, Wait};
use futures::executor::block_on;
use futures::FutureExt;

struct Original(Desync<()>);

impl Subject for Original {
    fn run_async(&self, job: Job) { self.0.desync(move |_| { job(); }) }
    fn run(&self, job: Job) { self.0.sync(move |_| { job(); }) }
    fn try_run(&self, job: Job) -> Option<bool> { Some(self.0.try_sync(move |_| { job(); }).is_ok()) }

    fn future(&self, job: Job) -> Option<(Wait, Box<dyn FnOnce() + Send>)> {
        let future = self.0.future_desync(move |_| async move { job() }.boxed());
        let (state, known) = (Mutex::new(Some(future)), Mutex::new(None));
        let wait: Wait = Arc::new(move || {
            let mut known = known.lock().unwrap();
            if known.is_none() {
                let future = state.lock().unwrap().take().expect("it is awaited once");
                *known = Some(match catch_unwind(AssertUnwindSafe(|| block_on(future))) {
                    Ok(Ok(v)) => Ok(v),
                    Ok(Err(e)) => Err(format!("{e:?}")),
                    Err(payload) => Err(text_of(payload)),
                });
            }
            known.clone().unwrap()
        });
        Some((wait, Box::new(|| ())))
    }

    fn bench(&self, kind: &str, n: i64, p: i64) -> Option<(i64, i64)> {
        let o = Desync::new((0, 0)); // how many jobs ran, and the number of the last
        let ended = || o.sync(|v| v.0);
        match kind {
            "async" => bench_with(n, p, |i| o.desync(move |v| { v.0 += 1; v.1 = i }), ended),
            "do" => bench_with(n, p, |i| o.sync(move |v| { v.0 += 1; v.1 = i }), ended),
            "future" => bench_with(n, p, |i| {
                let _ = block_on(o.future_desync(move |v| async move { v.0 += 1; i }.boxed()));
            }, ended),
            _ => None,
        }
    }
}

fn main() {
    serve(Peer {
        name: "desync (Rust)",
        version: "0.9.0",
        url: "https://docs.rs/desync/0.9.0/desync/",
        claims: vec![
            ("future", "yes"),
            ("try", "yes"),
            ("idle", "it keeps a pool of threads for all objects"),
            ("caller", "sync: a queue that is busy runs the job on its own thread"),
            ("crash", "a panic stays in the queue"),
        ],
        new: || Arc::new(Original(Desync::new(()))),
    })
}
