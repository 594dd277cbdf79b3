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

package io.v3io.flink.builder;

import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.ConfigOption;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How messages name settings, so that everybody finds what they typed: the setter, and the option
 * of a table. Which of the two is meant nobody knows where a job runs.
 */
@Internal
public final class SettingNames {

    /** The stream of a sink or source. */
    public static final String STREAM = named("setStream", "'stream'");

    /** The streams of a sink. */
    public static final String STREAMS = named("setStreams", "'stream'");

    public static final String ACCESS_KEY = named("setAccessKey", "'secret.access-key'");
    public static final String ACCESS_KEY_FILE =
            named("setAccessKeyFile", "'secret.access-key-file'");

    /** What chooses the shard of an element. */
    public static final String SHARD_ID =
            named("setShardId", "the column of 'shard-id' or 'sink.partitioner'");

    /** What chooses the stream of an element. */
    public static final String STREAM_SELECTOR =
            named("setStreamSelector", "the column of 'stream'");

    /**
     * What an option of a table is in Java.
     *
     * @param option its key
     * @param setter of the builder of the source or the sink, or of the client
     * @param word for it where a builder refuses a value, such as {@code maxBatchSize}
     * @param isSize whether its value is a number of bytes
     */
    public record Setting(String option, String setter, String word, boolean isSize) {

        private static Setting of(String option, String setter) {
            return new Setting(option, setter, wordOf(setter), false);
        }

        private static Setting of(String option, String setter, String word) {
            return new Setting(option, setter, word, false);
        }

        private static Setting ofSize(String option, String setter) {
            return new Setting(option, setter, wordOf(setter), true);
        }

        private static String wordOf(String setter) {
            return Character.toLowerCase(setter.charAt(3)) + setter.substring(4);
        }
    }

    /** Where several options have one setter, the setter stands for the first of them here. */
    private static final List<Setting> SETTINGS =
            List.of(
                    Setting.of("endpoint", "setEndpoint"),
                    Setting.of("stream", "setStream"),
                    Setting.of("secret.access-key", "setAccessKey"),
                    Setting.of("secret.access-key-file", "setAccessKeyFile"),
                    Setting.of("user", "setUser"),
                    Setting.of("secret.password", "setUser", "password"),
                    Setting.of("tls.trust-store", "setTrustStore"),
                    Setting.of("tls.trust-store.password", "setTrustStore", "trustStorePassword"),
                    Setting.of("tls.trust-store.type", "setTrustStore", "trustStoreType"),
                    Setting.of("tls.insecure-skip-verification", "setInsecureSkipTlsVerification"),
                    Setting.of("client.proxy", "setProxy"),
                    Setting.of("client.max-connections", "setMaxConnections"),
                    Setting.of("client.io-threads", "setIoThreads"),
                    Setting.of("client.connect-timeout", "setConnectTimeout"),
                    Setting.of("client.response-timeout", "setResponseTimeout"),
                    Setting.ofSize("client.max-response-size", "setMaxResponseBytes"),
                    Setting.of("stream-pattern", "setStreamPattern"),
                    Setting.of("stream-directory", "setStreamPattern", "streamDirectory"),
                    Setting.of("scan.startup.mode", "setStartingPosition"),
                    Setting.of("scan.startup.timestamp-millis", "setStartingPosition"),
                    Setting.of("scan.startup.sequence-numbers", "setStartingPosition"),
                    Setting.of("scan.startup.fallback", "setStartingPosition"),
                    Setting.of("scan.startup.consumer-group", "setStartingPosition"),
                    Setting.of("scan.bounded.mode", "setBounded"),
                    Setting.of("scan.bounded.timestamp-millis", "setBounded"),
                    Setting.of("scan.bounded.sequence-numbers", "setBounded"),
                    Setting.of("scan.bounded.consumer-group", "setBounded"),
                    Setting.of("scan.bounded.as-stream", "setUnbounded"),
                    Setting.of("scan.consumer-group", "setConsumerGroup"),
                    Setting.of("scan.retry.max-retries", "setRetryPolicy", "maxRetries"),
                    Setting.of("scan.retry.max-elapsed", "setRetryPolicy", "maxElapsed"),
                    Setting.of("scan.retry.initial-backoff", "setRetryPolicy", "initialBackoff"),
                    Setting.of("scan.retry.max-backoff", "setRetryPolicy", "maxBackoff"),
                    Setting.of("scan.shard-discovery.interval", "setShardDiscoveryInterval"),
                    Setting.of("scan.on-missing-stream", "setOnMissingStream"),
                    Setting.of("scan.on-deleted-stream", "setOnDeletedStream"),
                    Setting.of("scan.on-unsubscribed-stream", "setOnUnsubscribedStream"),
                    Setting.of("scan.fetch.max-records", "setMaxRecordsPerRequest"),
                    Setting.ofSize("scan.fetch.buffer-size", "setBufferSize"),
                    Setting.of("scan.fetch.read-ahead", "setReadAhead"),
                    Setting.of("scan.idle-pause.min", "setIdlePause", "shortestIdlePause"),
                    Setting.of("scan.idle-pause.max", "setIdlePause", "longestIdlePause"),
                    Setting.of("scan.backlog.threshold", "setBacklogThreshold"),
                    Setting.of("scan.drop-duplicates", "setDropDuplicates"),
                    Setting.of(
                            "scan.drop-duplicates.max-records",
                            "setDropDuplicatesWindow",
                            "dropDuplicatesMaxRecords"),
                    Setting.of(
                            "scan.drop-duplicates.max-time",
                            "setDropDuplicatesWindow",
                            "dropDuplicatesMaxTime"),
                    Setting.of("scan.rate-limit.records-per-second", "setMaxRecordsPerSecond"),
                    Setting.ofSize("scan.rate-limit.bytes-per-second", "setMaxBytesPerSecond"),
                    Setting.of("scan.on-data-loss", "setOnDataLoss"),
                    Setting.of("scan.on-deserialization-failure", "setOnDeserializationFailure"),
                    Setting.of("scan.dead-letter.stream", "setDeadLetterStream"),
                    Setting.of("sink.partitioner", "setPartitioner"),
                    Setting.of("sink.partitioner.fields", "setPartitionKey"),
                    Setting.of("sink.partitioner.field-delimiter", "setPartitionKey"),
                    Setting.of("sink.order", "setOrder"),
                    Setting.of("sink.delivery-guarantee", "setDeliveryGuarantee"),
                    Setting.of("sink.tag-records", "setTagRecords"),
                    Setting.of("sink.exactly-once.staging-directory", "setStagingDirectory"),
                    Setting.ofSize("sink.exactly-once.max-inline-size", "setMaxInlineSize"),
                    Setting.of("sink.exactly-once.landing-timeout", "setLandingTimeout"),
                    Setting.of("sink.exactly-once.takeover-delay", "setTakeoverDelay"),
                    Setting.of("sink.on-invalid-record", "setOnInvalidRecord"),
                    Setting.of("sink.dead-letter.stream", "setDeadLetterStream"),
                    Setting.of("sink.create-stream.shard-count", "setCreateStream", "shardCount"),
                    Setting.of("sink.create-stream.retention", "setCreateStream", "retentionHours"),
                    Setting.of("sink.shard-discovery.interval", "setShardDiscoveryInterval"),
                    Setting.of("sink.batch.max-size", "setMaxBatchSize"),
                    Setting.ofSize("sink.flush-buffer.size", "setMaxBatchSizeInBytes"),
                    Setting.ofSize("sink.record.max-size", "setMaxRecordSizeInBytes"),
                    Setting.of("sink.flush-buffer.timeout", "setMaxTimeInBuffer"),
                    Setting.of("sink.requests.max-inflight", "setMaxInFlightRequests"),
                    Setting.of("sink.requests.max-buffered", "setMaxBufferedRequests"),
                    Setting.ofSize("sink.max-pending-bytes", "setMaxPendingBytes"),
                    Setting.of("sink.retry.max-retries", "setRetryPolicy", "maxRetries"),
                    Setting.of("sink.retry.max-elapsed", "setRetryPolicy", "maxElapsed"),
                    Setting.of("sink.retry.initial-backoff", "setRetryPolicy", "initialBackoff"),
                    Setting.of("sink.retry.max-backoff", "setRetryPolicy", "maxBackoff"));

    private static final Map<String, String> SETTERS = new LinkedHashMap<>();

    static {
        SETTINGS.forEach(setting -> SETTERS.put(setting.option(), setting.setter()));
    }

    private SettingNames() {}

    /** All options of a table that are settings of a builder as well. */
    public static List<Setting> all() {
        return SETTINGS;
    }

    /** A setting, such as {@code setOnDataLoss (in SQL 'scan.on-data-loss')}. */
    public static String of(ConfigOption<?> option) {
        return named(setter(option), "'" + option.key() + "'");
    }

    /**
     * A setting with its value, such as {@code setOnDataLoss(EARLIEST) (in SQL 'scan.on-data-loss'
     * = 'earliest')}.
     */
    public static String of(ConfigOption<?> option, Enum<?> value) {
        return named(
                setter(option) + "(" + value.name() + ")",
                "'" + option.key() + "' = '" + inSql(value) + "'");
    }

    /** A value of a setting, such as {@code EARLIEST ('earliest')}. */
    public static String of(Enum<?> value) {
        return value.name() + " ('" + inSql(value) + "')";
    }

    private static String setter(ConfigOption<?> option) {
        // A message is no place to fail; a test knows that all are there.
        return SETTERS.getOrDefault(option.key(), option.key());
    }

    private static String inSql(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String named(String inJava, String inSql) {
        return inJava + " (in SQL " + inSql + ")";
    }
}
