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

package io.v3io.flink.table;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what builders refuse in the words of the one who has written a table's options. */
final class OptionWords {

    static final OptionWords READING = new OptionWords("scan");
    static final OptionWords WRITING = new OptionWords("sink");

    private static final Pattern WORD = Pattern.compile("(?<![\\w'.-])\\w+(?![\\w'-])");

    private final Map<String, String> options = new LinkedHashMap<>();

    private OptionWords(String prefix) {
        options.put("maxConnections", "client.max-connections");
        options.put("ioThreads", "client.io-threads");
        options.put("connectTimeout", "client.connect-timeout");
        options.put("responseTimeout", "client.response-timeout");
        options.put("maxResponseBytes", "client.max-response-size");
        options.put("accessKey", "secret.access-key");
        options.put("password", "secret.password");
        options.put("trustStore", "tls.trust-store");
        options.put("maxRetries", prefix + ".retry.max-retries");
        options.put("maxElapsed", prefix + ".retry.max-elapsed");
        options.put("initialBackoff", prefix + ".retry.initial-backoff");
        options.put("maxBackoff", prefix + ".retry.max-backoff");
        options.put("shardCount", "sink.create-stream.shard-count");
        options.put("retentionHours", "sink.create-stream.retention");
        options.put("shardDiscoveryInterval", "sink.shard-discovery.interval");
        options.put("maxBatchSize", "sink.batch.max-size");
        options.put("maxBatchSizeInBytes", "sink.batch.max-bytes");
        options.put("maxTimeInBuffer", "sink.batch.max-time");
        options.put("maxInFlightRequests", "sink.requests.max-inflight");
        options.put("maxBufferedRequests", "sink.requests.max-buffered");
        options.put("maxPendingBytes", "sink.max-pending-bytes");
        options.put("deliveryGuarantee", "sink.delivery-guarantee");
        options.put("setStream", "stream");
        options.put("setStreams", "stream");
    }

    /** The message with the names of options in place of those of setters. */
    String of(String message) {
        return WORD.matcher(message)
                .replaceAll(
                        word -> {
                            String option = options.get(word.group());
                            return Matcher.quoteReplacement(
                                    option == null ? value(word.group()) : "'" + option + "'");
                        });
    }

    /** Constants that are values of options. */
    private static String value(String word) {
        return switch (word) {
            case "EXACTLY_ONCE" -> "'exactly-once'";
            case "AT_LEAST_ONCE" -> "'at-least-once'";
            case "NONE" -> "'none'";
            default -> word;
        };
    }
}
