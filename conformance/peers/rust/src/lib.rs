//! A peer of desync-conform in Rust: the protocol of PROTOCOL.md, in one file without dependencies.
//!
//! Implement [`Subject`] for what owns the data and runs jobs on it, and call [`serve`].

use std::any::Any;
use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{BufRead, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::{Relaxed, SeqCst}};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// A job. It may be called on any thread, and its panic is its own.
pub type Job = Arc<dyn Fn() -> i64 + Send + Sync>;
/// What a future gives: the value, or what went wrong. [`CANCELED`] says that the job never runs.
pub type Wait = Arc<dyn Fn() -> Result<i64, String> + Send + Sync>;
pub const CANCELED: &str = "canceled";

/// The object under test. Methods with a default are those of features that it may claim.
pub trait Subject: Send + Sync {
    fn run_async(&self, job: Job);
    fn run(&self, job: Job);
    /// The wait for the result, and what keeps the job from running.
    fn future(&self, _job: Job) -> Option<(Wait, Box<dyn FnOnce() + Send>)> { None }
    fn try_run(&self, _job: Job) -> Option<bool> { None }
    /// Makes calls on a fresh object as [`bench_with`] says: of async, do or future with its wait. One that calls
    /// the implementation itself, with closures of its own, measures more of it than this one.
    fn bench(&self, kind: &str, n: i64, p: i64) -> Option<(i64, i64)> {
        let ran = Arc::new(AtomicI64::new(0));
        let job = |i: i64| -> Job {
            let ran = ran.clone();
            Arc::new(move || { ran.store(ran.load(Relaxed) + 1, Relaxed); i })
        };
        match kind {
            "async" => bench_with(n, p, |i| self.run_async(job(i)), || { self.run(Arc::new(|| 0)); ran.load(SeqCst) }),
            "do" => bench_with(n, p, |i| self.run(job(i)), || ran.load(SeqCst)),
            "future" => {
                (self.future(Arc::new(|| 0))?.0)().ok()?;
                bench_with(n, p, |i| { let _ = self.future(job(i)).map(|f| (f.0)()); }, || ran.load(SeqCst))
            }
            _ => None,
        }
    }
}

/// Has `p` threads make `n` calls each. It returns the nanoseconds until `ended`, which waits for the last job,
/// has returned, and what that returns: how many jobs have run.
pub fn bench_with(n: i64, p: i64, call: impl Fn(i64) + Sync, ended: impl FnOnce() -> i64) -> Option<(i64, i64)> {
    let gate = Barrier::new(p as usize + 1);
    let begin = thread::scope(|s| {
        for _ in 0..p { s.spawn(|| { gate.wait(); for i in 0..n { call(i) } }); }
        let begin = Instant::now();
        gate.wait();
        begin
    });
    let ran = ended();
    Some((begin.elapsed().as_nanos() as i64, ran))
}

pub struct Peer {
    pub name: &'static str,
    pub version: &'static str,
    pub url: &'static str,
    /// Features, and "yes" or the reason why not.
    pub claims: Vec<(&'static str, &'static str)>,
    pub new: fn() -> Arc<dyn Subject>,
}

/// The text of a panic.
pub fn text_of(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(s) => *s,
        Err(p) => p.downcast::<&str>().map(|s| s.to_string()).unwrap_or_else(|_| "a panic".into()),
    }
}

/// A value of JSON.
#[derive(Clone, Debug)]
pub enum Value { Null, Bool(bool), Int(i64), Text(String), List(Vec<Value>), Map(HashMap<String, Value>) }

static NULL: Value = Value::Null;

impl Value {
    fn get(&self, key: &str) -> &Value { if let Value::Map(m) = self { m.get(key).unwrap_or(&NULL) } else { &NULL } }
    fn int(&self, key: &str) -> i64 { if let Value::Int(n) = self.get(key) { *n } else { 0 } }
    fn text(&self, key: &str) -> &str { if let Value::Text(s) = self.get(key) { s } else { "" } }
    fn list(&self) -> &[Value] { if let Value::List(l) = self { l } else { &[] } }
    fn yes(&self, key: &str) -> bool { matches!(self.get(key), Value::Bool(true)) }
}

struct Parser<'a> { text: &'a [u8], at: usize }

impl Parser<'_> {
    fn peek(&mut self) -> u8 {
        while self.text[self.at].is_ascii_whitespace() { self.at += 1 }
        self.text[self.at]
    }
    fn next(&mut self) -> u8 { let b = self.peek(); self.at += 1; b }
    fn value(&mut self) -> Value {
        match self.next() {
            b'{' => {
                let mut m = HashMap::new();
                while self.peek() != b'}' {
                    if self.peek() == b',' { self.at += 1 }
                    let Value::Text(key) = self.value() else { panic!("a key that is no text") };
                    assert_eq!(self.next(), b':', "a key without a value");
                    m.insert(key, self.value());
                }
                self.at += 1;
                Value::Map(m)
            }
            b'[' => {
                let mut l = vec![];
                while self.peek() != b']' {
                    if self.peek() == b',' { self.at += 1 }
                    l.push(self.value());
                }
                self.at += 1;
                Value::List(l)
            }
            b'"' => self.string(),
            b't' => { self.at += 3; Value::Bool(true) }
            b'f' => { self.at += 4; Value::Bool(false) }
            b'n' => { self.at += 3; Value::Null }
            _ => {
                let from = self.at - 1;
                while self.at < self.text.len() && (self.text[self.at].is_ascii_digit()) { self.at += 1 }
                Value::Int(std::str::from_utf8(&self.text[from..self.at]).unwrap().parse().expect("a number"))
            }
        }
    }
    fn string(&mut self) -> Value {
        let mut out = vec![];
        loop {
            let b = self.text[self.at];
            self.at += 1;
            match b {
                b'"' => return Value::Text(String::from_utf8_lossy(&out).into_owned()),
                b'\\' => {
                    let e = self.text[self.at];
                    self.at += 1;
                    match e {
                        b'n' => out.push(b'\n'),
                        b't' => out.push(b'\t'),
                        b'u' => {
                            let hex = std::str::from_utf8(&self.text[self.at..self.at + 4]).unwrap();
                            self.at += 4;
                            let c = char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap_or('?');
                            out.extend(c.to_string().bytes());
                        }
                        other => out.push(other),
                    }
                }
                _ => out.push(b),
            }
        }
    }
}

fn quoted(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        match c {
            '"' | '\\' => { out.push('\\'); out.push(c) }
            c if (c as u32) < 32 => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out + "\""
}

/// A call under way: the thread that makes it, and whether it has returned.
struct Visit { thread: ThreadId, back: AtomicBool }

#[derive(Default)]
struct Case {
    objects: HashMap<i64, Arc<dyn Subject>>,
    waits: HashMap<i64, Wait>,
    cancels: HashMap<i64, Box<dyn FnOnce() + Send>>,
    early: HashSet<i64>,
}

struct Server {
    peer: Peer,
    fault: Mutex<String>,
    case: Mutex<Case>,
    clients: Mutex<HashMap<i64, Sender<Value>>>,
    runs: Mutex<HashMap<i64, Sender<Value>>>,
    number: AtomicI64,
    program: Mutex<Option<Arc<Program>>>,
}

fn say(line: String) {
    let mut out = std::io::stdout().lock();
    if out.write_all((line + "\n").as_bytes()).and_then(|_| out.flush()).is_err() { std::process::exit(1) }
}

/// Speaks with the driver until it is done. Nothing else may write to the standard output.
pub fn serve(peer: Peer) {
    let s = Arc::new(Server {
        peer, fault: Default::default(), case: Default::default(), clients: Default::default(), runs: Default::default(),
        number: AtomicI64::new(0), program: Default::default(),
    });
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("the driver's line can be read");
        s.take(Parser { text: line.as_bytes(), at: 0 }.value());
    }
    std::process::exit(0)
}

impl Server {
    fn fresh(&self) -> Arc<dyn Subject> {
        let fault = self.fault.lock().unwrap().clone();
        if fault.is_empty() { (self.peer.new)() } else { FaultQueue::start(fault) }
    }

    fn take(self: &Arc<Self>, o: Value) {
        let id = o.int("id");
        match o.text("op") {
            "hello" => self.greet(&o),
            "new" | "call" => self.mailbox(&o).send(o).expect("who makes the call lives"),
            "end" => {
                let run = self.runs.lock().unwrap().remove(&o.int("run"));
                if let Some(run) = run { let _ = run.send(o); }
            }
            "cancel" => {
                let mut case = self.case.lock().unwrap();
                case.early.insert(id);
                let cancel = case.cancels.remove(&id);
                drop(case);
                if let Some(cancel) = cancel { cancel() }
            }
            "drop" => { let gone = self.case.lock().unwrap().waits.remove(&o.int("f")); drop(gone) }
            "reset" => {
                let old = std::mem::take(&mut *self.case.lock().unwrap());
                thread::spawn(move || drop(old)); // an object may wait for its jobs when it is dropped
            }
            "ping" | "gc" => say(format!(r#"{{"op":"pong","id":{id}}}"#)),
            "play" => {
                let p = Arc::new(Program::new(self, &o));
                *self.program.lock().unwrap() = Some(p.clone());
                thread::spawn(move || p.play());
            }
            "bench" => {
                let s = self.clone();
                thread::spawn(move || say(match s.fresh().bench(o.text("kind"), o.int("n"), o.int("p")) {
                    Some((ns, ran)) => format!(r#"{{"op":"bench","id":{id},"ns":{ns},"ran":{ran}}}"#),
                    None => format!(r#"{{"op":"error","id":{id},"code":"unknown-kind","text":{}}}"#, quoted(o.text("kind"))),
                }));
            }
            "stop" => { let p = self.program.lock().unwrap().clone(); if let Some(p) = p { p.tell(id, false) } }
            "bye" => std::process::exit(0),
            op => say(format!(r#"{{"op":"error","id":{id},"code":"unknown-op","text":{}}}"#, quoted(op))),
        }
    }

    fn greet(&self, o: &Value) {
        if !o.get("protocol").list().iter().any(|v| matches!(v, Value::Int(1))) {
            return say(r#"{"op":"error","code":"no-common-version","text":"this peer speaks version 1"}"#.into());
        }
        let p = &self.peer;
        let mut claims = p.claims.clone();
        if !claims.iter().any(|c| c.0 == "goexit") { claims.push(("goexit", "a thread of Rust ends by a panic alone")) }
        let (mut name, mut more) = (p.name.to_string(), String::new());
        if ["none", "lifo", "overlap", "lost", "twice", "early"].contains(&o.text("fault")) {
            *self.fault.lock().unwrap() = o.text("fault").into();
            let why = "it is the queue of the self-test";
            claims = ["caller", "idle", "panics", "goexit", "crash"].map(|f| (f, why)).to_vec();
            name = format!("self-test: {}", o.text("fault"));
            more = format!(r#","fault":{}"#, quoted(o.text("fault")));
        }
        let claims: Vec<String> = claims.iter().map(|(f, why)| format!("{}:{}", quoted(f), quoted(why))).collect();
        say(format!(
            r#"{{"op":"hello","protocol":1,"name":{},"version":{},"url":{},"language":"Rust","pid":{},"model":"threads","play":true,"detector":"none: the standard library is not instrumented","claims":{{{}}}{more}}}"#,
            quoted(&name), quoted(p.version), quoted(p.url), std::process::id(), claims.join(",")
        ));
    }

    fn mailbox(self: &Arc<Self>, o: &Value) -> Sender<Value> {
        if o.int("in") != 0 { return self.runs.lock().unwrap()[&o.int("in")].clone() }
        self.clients.lock().unwrap().entry(o.int("c")).or_insert_with(|| {
            let (sender, orders): (_, Receiver<Value>) = channel();
            let s = self.clone();
            thread::spawn(move || for o in orders { s.perform(o) });
            sender
        }).clone()
    }

    fn perform(self: &Arc<Self>, o: Value) {
        let id = o.int("id");
        let visit = Arc::new(Visit { thread: thread::current().id(), back: AtomicBool::new(false) });
        let result = catch_unwind(AssertUnwindSafe(|| self.call(&o, &visit)));
        visit.back.store(true, SeqCst);
        say(match result {
            Ok(Some(more)) => format!(r#"{{"op":"ret","id":{id}{more}}}"#),
            Ok(None) => format!(r#"{{"op":"error","id":{id},"code":"unknown-kind","text":{}}}"#, quoted(o.text("kind"))),
            Err(payload) => format!(r#"{{"op":"ret","id":{id},"throw":{}}}"#, quoted(&text_of(payload))),
        })
    }

    /// Makes a call, and returns what its ret has, or None for a kind that is not known.
    fn call(self: &Arc<Self>, o: &Value, visit: &Arc<Visit>) -> Option<String> {
        let id = o.int("id");
        if o.text("op") == "new" {
            let object = self.fresh();
            self.case.lock().unwrap().objects.insert(o.int("o"), object);
            return Some(String::new());
        }
        if o.text("kind") == "wait" {
            let wait = self.case.lock().unwrap().waits.get(&o.int("f")).cloned().expect("the future is there");
            return Some(match wait() {
                Ok(v) => format!(r#","v":{v}"#),
                Err(e) if e == CANCELED => r#","err":"canceled","canceled":true"#.into(),
                Err(e) => format!(r#","err":{}"#, quoted(&e)),
            });
        }
        let object = self.case.lock().unwrap().objects.get(&o.int("o")).cloned().expect("the object is there");
        let job = self.job(o, visit);
        match o.text("kind") {
            "async" => object.run_async(job),
            "do" => object.run(job),
            "try" => return object.try_run(job).map(|ok| format!(r#","ok":{ok}"#)),
            "future" | "future-context" => {
                let (wait, cancel) = object.future(job)?;
                let mut case = self.case.lock().unwrap();
                case.waits.insert(id, wait);
                let now = o.yes("ended") || case.early.contains(&id);
                if o.text("kind") == "future" { return Some(String::new()) }
                if !now { case.cancels.insert(id, cancel); return Some(String::new()) }
                drop(case);
                cancel()
            }
            _ => return None,
        }
        Some(String::new())
    }

    fn job(self: &Arc<Self>, o: &Value, visit: &Arc<Visit>) -> Job {
        let (s, visit, id, object) = (self.clone(), visit.clone(), o.int("id"), o.int("o"));
        Arc::new(move || {
            let (sender, orders) = channel();
            let run = s.number.fetch_add(1, SeqCst) + 1;
            s.runs.lock().unwrap().insert(run, sender);
            let here = visit.thread == thread::current().id() && !visit.back.load(SeqCst);
            say(format!(r#"{{"op":"start","id":{id},"run":{run},"s":[{object}],"here":{here}}}"#));
            for order in orders {
                if order.text("op") != "end" { s.perform(order); continue }
                if !order.text("throw").is_empty() { panic!("{}", order.text("throw")) }
                return order.int("v");
            }
            0
        })
    }
}

#[derive(Clone, Default)]
struct Step { kind: String, object: usize, cancel: Option<[i64; 3]>, before: [i64; 3], start: [i64; 3], end: [i64; 3], after: [i64; 3] }

/// A program that is played. Nothing in it locks but what it plays on.
struct Program {
    id: i64,
    clients: Vec<Vec<(usize, Step)>>,
    fences: Vec<(usize, Step)>,
    objects: Vec<Arc<dyn Subject>>,
    rows: Vec<[AtomicI64; 7]>,
    lists: Vec<(AtomicUsize, Vec<AtomicI64>)>,
    over: Vec<AtomicBool>,
    clock: AtomicI64,
    left: AtomicI64,
    told: AtomicBool,
    barrier: Barrier,
    all: (Mutex<bool>, Condvar),
}

fn pause_of(v: &Value) -> [i64; 3] { [v.int("yields"), v.int("spins"), v.int("micros")] }

fn pause(p: [i64; 3]) {
    for _ in 0..p[0] { thread::yield_now() }
    for n in 0..p[1] { std::hint::black_box(n); }
    if p[2] > 0 { thread::sleep(Duration::from_micros(p[2] as u64)) }
}

impl Program {
    fn new(s: &Server, o: &Value) -> Program {
        let p = o.get("program");
        let objects = p.int("objects") as usize;
        let mut n = 0;
        let mut clients = vec![];
        for steps in p.get("clients").list() {
            clients.push(steps.list().iter().map(|v| {
                let step = Step {
                    kind: v.text("kind").into(), object: v.int("object") as usize,
                    cancel: matches!(v.get("cancel"), Value::Map(_)).then(|| pause_of(v.get("cancel"))),
                    before: pause_of(v.get("before")), start: pause_of(v.get("start")), end: pause_of(v.get("end")), after: pause_of(v.get("after")),
                };
                n += (step.kind != "barrier") as usize;
                (n.max(1) - 1, step)
            }).collect::<Vec<_>>());
        }
        let fences = (0..objects).map(|o| (n + o, Step { kind: "do".into(), object: o, ..Default::default() })).collect();
        n += objects;
        Program {
            id: o.int("id"), barrier: Barrier::new(clients.len()), clients, fences,
            objects: (0..objects).map(|_| s.fresh()).collect(),
            rows: (0..n).map(|_| Default::default()).collect(),
            lists: (0..objects).map(|_| (AtomicUsize::new(0), (0..2 * n + 2).map(|_| AtomicI64::new(-1)).collect())).collect(),
            over: (0..n).map(|_| AtomicBool::new(false)).collect(),
            clock: AtomicI64::new(0), left: AtomicI64::new(n as i64), told: AtomicBool::new(false), all: Default::default(),
        }
    }

    fn stamp(&self) -> i64 { self.clock.fetch_add(1, SeqCst) + 1 }

    fn play(self: Arc<Self>) {
        let threads: Vec<_> = (0..self.clients.len()).map(|c| {
            let p = self.clone();
            thread::spawn(move || p.client(&p.clients[c]))
        }).collect();
        for t in threads { let _ = t.join(); }
        self.client(&self.fences);
        let mut all = self.all.0.lock().unwrap();
        while !*all { all = self.all.1.wait(all).unwrap() }
        drop(all);
        self.tell(self.id, true)
    }

    fn tell(&self, id: i64, whole: bool) {
        if self.told.swap(true, SeqCst) { return }
        let joined = |v: Vec<String>| format!("[{}]", v.join(","));
        let rows = self.rows.iter().map(|r| joined(r.iter().map(|n| n.load(SeqCst).to_string()).collect())).collect();
        let lists = self.lists.iter().map(|l| joined(l.1.iter().map(|n| n.load(SeqCst)).filter(|n| *n >= 0).map(|n| n.to_string()).collect())).collect();
        say(format!(r#"{{"op":"history","id":{id},"whole":{whole},"rows":{},"lists":{}}}"#, joined(rows), joined(lists)))
    }

    fn client(self: &Arc<Self>, steps: &[(usize, Step)]) {
        let mut waits = vec![];
        for (i, step) in steps {
            if step.kind == "barrier" { self.barrier.wait(); continue }
            pause(step.before);
            if let Some(wait) = self.call(*i, step) { waits.push((*i, wait)) }
            pause(step.after);
        }
        for (i, wait) in waits {
            match wait() {
                Ok(v) if v == i as i64 => self.rows[i][6].store(1, SeqCst),
                Err(e) if e == CANCELED => { self.rows[i][6].store(2, SeqCst); self.settled(i) }
                _ => {}
            }
        }
    }

    fn call(self: &Arc<Self>, i: usize, step: &Step) -> Option<Wait> {
        let (p, start, end) = (self.clone(), step.start, step.end);
        let o = step.object;
        let job: Job = Arc::new(move || p.job(i, o, start, end));
        let (object, row) = (&self.objects[o], &self.rows[i]);
        row[0].store(self.stamp(), SeqCst);
        let mut wait = None;
        match step.kind.as_str() {
            "async" => object.run_async(job),
            "do" => { object.run(job); row[6].store(1, SeqCst) }
            "try" => {
                let ran = object.try_run(job) == Some(true);
                row[6].store(if ran { 1 } else { 3 }, SeqCst);
                if !ran { self.settled(i) }
            }
            _ => if let Some((w, cancel)) = object.future(job) {
                wait = Some(w);
                match step.cancel {
                    Some([0, 0, 0]) if step.kind == "future-context" => cancel(),
                    Some(p) if step.kind == "future-context" => { thread::spawn(move || { pause(p); cancel() }); }
                    _ => {}
                }
            }
        }
        row[1].store(self.stamp(), SeqCst);
        wait
    }

    fn job(&self, i: usize, o: usize, start: [i64; 3], end: [i64; 3]) -> i64 {
        let row = &self.rows[i];
        let now = self.stamp();
        let at = if row[2].compare_exchange(0, now, SeqCst, SeqCst).is_ok() { 2 } else { row[4].store(now, SeqCst); 4 };
        let (place, list) = &self.lists[o];
        let n = place.load(SeqCst); // a plain index: jobs that overlap lose entries
        list[n.min(list.len() - 1)].store(i as i64, SeqCst);
        place.store(n + 1, SeqCst);
        pause(start);
        pause(end);
        row[at + 1].store(self.stamp(), SeqCst);
        if at == 2 { self.settled(i) }
        i as i64
    }

    fn settled(&self, i: usize) {
        if !self.over[i].swap(true, SeqCst) && self.left.fetch_sub(1, SeqCst) == 1 {
            *self.all.0.lock().unwrap() = true;
            self.all.1.notify_all()
        }
    }
}

/// The queue of the self-test, which is wrong as its fault says.
struct FaultQueue { fault: String, jobs: Mutex<VecDeque<Job>>, more: Condvar }

impl FaultQueue {
    fn start(fault: String) -> Arc<dyn Subject> {
        let q = Arc::new(FaultQueue { fault, jobs: Default::default(), more: Condvar::new() });
        let worker = q.clone();
        thread::spawn(move || worker.work());
        q
    }

    fn work(&self) {
        for n in 1.. {
            let mut jobs = self.jobs.lock().unwrap();
            while jobs.is_empty() { jobs = self.more.wait(jobs).unwrap() }
            let job = if self.fault == "lifo" { jobs.pop_back() } else { jobs.pop_front() }.unwrap();
            drop(jobs);
            match self.fault.as_str() {
                "lost" if n % 3 == 0 => {}
                "overlap" => { thread::spawn(move || job()); }
                "twice" if n % 3 == 0 => { job(); job(); }
                _ => { job(); }
            }
        }
    }
}

impl Subject for FaultQueue {
    fn run_async(&self, job: Job) {
        self.jobs.lock().unwrap().push_back(job);
        self.more.notify_one()
    }

    fn run(&self, job: Job) {
        let (sender, done) = channel();
        let (sender, early) = (Mutex::new(sender), self.fault == "early");
        self.run_async(Arc::new(move || {
            if early { let _ = sender.lock().unwrap().send(()); }
            job();
            let _ = sender.lock().unwrap().send(());
            0
        }));
        let _ = done.recv();
    }
}
