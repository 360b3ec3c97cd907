//! The peer for an actor of actix whose handler returns a future: `actix response` returns a
//! ResponseActFuture, `actix atomic` an AtomicResponse.

use std::sync::{mpsc, Arc, Mutex};

use actix::{Actor, ActorFutureExt, Addr, Arbiter, ArbiterHandle, AtomicResponse, Context, Handler, Message, ResponseActFuture, System, WrapFuture};
use desync_peer::{serve, Job, Peer, Subject};
use tokio::sync::oneshot;

struct Work(Job, Option<mpsc::Sender<()>>);
impl Message for Work { type Result = (); }

/// Runs a job on a thread, which the handler awaits.
async fn run(work: Work) {
    let (sender, done) = oneshot::channel();
    std::thread::spawn(move || {
        (work.0)();
        let _ = sender.send(());
        if let Some(caller) = work.1 { let _ = caller.send(()); }
    });
    let _ = done.await;
}

struct Response;
impl Actor for Response {
    type Context = Context<Self>;
    fn started(&mut self, context: &mut Self::Context) { context.set_mailbox_capacity(1 << 20) }
}
impl Handler<Work> for Response {
    type Result = ResponseActFuture<Self, ()>;
    fn handle(&mut self, work: Work, _: &mut Self::Context) -> Self::Result { Box::pin(run(work).into_actor(self)) }
}

struct Atomic;
impl Actor for Atomic {
    type Context = Context<Self>;
    fn started(&mut self, context: &mut Self::Context) { context.set_mailbox_capacity(1 << 20) }
}
impl Handler<Work> for Atomic {
    type Result = AtomicResponse<Self, ()>;
    fn handle(&mut self, work: Work, _: &mut Self::Context) -> Self::Result {
        AtomicResponse::new(Box::pin(run(work).into_actor(self).map(|_, _, _| ())))
    }
}

struct Of<A: Actor>(Addr<A>);

impl<A: Actor<Context = Context<A>> + Handler<Work>> Subject for Of<A> {
    fn run_async(&self, job: Job) { self.0.do_send(Work(job, None)) }
    fn run(&self, job: Job) {
        let (sender, done) = mpsc::channel();
        self.0.do_send(Work(job, Some(sender)));
        done.recv().expect("the actor answers");
    }
}

static ARBITER: Mutex<Option<ArbiterHandle>> = Mutex::new(None);

fn arbiter() -> ArbiterHandle { ARBITER.lock().unwrap().clone().unwrap() }

fn main() {
    std::thread::spawn(|| {
        let system = System::new();
        let arbiter = system.block_on(async { Arbiter::new() });
        *ARBITER.lock().unwrap() = Some(arbiter.handle());
        system.run()
    });
    while ARBITER.lock().unwrap().is_none() { std::thread::yield_now() }
    let atomic = std::env::args().nth(1).as_deref() == Some("atomic");
    serve(Peer {
        name: if atomic { "actix AtomicResponse" } else { "actix ResponseActFuture" },
        version: "0.13.5",
        url: "https://docs.rs/actix/0.13.5/actix/trait.Handler.html",
        claims: vec![
            ("caller", "jobs run for the actor"),
            ("idle", "the actor's task waits for messages"),
            ("panics", "the documentation says nothing of panics; here one ends the thread of the job, and nobody answers"),
            ("crash", "a panic ends the thread of the job"),
        ],
        new: if atomic {
            || Arc::new(Of(Atomic::start_in_arbiter(&arbiter(), |_| Atomic)))
        } else {
            || Arc::new(Of(Response::start_in_arbiter(&arbiter(), |_| Response)))
        },
    })
}
