import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelConsumerOptions.ProcessingOrder;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Rival BROKER TOPIC GROUP WORK_MS SLOW_MS TOTAL LOG: what the commands measure and consume of the Go program do. */
public class Rival {
  public static void main(String[] args) throws Exception {
    long work = Long.parseLong(args[3]), slow = Long.parseLong(args[4]), total = Long.parseLong(args[5]);
    FileOutputStream log = args[6].isEmpty() ? null : new FileOutputStream(args[6], true);
    Map<String, Object> properties = new HashMap<>(Map.of(
        "bootstrap.servers", args[0], "group.id", args[2], "enable.auto.commit", "false", "auto.offset.reset", "earliest",
        "session.timeout.ms", "30000"));
    if (log != null) properties.put("group.instance.id", "one");
    var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
    var options = ParallelConsumerOptions.<String, byte[]>builder()
        .consumer(consumer).ordering(ProcessingOrder.KEY).maxConcurrency(256).commitInterval(Duration.ofSeconds(1)).build();
    var processor = ParallelStreamProcessor.createEosStreamProcessor(options);
    processor.subscribe(List.of(args[1]));
    AtomicLong first = new AtomicLong(), handled = new AtomicLong(), last = new AtomicLong();
    var done = new CountDownLatch(1);
    processor.poll(context -> {
      first.compareAndSet(0, System.nanoTime());
      ConsumerRecord<String, byte[]> r = context.getSingleConsumerRecord();
      try {
        if (log != null) log.write(line("B", r));
        if (work > 0) Thread.sleep(work);
        if (slow > 0 && r.key().startsWith("slow")) Thread.sleep(slow);
        if (log != null) log.write(line("E", r));
      } catch (InterruptedException | IOException e) {
        throw new RuntimeException(e);
      }
      if (handled.incrementAndGet() == total) {
        last.set(System.nanoTime());
        done.countDown();
      }
    });
    done.await();
    long resident = 0;
    for (String status : Files.readAllLines(Path.of("/proc/self/status")))
      if (status.startsWith("VmRSS:")) resident = Long.parseLong(status.replaceAll("\\D", "")) / 1024;
    System.out.printf("measured %.6f %d%n", (last.get() - first.get()) / 1e9, resident);
    System.exit(0);
  }

  static byte[] line(String what, ConsumerRecord<String, byte[]> r) {
    return (what + " " + r.topic() + " " + r.partition() + " " + r.offset() + " " + r.key() + "\n").getBytes(StandardCharsets.US_ASCII);
  }
}
