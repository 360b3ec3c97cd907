import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.*;

/** The peer for Executors.newSingleThreadExecutor. */
final class SingleThread implements DesyncPeer.Subject {
    private final ExecutorService executor = Executors.newSingleThreadExecutor(r -> {
        Thread t = new Thread(r);
        t.setDaemon(true);
        return t;
    });

    public void async(Callable<Integer> job) { executor.submit(job); }

    public void run(Callable<Integer> job) throws Exception { executor.submit(job).get(); }

    public Future<Integer> future(Callable<Integer> job) { return executor.submit(job); }

    public boolean submit(Callable<Integer> job) {
        try {
            executor.submit(job);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    public void close() throws Exception {
        executor.shutdown();
        executor.awaitTermination(1, TimeUnit.DAYS);
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> claims = new LinkedHashMap<>();
        claims.put("future", "yes");
        claims.put("cancel-future", "yes");
        claims.put("close", "yes");
        claims.put("caller", "jobs run on the thread of the executor");
        claims.put("idle", "the executor keeps its thread until it is shut down");
        claims.put("crash", "an exception stays in the future that submit returns");
        DesyncPeer.serve("newSingleThreadExecutor", System.getProperty("java.version"),
            "https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/concurrent/Executors.html", claims, SingleThread::new);
    }
}
