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

package io.v3io.flink.sink;

import io.v3io.client.model.StreamAddress;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.V3ioLimits;
import io.v3io.flink.builder.SettingRange;
import io.v3io.flink.sink.writer.SinkSettings;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Where a sink writes, as its builder is told: the streams of its elements and of its dead letters,
 * and the directory where epochs wait. Checks what does not fit together.
 */
@Internal
final class TargetStreams {

    private List<StreamAddress> streams = List.of();
    @Nullable private StreamAddress deadLetters;
    @Nullable private StreamAddress staging;
    @Nullable private SinkSettings.StreamCreation creation;

    void name(List<String> texts) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("setStreams needs one stream at least.");
        }
        streams = texts.stream().map(TargetStreams::address).toList();
    }

    void deadLettersGoTo(String text) {
        deadLetters = address(text);
    }

    void stageIn(String text) {
        staging = address(text);
    }

    private static StreamAddress address(String text) {
        StreamAddress address = StreamAddress.parse(text);
        if (address.consumerGroup() != null) {
            throw new IllegalArgumentException(
                    "The stream '"
                            + text
                            + "' names consumer group '"
                            + address.consumerGroup()
                            + "', which a sink has no use for; leave '@' and the group out.");
        }
        return address;
    }

    void create(int shardCount, int retentionHours) {
        creation =
                new SinkSettings.StreamCreation(
                        SettingRange.require("shardCount", shardCount, 1, V3ioLimits.MAX_SHARDS),
                        SettingRange.require(
                                "retentionHours",
                                retentionHours,
                                1,
                                V3ioLimits.MAX_RETENTION_HOURS));
    }

    void checkSet() {
        if (streams.isEmpty()) {
            throw new IllegalArgumentException(
                    "setStream or setStreams is missing: the sink needs a stream to write to.");
        }
    }

    /** Refuses a stream that gets two kinds of records, and objects in a stream's directory. */
    void checkApart() {
        StreamPath letters = deadLetters();
        if (letters != null && elements().contains(letters)) {
            throw new IllegalArgumentException(
                    "setDeadLetterStream must not be a stream that elements go to.");
        }
        if (staging == null) {
            return;
        }
        StreamPath directory = staging.stream();
        Stream.concat(elements().stream(), Stream.ofNullable(letters))
                .filter(stream -> (directory + "/").startsWith(stream + "/"))
                .findFirst()
                .ifPresent(
                        stream -> {
                            throw new IllegalArgumentException(
                                    "setStagingDirectory "
                                            + directory
                                            + " is in the directory of stream "
                                            + stream
                                            + ", where nothing else may be; choose another one.");
                        });
    }

    /** The streams that elements may go to, each once. */
    List<StreamPath> elements() {
        return streams.stream().map(StreamAddress::stream).distinct().toList();
    }

    /** Returns null if there is no stream for dead letters. */
    @Nullable
    StreamPath deadLetters() {
        return deadLetters == null ? null : deadLetters.stream();
    }

    /** Returns null if nothing is staged. */
    @Nullable
    StreamPath stagingDirectory() {
        return staging == null ? null : staging.stream();
    }

    /** How a missing stream is created; null if it is not. */
    @Nullable
    SinkSettings.StreamCreation creation() {
        return creation;
    }

    /** All of them as they were given, which may name the server. */
    List<StreamAddress> addresses() {
        List<StreamAddress> all = new ArrayList<>(streams);
        Stream.of(deadLetters, staging).filter(Objects::nonNull).forEach(all::add);
        return all;
    }
}
