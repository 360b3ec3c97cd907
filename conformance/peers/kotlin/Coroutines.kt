import java.util.concurrent.Callable
import java.util.concurrent.Future
import java.util.concurrent.FutureTask
import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.*
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

// The peer for serial queues of coroutines. Jobs run on Dispatchers.IO, which grows, since they block:
//
//   limited    limitedParallelism(1)
//   suspends   the same, where a job suspends: it runs in withContext, on another dispatcher
//   mutex      a Mutex, launched UNDISPATCHED
//   launched   a Mutex behind a plain launch
//   channel    a Channel and one coroutine
val quiet = CoroutineExceptionHandler { _, _ -> }
val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO + quiet)

class Limited(private val suspends: Boolean) : DesyncPeer.Subject {
    private val dispatcher = Dispatchers.IO.limitedParallelism(1)

    private suspend fun body(job: Callable<Int>): Int =
        if (suspends) withContext(Dispatchers.IO) { job.call() } else job.call()

    override fun async(job: Callable<Int>) { scope.launch(dispatcher) { body(job) } }

    override fun run(job: Callable<Int>) { runBlocking { withContext(dispatcher) { body(job) } } }
}

class Locked(private val start: CoroutineStart) : DesyncPeer.Subject {
    private val mutex = Mutex()

    override fun async(job: Callable<Int>) { scope.launch(start = start) { mutex.withLock { job.call() } } }

    override fun run(job: Callable<Int>) { runBlocking { mutex.withLock { job.call() } } }
}

class Worker : DesyncPeer.Subject {
    private val jobs = Channel<Runnable>(Channel.UNLIMITED)

    init {
        scope.launch { for (job in jobs) job.run() }
    }

    override fun async(job: Callable<Int>) { future(job) }

    override fun run(job: Callable<Int>) { future(job).get() }

    override fun future(job: Callable<Int>): Future<Int> = FutureTask(job).also { jobs.trySend(it).getOrThrow() }
}

fun main(args: Array<String>) {
    val claims = mutableMapOf(
        "caller" to "jobs run on a thread of Dispatchers.IO",
        "crash" to "an exception goes to the CoroutineExceptionHandler",
    )
    val (name, make) = when (args[0]) {
        "limited" -> "limitedParallelism(1)" to { Limited(false) }
        "suspends" -> "limitedParallelism(1), jobs suspend" to { Limited(true) }
        "mutex" -> "Mutex, launch UNDISPATCHED" to { Locked(CoroutineStart.UNDISPATCHED) }
        "launched" -> "Mutex, plain launch" to { Locked(CoroutineStart.DEFAULT) }
        else -> "Channel and a coroutine" to { Worker() }
    }
    if (args[0] == "channel") {
        claims += mapOf("future" to "yes", "cancel-future" to "yes")
    }
    DesyncPeer.serve("Kotlin $name", "1.11.0", "https://kotlinlang.org/api/kotlinx.coroutines/kotlinx-coroutines-core/", claims) { make() }
}
