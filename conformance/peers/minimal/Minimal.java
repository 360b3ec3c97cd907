import java.util.Map;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.*;

/** The shortest peer that can be judged: newSingleThreadExecutor, without a library. */
final class Minimal {
    static final Map<String, ExecutorService> objects = new ConcurrentHashMap<>();
    static final Map<String, BlockingQueue<String>> clients = new ConcurrentHashMap<>(), runs = new ConcurrentHashMap<>();
    static final AtomicLong numbers = new AtomicLong();

    /** The driver's lines are compact, so a field is found by its name. */
    static String text(String line, String key) {
        Matcher m = Pattern.compile("\"" + key + "\":\"?([^\",}]*)").matcher(line);
        return m.find() ? m.group(1) : "";
    }

    static synchronized void say(String line) {
        System.out.print("{\"op\":" + line + "}\n");
        System.out.flush();
    }

    static void perform(String line) throws Exception {
        String id = text(line, "id"), o = text(line, "o"), kind = text(line, "kind");
        if (text(line, "op").equals("new")) {
            objects.put(o, Executors.newSingleThreadExecutor());
        } else if (kind.equals("async") || kind.equals("do")) {
            Future<?> f = objects.get(o).submit(() -> {
                String run = "" + numbers.incrementAndGet(), order;
                runs.put(run, new LinkedBlockingQueue<>());
                say("\"start\",\"id\":" + id + ",\"run\":" + run + ",\"s\":[" + o + "]");
                while (!text(order = runs.get(run).take(), "op").equals("end")) perform(order);
                return null;
            });
            if (kind.equals("do")) f.get();
        } else {
            say("\"error\",\"id\":" + id + ",\"code\":\"unknown-kind\",\"text\":\"" + kind + "\"");
            return;
        }
        say("\"ret\",\"id\":" + id);
    }

    public static void main(String[] args) {
        for (var in = new java.util.Scanner(System.in); in.hasNextLine(); ) {
            String line = in.nextLine(), id = text(line, "id");
            switch (text(line, "op")) {
                case "hello" -> say("\"hello\",\"protocol\":1,\"name\":\"newSingleThreadExecutor\",\"language\":\"Java\",\"claims\":{\"caller\":\"jobs run on the thread\",\"idle\":\"the thread stays\",\"panics\":\"not tried here\",\"goexit\":\"a thread ends by an exception alone\",\"crash\":\"an exception stays in the future\"}");
                case "new", "call" -> {
                    if (!text(line, "in").isEmpty()) runs.get(text(line, "in")).add(line);
                    else clients.computeIfAbsent(text(line, "c"), c -> {
                        var box = new LinkedBlockingQueue<String>();
                        new Thread(() -> {
                            try {
                                while (true) perform(box.take());
                            } catch (Exception e) {
                                throw new RuntimeException(e);
                            }
                        }).start();
                        return box;
                    }).add(line);
                }
                case "end" -> runs.get(text(line, "run")).add(line);
                case "ping" -> say("\"pong\",\"id\":" + id);
                case "reset" -> objects.clear();
                case "bye" -> Runtime.getRuntime().halt(0);
                default -> { if (!id.isEmpty()) say("\"error\",\"id\":" + id + ",\"code\":\"unknown-op\""); }
            }
        }
        Runtime.getRuntime().halt(0);
    }
}
