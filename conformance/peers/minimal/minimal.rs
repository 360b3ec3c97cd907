// The shortest peer that can be judged: a thread and a channel, without a library.
use std::{collections::HashMap, io::{stdin, stdout, Write}, sync::{mpsc::{channel, Sender}, Arc, Mutex}, thread};

// The driver's lines are compact, so a field is found by its name.
fn text<'a>(line: &'a str, key: &str) -> &'a str {
    let from = match line.find(&format!("\"{key}\":")) { Some(n) => n + key.len() + 3, None => return "" };
    line[from..].trim_start_matches('"').split(['"', ',', '}']).next().unwrap()
}

fn say(line: String) { let mut out = stdout().lock(); out.write_all((line + "\n").as_bytes()).unwrap(); out.flush().unwrap() }

type Job = Box<dyn FnOnce() + Send>;
type Table<T> = Arc<Mutex<HashMap<String, Sender<T>>>>;

fn perform(line: &str, objects: &Table<Job>, runs: &Table<String>) {
    let (id, o, kind) = (text(line, "id").to_string(), text(line, "o").to_string(), text(line, "kind"));
    if text(line, "op") == "new" {
        let (jobs, todo) = channel::<Job>();
        objects.lock().unwrap().insert(o, jobs);
        thread::spawn(move || for job in todo { job() });
    } else if kind == "async" || kind == "do" {
        let (done, wait) = channel();
        let jobs = objects.lock().unwrap()[&o].clone();
        let (id, objects, runs) = (id.clone(), objects.clone(), runs.clone());
        jobs.send(Box::new(move || {
            let (end, orders) = channel();
            let mut table = runs.lock().unwrap();
            let run = table.len() + 1;
            table.insert(run.to_string(), end);
            drop(table);
            say(format!(r#"{{"op":"start","id":{id},"run":{run},"s":[{o}]}}"#));
            for order in orders { if text(&order, "op") == "end" { break } perform(&order, &objects, &runs) }
            let _ = done.send(());
        })).unwrap();
        if kind == "do" { wait.recv().unwrap() }
    } else {
        return say(format!(r#"{{"op":"error","id":{id},"code":"unknown-kind","text":"{kind}"}}"#));
    }
    say(format!(r#"{{"op":"ret","id":{id}}}"#))
}

fn main() {
    let (objects, runs): (Table<Job>, Table<String>) = Default::default();
    let mut clients: HashMap<String, Sender<String>> = HashMap::new();
    for line in stdin().lines().map(|l| l.unwrap()) {
        let id = text(&line, "id").to_string();
        match text(&line, "op") {
            "hello" => say(r#"{"op":"hello","protocol":1,"name":"thread and channel","language":"Rust","claims":{"caller":"jobs run on the thread","idle":"the thread waits","panics":"not tried here","goexit":"a thread ends by a panic alone","crash":"a panic ends the thread alone"}}"#.into()),
            "new" | "call" if text(&line, "in") != "" => { let r = runs.lock().unwrap()[text(&line, "in")].clone(); r.send(line).unwrap() }
            "end" => { let r = runs.lock().unwrap()[text(&line, "run")].clone(); r.send(line).unwrap() }
            "new" | "call" => clients.entry(text(&line, "c").into()).or_insert_with(|| {
                let (sender, orders) = channel::<String>();
                let (objects, runs) = (objects.clone(), runs.clone());
                thread::spawn(move || for order in orders { perform(&order, &objects, &runs) });
                sender
            }).send(line).unwrap(),
            "ping" => say(format!(r#"{{"op":"pong","id":{id}}}"#)),
            "reset" => objects.lock().unwrap().clear(),
            "bye" => return,
            _ if id != "" => say(format!(r#"{{"op":"error","id":{id},"code":"unknown-op"}}"#)),
            _ => {}
        }
    }
}
