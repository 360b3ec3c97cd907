//! The peer for an actor of ractor.

use std::sync::{Arc, Mutex};

use desync_peer::{serve, Job, Peer, Subject};
use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::block_in_place;

enum Message { Cast(Job), Call(Job, RpcReplyPort<i64>) }

struct Worker;

impl Actor for Worker {
    type Msg = Message;
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Message>, _: ()) -> Result<(), ActorProcessingErr> { Ok(()) }

    async fn handle(&self, _: ActorRef<Message>, message: Message, _: &mut ()) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Cast(job) => { block_in_place(|| job()); }
            Message::Call(job, reply) => { let _ = reply.send(block_in_place(|| job())); }
        }
        Ok(())
    }
}

static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);

struct Of(ActorRef<Message>);

impl Subject for Of {
    fn run_async(&self, job: Job) { let _ = self.0.cast(Message::Cast(job)); }
    fn run(&self, job: Job) {
        let (sender, answer) = oneshot::channel();
        let _ = self.0.cast(Message::Call(job, sender.into()));
        answer.blocking_recv().expect("the actor answers");
    }
}

fn main() {
    *RUNTIME.lock().unwrap() = Some(Builder::new_multi_thread().enable_all().max_blocking_threads(9000).build().unwrap());
    serve(Peer {
        name: "ractor",
        version: "0.16.5",
        url: "https://docs.rs/ractor/0.16.5/ractor/",
        claims: vec![
            ("caller", "jobs run in the actor's task"),
            ("idle", "the actor's task waits for messages"),
            ("panics", "docs/runtime-semantics.md: a panic stops the actor and goes to its supervisor"),
            ("crash", "docs/runtime-semantics.md: a panic goes to the supervisor"),
        ],
        new: || {
            let (sender, made) = std::sync::mpsc::channel();
            RUNTIME.lock().unwrap().as_ref().unwrap().spawn(async move {
                let _ = sender.send(Actor::spawn(None, Worker, ()).await.map(|(actor, _)| actor));
            });
            Arc::new(Of(made.recv().unwrap().expect("the actor starts")))
        },
    })
}
