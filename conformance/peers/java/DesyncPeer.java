import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.function.Supplier;

/**
 * A peer of desync-conform in Java: the protocol of PROTOCOL.md, in one file without dependencies.
 * Implement {@link Subject} for what runs jobs, and call {@link #serve}.
 */
public final class DesyncPeer {
    /** The object under test. Methods with a default are those of features that it may claim. */
    public interface Subject {
        void async(Callable<Integer> job);

        void run(Callable<Integer> job) throws Exception;

        /** Hands over a job; cancel of what it returns keeps the job from running, if that is claimed. */
        default Future<Integer> future(Callable<Integer> job) { throw new UnsupportedOperationException(); }

        default boolean tryRun(Callable<Integer> job) throws Exception { throw new UnsupportedOperationException(); }

        /** Holds the object until what it returns is run. */
        default Runnable suspend() { throw new UnsupportedOperationException(); }

        default boolean submit(Callable<Integer> job) { throw new UnsupportedOperationException(); }

        default void close() throws Exception { throw new UnsupportedOperationException(); }
    }

    /** What a job ends with that is to throw. */
    public static final class Thrown extends RuntimeException {
        Thrown(String text) { super(text); }
    }

    private static final class Case {
        final Map<Long, Subject> objects = new ConcurrentHashMap<>();
        final Map<Long, Future<Integer>> futures = new ConcurrentHashMap<>();
        final Map<Long, Runnable> resumes = new ConcurrentHashMap<>();
        final Set<Long> early = ConcurrentHashMap.newKeySet();
        final Set<Long> cancels = ConcurrentHashMap.newKeySet();
    }

    private final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    private final String name, version, url;
    private final Map<String, String> claims;
    private final Map<Long, BlockingQueue<Map<String, Object>>> clients = new HashMap<>();
    private final Map<Long, BlockingQueue<Map<String, Object>>> runs = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private volatile Case now = new Case();
    private volatile Program program;
    private Supplier<Subject> make;

    private DesyncPeer(String name, String version, String url, Map<String, String> claims, Supplier<Subject> make) {
        this.name = name;
        this.version = version;
        this.url = url;
        this.claims = new LinkedHashMap<>(claims);
        this.claims.putIfAbsent("goexit", "a thread of Java ends by an exception alone");
        this.make = make;
    }

    /** Speaks with the driver until it is done. What is printed meanwhile goes to the standard error. */
    public static void serve(String name, String version, String url, Map<String, String> claims, Supplier<Subject> make) throws IOException {
        DesyncPeer p = new DesyncPeer(name, version, url, claims, make);
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 16);
        for (String line; (line = in.readLine()) != null; ) {
            if (!p.take(Json.parse(line))) break;
        }
        Runtime.getRuntime().halt(0);
    }

    private void say(Object... fields) {
        StringBuilder b = new StringBuilder("{");
        for (int i = 0; i < fields.length; i += 2) {
            if (i > 0) b.append(',');
            b.append('"').append(fields[i]).append("\":");
            Json.write(b, fields[i + 1]);
        }
        byte[] line = b.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
        synchronized (out) {
            out.write(line, 0, line.length);
            out.flush();
        }
    }

    private static long num(Map<String, Object> o, String key) { return o.get(key) instanceof Long n ? n : 0; }

    private boolean take(Map<String, Object> o) {
        long id = num(o, "id");
        switch ((String) o.get("op")) {
            case "hello" -> greet(o);
            case "new", "call" -> mailbox(o).add(o);
            case "end" -> {
                var run = runs.remove(num(o, "run"));
                if (run != null) run.add(o);
            }
            case "cancel" -> {
                Case c = now;
                c.early.add(id);
                Future<Integer> f = c.futures.get(id);
                if (f != null && c.cancels.contains(id)) f.cancel(false);
            }
            case "drop" -> now.futures.remove(num(o, "f"));
            case "reset" -> now = new Case();
            case "gc" -> {
                System.gc();
                say("op", "pong", "id", id);
            }
            case "ping" -> say("op", "pong", "id", id);
            case "play" -> {
                Program p = program = new Program(o);
                new Thread(p::play).start();
            }
            case "bench" -> start(() -> bench(o));
            case "stop" -> program.tell(id, false);
            case "bye" -> {
                return false;
            }
            default -> say("op", "error", "id", id, "code", "unknown-op", "text", o.get("op"));
        }
        return true;
    }

    private void greet(Map<String, Object> o) {
        if (!((List<?>) o.get("protocol")).contains(1L)) {
            say("op", "error", "code", "no-common-version", "text", "this peer speaks version 1");
            return;
        }
        String fault = (String) o.getOrDefault("fault", ""), title = name;
        Map<String, String> promises = claims;
        if (List.of("none", "lifo", "overlap", "lost", "twice", "early").contains(fault)) {
            make = () -> new FaultQueue(fault);
            title = "self-test: " + fault;
            promises = new LinkedHashMap<>();
            for (String f : List.of("caller", "idle", "panics", "goexit", "crash")) promises.put(f, "it is the queue of the self-test");
        }
        say("op", "hello", "protocol", 1, "name", title, "version", version, "url", url, "language", "Java",
            "runtime", "Java " + System.getProperty("java.version"), "pid", ProcessHandle.current().pid(), "model", "threads",
            "play", true, "detector", "none: Java has none", "fault", title.equals(name) ? "" : fault, "claims", promises);
    }

    private BlockingQueue<Map<String, Object>> mailbox(Map<String, Object> o) {
        if (o.containsKey("in")) return runs.get(num(o, "in"));
        return clients.computeIfAbsent(num(o, "c"), c -> {
            var box = new LinkedBlockingQueue<Map<String, Object>>();
            start(() -> {
                while (true) perform(box.take());
            });
            return box;
        });
    }

    private interface Body { void run() throws Exception; }

    private static Thread start(Body body) {
        Thread t = new Thread(() -> {
            try {
                body.run();
            } catch (Exception e) {
                throw new RuntimeException(e);
            }
        });
        t.setDaemon(true);
        t.start();
        return t;
    }

    private static String text(Throwable e) {
        while (e instanceof ExecutionException && e.getCause() != null) e = e.getCause();
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    private void perform(Map<String, Object> o) {
        long id = num(o, "id");
        Visit visit = new Visit();
        List<Object> ret = new ArrayList<>(List.of("op", "ret", "id", id));
        try {
            call(o, visit, ret);
        } catch (UnsupportedOperationException e) {
            ret = List.of("op", "error", "id", id, "code", "unknown-kind", "text", o.get("kind"));
        } catch (Throwable e) {
            ret.addAll(List.of("throw", text(e)));
        }
        visit.back = true;
        say(ret.toArray());
    }

    private static final class Visit {
        final Thread thread = Thread.currentThread();
        volatile boolean back;
    }

    private void call(Map<String, Object> o, Visit visit, List<Object> ret) throws Exception {
        Case c = now;
        long id = num(o, "id");
        if (o.get("op").equals("new")) {
            c.objects.put(num(o, "o"), make.get());
            return;
        }
        Subject object = c.objects.get(num(o, "o"));
        Callable<Integer> job = job(o, visit);
        switch ((String) o.get("kind")) {
            case "async" -> object.async(job);
            case "do" -> object.run(job);
            case "try" -> ret.addAll(List.of("ok", object.tryRun(job)));
            case "submit" -> ret.addAll(List.of("ok", object.submit(job)));
            case "suspend" -> c.resumes.put(id, object.suspend());
            case "resume" -> c.resumes.get(num(o, "f")).run();
            case "close" -> object.close();
            case "future" -> c.futures.put(id, object.future(job));
            case "future-context" -> {
                c.cancels.add(id);
                Future<Integer> f = object.future(job);
                c.futures.put(id, f);
                if (o.containsKey("ended") || c.early.contains(id)) f.cancel(false);
            }
            case "wait" -> {
                try {
                    ret.addAll(List.of("v", c.futures.get(num(o, "f")).get()));
                } catch (CancellationException e) {
                    ret.addAll(List.of("err", "canceled", "canceled", true));
                } catch (ExecutionException e) {
                    ret.addAll(List.of("err", text(e)));
                }
            }
            default -> throw new UnsupportedOperationException();
        }
    }

    /** Makes calls as fast as it goes, each with a lambda of its own. */
    private void bench(Map<String, Object> o) throws Exception {
        String kind = (String) o.get("kind");
        Subject object = make.get();
        int n = (int) num(o, "n"), p = (int) num(o, "p");
        long[] ran = new long[1];
        try {
            if (kind.equals("future")) object.future(() -> 0).get();
            else if (!kind.equals("async") && !kind.equals("do")) throw new UnsupportedOperationException();
        } catch (UnsupportedOperationException e) {
            say("op", "error", "id", num(o, "id"), "code", "unknown-kind", "text", kind);
            return;
        }
        CyclicBarrier gate = new CyclicBarrier(p + 1);
        List<Thread> threads = new ArrayList<>();
        for (int c = 0; c < p; c++) threads.add(start(() -> {
            gate.await();
            for (int i = 0; i < n; i++) {
                int number = i;
                Callable<Integer> job = () -> {
                    ran[0]++;
                    return number;
                };
                switch (kind) {
                    case "async" -> object.async(job);
                    case "do" -> object.run(job);
                    default -> object.future(job).get();
                }
            }
        }));
        long begin = System.nanoTime();
        gate.await();
        for (Thread t : threads) t.join();
        object.run(() -> 0);
        say("op", "bench", "id", num(o, "id"), "ns", System.nanoTime() - begin, "ran", ran[0]);
    }

    private Callable<Integer> job(Map<String, Object> o, Visit visit) {
        return () -> {
            long run = numbers.incrementAndGet();
            var box = new LinkedBlockingQueue<Map<String, Object>>();
            runs.put(run, box);
            say("op", "start", "id", num(o, "id"), "run", run, "s", List.of(num(o, "o")), "here", Thread.currentThread() == visit.thread && !visit.back);
            Map<String, Object> order;
            while (!(order = box.take()).get("op").equals("end")) perform(order);
            if (order.containsKey("throw")) throw new Thrown((String) order.get("throw"));
            return (int) num(order, "v");
        };
    }

    /** A program that is played. Nothing in it locks but what it plays on. */
    private final class Program {
        final long id;
        final List<List<Map<String, Object>>> clients = new ArrayList<>();
        final List<Subject> objects = new ArrayList<>();
        final AtomicLong clock = new AtomicLong();
        final AtomicInteger left;
        final AtomicLongArray rows;
        final AtomicIntegerArray over;
        final int[][] lists;
        final int[] places;
        final CyclicBarrier barrier;
        final CountDownLatch all = new CountDownLatch(1);
        final AtomicBoolean told = new AtomicBoolean();

        @SuppressWarnings("unchecked")
        Program(Map<String, Object> o) {
            id = num(o, "id");
            Map<String, Object> p = (Map<String, Object>) o.get("program");
            long n = 0;
            for (Object steps : (List<Object>) p.get("clients")) {
                List<Map<String, Object>> client = new ArrayList<>();
                for (Object s : (List<Object>) steps) {
                    Map<String, Object> step = (Map<String, Object>) s;
                    step.put("i", step.get("kind").equals("barrier") ? -1L : n++);
                    client.add(step);
                }
                clients.add(client);
            }
            barrier = new CyclicBarrier(clients.size());
            int count = (int) num(p, "objects");
            List<Map<String, Object>> fences = new ArrayList<>();
            for (long k = 0; k < count; k++) {
                fences.add(Map.of("kind", "do", "object", k, "i", n++));
                objects.add(make.get());
            }
            clients.add(fences);
            rows = new AtomicLongArray((int) n * 7);
            over = new AtomicIntegerArray((int) n);
            left = new AtomicInteger((int) n);
            lists = new int[count][2 * (int) n + 2];
            for (int[] list : lists) Arrays.fill(list, -1);
            places = new int[count];
        }

        void play() {
            try {
                List<Thread> threads = new ArrayList<>();
                for (var steps : clients.subList(0, clients.size() - 1)) {
                    Thread t = new Thread(() -> client(steps));
                    t.setDaemon(true);
                    t.start();
                    threads.add(t);
                }
                for (Thread t : threads) t.join();
                client(clients.get(clients.size() - 1));
                all.await();
                tell(id, true);
            } catch (InterruptedException e) {
                throw new RuntimeException(e);
            }
        }

        void tell(long number, boolean whole) {
            if (told.getAndSet(true)) return;
            List<Object> all = new ArrayList<>(), written = new ArrayList<>();
            for (int i = 0; i < over.length(); i++) {
                List<Object> row = new ArrayList<>();
                for (int k = 0; k < 7; k++) row.add(rows.get(i * 7 + k));
                all.add(row);
            }
            for (int[] list : lists) {
                List<Object> l = new ArrayList<>();
                for (int i : list) if (i >= 0) l.add(i);
                written.add(l);
            }
            say("op", "history", "id", number, "whole", whole, "rows", all, "lists", written);
        }

        void client(List<Map<String, Object>> steps) {
            List<Map.Entry<Integer, Future<Integer>>> waits = new ArrayList<>();
            try {
                for (var step : steps) {
                    int i = (int) num(step, "i");
                    if (i < 0) {
                        barrier.await();
                        continue;
                    }
                    pause(step.get("before"));
                    Future<Integer> f = call(i, step);
                    if (f != null) waits.add(Map.entry(i, f));
                    pause(step.get("after"));
                }
                for (var wait : waits) {
                    int i = wait.getKey();
                    try {
                        if (wait.getValue().get() == i) rows.set(i * 7 + 6, 1);
                    } catch (CancellationException e) {
                        rows.set(i * 7 + 6, 2);
                        settled(i);
                    }
                }
            } catch (Exception e) {
                throw new RuntimeException(e);
            }
        }

        @SuppressWarnings("unchecked")
        Future<Integer> call(int i, Map<String, Object> step) throws Exception {
            Subject object = objects.get((int) num(step, "object"));
            Callable<Integer> job = () -> job(i, step);
            Future<Integer> f = null;
            rows.set(i * 7, clock.incrementAndGet());
            switch ((String) step.get("kind")) {
                case "async" -> object.async(job);
                case "do" -> {
                    object.run(job);
                    rows.set(i * 7 + 6, 1);
                }
                case "try" -> rows.set(i * 7 + 6, object.tryRun(job) ? 1 : 3);
                case "submit" -> rows.set(i * 7 + 6, object.submit(job) ? 0 : 3);
                default -> {
                    f = object.future(job);
                    Future<Integer> mine = f;
                    Map<String, Object> cancel = (Map<String, Object>) step.get("cancel");
                    if (cancel == null || !step.get("kind").equals("future-context")) break;
                    if (cancel.isEmpty()) f.cancel(false);
                    else start(() -> {
                        pause(cancel);
                        mine.cancel(false);
                    });
                }
            }
            if (rows.get(i * 7 + 6) == 3) settled(i);
            rows.set(i * 7 + 1, clock.incrementAndGet());
            return f;
        }

        int job(int i, Map<String, Object> step) {
            long now = clock.incrementAndGet();
            int at = i * 7 + 2;
            if (!rows.compareAndSet(at, 0, now)) rows.set(at += 2, now);
            int o = (int) num(step, "object"), place = places[o]; // a plain index: jobs that overlap lose entries
            lists[o][Math.min(place, lists[o].length - 1)] = i;
            places[o] = place + 1;
            pause(step.get("start"));
            pause(step.get("end"));
            rows.set(at + 1, clock.incrementAndGet());
            if (at == i * 7 + 2) settled(i);
            return i;
        }

        void settled(int i) {
            if (over.compareAndSet(i, 0, 1) && left.decrementAndGet() == 0) all.countDown();
        }
    }

    @SuppressWarnings("unchecked")
    private static void pause(Object o) {
        if (o == null) return;
        Map<String, Object> p = (Map<String, Object>) o;
        for (long n = num(p, "yields"); n > 0; n--) Thread.yield();
        for (long n = num(p, "spins"); n > 0; n--) Thread.onSpinWait();
        if (num(p, "micros") > 0) java.util.concurrent.locks.LockSupport.parkNanos(num(p, "micros") * 1000);
    }

    /** The queue of the self-test, which is wrong as its fault says. */
    private static final class FaultQueue implements Subject {
        final String fault;
        final LinkedBlockingDeque<Callable<Integer>> jobs = new LinkedBlockingDeque<>();

        FaultQueue(String fault) {
            this.fault = fault;
            start(this::work);
        }

        void work() throws Exception {
            for (int n = 1; ; n++) {
                Callable<Integer> job = fault.equals("lifo") ? jobs.takeLast() : jobs.takeFirst();
                boolean third = n % 3 == 0;
                if (fault.equals("lost") && third) continue;
                if (fault.equals("overlap")) {
                    start(job::call);
                    continue;
                }
                job.call();
                if (fault.equals("twice") && third) job.call();
            }
        }

        public void async(Callable<Integer> job) { jobs.add(job); }

        public void run(Callable<Integer> job) throws Exception {
            CountDownLatch done = new CountDownLatch(1);
            jobs.add(() -> {
                if (fault.equals("early")) done.countDown();
                job.call();
                done.countDown();
                return 0;
            });
            done.await();
        }
    }

    /** As much of JSON as the protocol needs. */
    private static final class Json {
        private final String s;
        private int at;

        private Json(String s) { this.s = s; }

        @SuppressWarnings("unchecked")
        static Map<String, Object> parse(String line) { return (Map<String, Object>) new Json(line).value(); }

        private char next() {
            while (Character.isWhitespace(s.charAt(at)) || s.charAt(at) == ',' || s.charAt(at) == ':') at++;
            return s.charAt(at++);
        }

        private boolean ends(char c) {
            if (next() == c) return true;
            at--;
            return false;
        }

        private Object value() {
            char c = next();
            switch (c) {
                case '{': {
                    Map<String, Object> m = new HashMap<>();
                    while (!ends('}')) {
                        String key = (String) value();
                        m.put(key, value());
                    }
                    return m;
                }
                case '[': {
                    List<Object> l = new ArrayList<>();
                    while (!ends(']')) l.add(value());
                    return l;
                }
                case '"': return string();
                case 't': at += 3; return true;
                case 'f': at += 4; return false;
                case 'n': at += 3; return null;
                default:
                    int from = at - 1;
                    while (at < s.length() && Character.isDigit(s.charAt(at))) at++;
                    return Long.parseLong(s.substring(from, at));
            }
        }

        private String string() {
            StringBuilder b = new StringBuilder();
            for (char c; (c = s.charAt(at++)) != '"'; ) {
                if (c == '\\') {
                    c = s.charAt(at++);
                    if (c == 'u') {
                        c = (char) Integer.parseInt(s.substring(at, at + 4), 16);
                        at += 4;
                    } else if (c == 'n') c = '\n';
                    else if (c == 't') c = '\t';
                }
                b.append(c);
            }
            return b.toString();
        }

        static void write(StringBuilder b, Object v) {
            if (v instanceof Map<?, ?> m) {
                b.append('{');
                for (var e : m.entrySet()) {
                    if (b.charAt(b.length() - 1) != '{') b.append(',');
                    write(b, e.getKey());
                    write(b.append(':'), e.getValue());
                }
                b.append('}');
            } else if (v instanceof List<?> l) {
                b.append('[');
                for (int i = 0; i < l.size(); i++) write(i > 0 ? b.append(',') : b, l.get(i));
                b.append(']');
            } else if (v instanceof String s) {
                b.append('"');
                for (char c : s.toCharArray()) {
                    if (c == '"' || c == '\\') b.append('\\').append(c);
                    else if (c < 32) b.append(String.format("\\u%04x", (int) c));
                    else b.append(c);
                }
                b.append('"');
            } else b.append(v);
        }
    }
}
