import java.util.ArrayList;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes records as a Java program would: BROKERS COUNT TOPIC=COMPRESSION… Prints "key partition" of the last topic's. */
public class Produce {
  public static void main(String[] argv) throws Exception {
    int count = Integer.parseInt(argv[1]);
    var sent = new ArrayList<Future<RecordMetadata>>();
    for (int topic = 2; topic < argv.length; topic++) {
      String[] pair = argv[topic].split("=");
      var settings = new Properties();
      settings.put("bootstrap.servers", argv[0]);
      settings.put("compression.type", pair[1]);
      settings.put("linger.ms", "200");
      settings.put("batch.size", "262144");
      settings.put("acks", "all");
      sent.clear();
      try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
        for (int at = 0; at < count; at++)
          sent.add(producer.send(new ProducerRecord<>(pair[0], keyOf(at), at + " " + "lorem ipsum ".repeat(at % 50))));
        for (var one : sent) one.get();
      }
    }
    for (int at = 0; at < count; at++) System.out.println(keyOf(at) + " " + sent.get(at).get().partition());
  }

  static String keyOf(int at) {
    return "default/wf-é-" + at;
  }
}
