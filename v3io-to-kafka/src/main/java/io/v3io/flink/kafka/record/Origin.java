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

package io.v3io.flink.kafka.record;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

import javax.annotation.Nullable;

import java.util.Optional;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Where a mirrored record comes from, as its headers say it. The headers are texts, so that every
 * tool shows them; client info is the bytes that it was.
 *
 * @param stream {@code container/path}
 * @param shard id of the shard
 * @param sequenceNumber number in the shard
 * @param arrivalTimeNanos nanoseconds since 1970 at which the platform took it
 */
public record Origin(String stream, int shard, long sequenceNumber, long arrivalTimeNanos) {

    /** Header with the stream, {@code container/path}. */
    public static final String STREAM = "v3io.stream";

    /** Header with the id of the shard, in decimal. */
    public static final String SHARD = "v3io.shard";

    /** Header with the number in the shard, in decimal. */
    public static final String SEQUENCE_NUMBER = "v3io.sequence-number";

    /** Header with the arrival time in nanoseconds since 1970, in decimal. */
    public static final String ARRIVAL_TIME = "v3io.arrival-time";

    /** Header with the client info; not there if the record had none. */
    public static final String CLIENT_INFO = "v3io.client-info";

    /** The origin of a record; empty if a mirror has not written it. */
    public static Optional<Origin> of(ConsumerRecord<?, ?> record) {
        Headers headers = record.headers();
        String stream = text(headers, STREAM);
        String shard = text(headers, SHARD);
        String sequenceNumber = text(headers, SEQUENCE_NUMBER);
        String arrivalTime = text(headers, ARRIVAL_TIME);
        if (stream == null || shard == null || sequenceNumber == null || arrivalTime == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new Origin(
                            stream,
                            Integer.parseInt(shard),
                            Long.parseLong(sequenceNumber),
                            Long.parseLong(arrivalTime)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The client info of a record; null if it had none. */
    @Nullable
    public static byte[] clientInfo(ConsumerRecord<?, ?> record) {
        Header header = record.headers().lastHeader(CLIENT_INFO);
        return header == null ? null : header.value();
    }

    @Nullable
    private static String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), UTF_8);
    }
}
