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

package io.v3io.flink.kafka.plan;

/**
 * Why nothing is copied.
 *
 * @param code for programs
 * @param subject the stream, topic or group that it is about
 * @param message what is wrong and what to change
 */
public record Refusal(Code code, String subject, String message) {

    /** The reasons there are. */
    public enum Code {
        /** There is no such stream. */
        NO_STREAM,
        /** The access key may not read the stream. */
        V3IO_ACCESS,
        /** The user may not do with Kafka what a mirror does. */
        KAFKA_ACCESS,
        /** The replication factor is more than there are brokers. */
        REPLICATION,
        /** The state topic cannot hold the state. */
        STATE_TOPIC,
        /** The topic is another mirror's, or another stream's. */
        OTHER_MIRROR,
        /** The topic was begun with other partitions, or another rule for them. */
        PARTITIONING,
        /** The topic has records that no mirror of the stream has written. */
        FOREIGN_RECORDS,
        /** The topic has fewer partitions than the stream has shards. */
        TOO_FEW_PARTITIONS,
        /** The topic does not take the largest record. */
        MAX_MESSAGE_BYTES,
        /** The stream has a record that is larger than the configuration says. */
        LARGEST_RECORD,
        /** The topic would remove records too early. */
        RETENTION,
        /** The topic would remove records of which there is a later one with the same key. */
        COMPACTION,
        /** The topic would take its own time for that of the records. */
        TIMESTAMP_TYPE,
        /** The topic refuses records that are as old as those of the stream. */
        TIMESTAMP_RANGE,
        /** The stream was deleted and made again since it was copied. */
        STREAM_CREATED_AGAIN,
        /** Retention has removed records of the stream before they were copied. */
        RECORDS_LOST,
        /** Records that were copied are gone from the topic. */
        COPY_LOST,
        /** The mirror runs already. */
        RUNNING
    }
}
