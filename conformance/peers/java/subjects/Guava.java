import com.google.common.util.concurrent.MoreExecutors;
import java.util.Map;
import java.util.concurrent.*;

/** The peer for Guava's newSequentialExecutor on a pool that grows. */
final class Guava implements DesyncPeer.Subject {
    private static final Executor pool = Executors.newCachedThreadPool(r -> {
        Thread t = new Thread(r);
        t.setDaemon(true);
        return t;
    });
    private final Executor executor = MoreExecutors.newSequentialExecutor(pool);

    public void async(Callable<Integer> job) { future(job); }

    public void run(Callable<Integer> job) throws Exception { future(job).get(); }

    public Future<Integer> future(Callable<Integer> job) {
        FutureTask<Integer> task = new FutureTask<>(job);
        executor.execute(task);
        return task;
    }

    public static void main(String[] args) throws Exception {
        DesyncPeer.serve("Guava newSequentialExecutor", "33.8.0-jre",
            "https://guava.dev/releases/33.8.0-jre/api/docs/com/google/common/util/concurrent/MoreExecutors.html", Map.of(
                "future", "yes", "cancel-future", "yes",
                "caller", "jobs run on a thread of the executor below",
                "crash", "SequentialExecutor: an exception of a task is logged; here it stays in the FutureTask"), Guava::new);
    }
}
