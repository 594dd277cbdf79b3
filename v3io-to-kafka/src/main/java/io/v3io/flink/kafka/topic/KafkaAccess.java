/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.v3io.flink.kafka.topic;

import io.v3io.flink.kafka.config.KafkaSettings;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Makes Kafka's clients. Thread-safe. */
public final class KafkaAccess {

    private static final String TIMEOUT_MILLIS = "30000";

    private final KafkaSettings settings;

    /** Access with these settings. */
    public KafkaAccess(KafkaSettings settings) {
        this.settings = settings;
    }

    /** What the configuration says about Kafka. */
    public KafkaSettings settings() {
        return settings;
    }

    /** An admin client; to be closed. */
    public Admin admin() {
        Map<String, Object> properties = settings.clientProperties();
        properties.putIfAbsent("default.api.timeout.ms", TIMEOUT_MILLIS);
        properties.putIfAbsent("request.timeout.ms", TIMEOUT_MILLIS);
        return Admin.create(properties);
    }

    /** A consumer of committed records that belongs to no group; to be closed. */
    public Consumer<byte[], byte[]> committedRecords() {
        Map<String, Object> properties = settings.clientProperties();
        properties.put("isolation.level", "read_committed");
        return consumer(properties);
    }

    /**
     * A consumer of all records, also of those that may never be committed: only for how far a
     * partition reaches, and for signs of life, which are not written in transactions.
     */
    public Consumer<byte[], byte[]> allRecords() {
        Map<String, Object> properties = settings.clientProperties();
        properties.put("isolation.level", "read_uncommitted");
        return consumer(properties);
    }

    private static Consumer<byte[], byte[]> consumer(Map<String, Object> properties) {
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "none");
        properties.put("allow.auto.create.topics", "false");
        // A request that waits at the end of a partition holds up the next one, for another place.
        properties.putIfAbsent("fetch.max.wait.ms", "20");
        properties.putIfAbsent("default.api.timeout.ms", TIMEOUT_MILLIS);
        return new KafkaConsumer<>(
                properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** A producer with these properties on top of the settings; to be closed. */
    public Producer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> properties = settings.clientProperties();
        properties.put("acks", "all");
        properties.put("enable.idempotence", "true");
        properties.putAll(more);
        return new KafkaProducer<>(
                properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** What a future of the admin client has; its own exception if it has failed. */
    public static <T> T get(KafkaFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException failure) {
                throw failure;
            }
            throw new KafkaException(e.getCause());
        }
    }
}
