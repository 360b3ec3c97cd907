import java.util.Map;
import java.util.concurrent.*;
import org.fusesource.hawtdispatch.*;
import org.fusesource.hawtdispatch.internal.DispatcherConfig;

/** The peer for a serial queue of HawtDispatch, which has the model of libdispatch. */
final class Hawt implements DesyncPeer.Subject {
    private static final Dispatcher dispatcher = dispatcher();
    private final DispatchQueue queue = dispatcher.createQueue("peer");

    /** One with as many threads as jobs may wait for each other. */
    private static Dispatcher dispatcher() {
        DispatcherConfig config = new DispatcherConfig();
        config.setThreads(1200);
        return config.createDispatcher();
    }

    public void async(Callable<Integer> job) { future(job); }

    public void run(Callable<Integer> job) throws Exception { future(job).get(); }

    public Future<Integer> future(Callable<Integer> job) {
        FutureTask<Integer> task = new FutureTask<>(job);
        queue.execute(task);
        return task;
    }

    public static void main(String[] args) throws Exception {
        DesyncPeer.serve("HawtDispatch serial queue", "1.22", "https://github.com/fusesource/hawtdispatch", Map.of(
            "future", "yes", "cancel-future", "yes",
            "caller", "jobs run on a thread of the dispatcher",
            "crash", "an exception stays in the FutureTask"), Hawt::new);
    }
}
