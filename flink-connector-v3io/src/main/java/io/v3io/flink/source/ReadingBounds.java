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

package io.v3io.flink.source;

import io.v3io.client.V3ioClientConfig;
import io.v3io.flink.builder.SettingRange;
import io.v3io.flink.deadletter.DeadLetterSettings;
import io.v3io.flink.source.reader.RateLimit;
import io.v3io.flink.source.reader.ReaderSettings;
import io.v3io.flink.source.split.SeenTags;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.configuration.MemorySize;

import javax.annotation.Nullable;

import java.time.Duration;

/**
 * How much a source asks for, holds, emits and remembers, and how long it leaves a shard alone, as
 * its builder is told. Refuses what is out of range.
 */
@Internal
final class ReadingBounds {

    private static final int MAX_DROP_DUPLICATES_RECORDS = 10_000_000;
    private static final Duration MAX_DROP_DUPLICATES_TIME = Duration.ofDays(7);

    private int maxRecordsPerRequest = V3ioSourceOptions.FETCH_MAX_RECORDS.defaultValue();
    private MemorySize bufferSize = V3ioSourceOptions.FETCH_BUFFER_SIZE.defaultValue();
    private int readAhead = V3ioSourceOptions.FETCH_READ_AHEAD.defaultValue();
    private Duration shortestIdlePause = V3ioSourceOptions.IDLE_PAUSE_MIN.defaultValue();
    private Duration longestIdlePause = V3ioSourceOptions.IDLE_PAUSE_MAX.defaultValue();
    @Nullable private Long elementLimit;
    @Nullable private Duration backlogThreshold;
    private double recordsPerSecond = Double.POSITIVE_INFINITY;
    private double bytesPerSecond = Double.POSITIVE_INFINITY;
    private boolean dropDuplicates = V3ioSourceOptions.DROP_DUPLICATES.defaultValue();
    private SeenTags.Window dropDuplicatesWindow =
            new SeenTags.Window(
                    V3ioSourceOptions.DROP_DUPLICATES_MAX_RECORDS.defaultValue(),
                    V3ioSourceOptions.DROP_DUPLICATES_MAX_TIME.defaultValue());

    void setMaxRecordsPerRequest(int records) {
        if (records < 1) {
            throw SettingRange.outside("maxRecordsPerRequest", records, "1 or more");
        }
        maxRecordsPerRequest = records;
    }

    void setBufferSize(MemorySize size) {
        if (size.getBytes() < 1) {
            throw SettingRange.outside("bufferSize", size, "1 byte or more");
        }
        bufferSize = size;
    }

    void setReadAhead(int requests) {
        if (requests < 1) {
            throw SettingRange.outside("readAhead", requests, "1 or more");
        }
        readAhead = requests;
    }

    void setIdlePause(Duration shortest, Duration longest) {
        if (shortest.toMillis() < 1) {
            throw SettingRange.outside("shortestIdlePause", shortest, "1 ms or more");
        }
        if (longest.compareTo(shortest) < 0) {
            throw SettingRange.outside(
                    "longestIdlePause", longest, "at least shortestIdlePause (" + shortest + ")");
        }
        shortestIdlePause = shortest;
        longestIdlePause = longest;
    }

    void setElementLimit(long elements) {
        if (elements < 1) {
            throw SettingRange.outside("elementLimit", elements, "1 or more");
        }
        elementLimit = elements;
    }

    void setBacklogThreshold(Duration threshold) {
        if (threshold.isNegative() || threshold.toMillis() < 1) {
            throw SettingRange.outside("backlogThreshold", threshold, "1 ms or more");
        }
        backlogThreshold = threshold;
    }

    void setMaxRecordsPerSecond(long records) {
        if (records < 1) {
            throw SettingRange.outside("maxRecordsPerSecond", records, "1 or more");
        }
        recordsPerSecond = records;
    }

    void setMaxBytesPerSecond(MemorySize size) {
        if (size.getBytes() < 1) {
            throw SettingRange.outside("maxBytesPerSecond", size, "1 byte or more");
        }
        bytesPerSecond = size.getBytes();
    }

    void setDropDuplicates(boolean drop) {
        dropDuplicates = drop;
    }

    void setDropDuplicatesWindow(int maxRecords, Duration maxTime) {
        if (maxRecords < 1 || maxRecords > MAX_DROP_DUPLICATES_RECORDS) {
            throw SettingRange.outside(
                    "dropDuplicatesMaxRecords", maxRecords, "1 to " + MAX_DROP_DUPLICATES_RECORDS);
        }
        if (maxTime.compareTo(Duration.ofMillis(1)) < 0
                || maxTime.compareTo(MAX_DROP_DUPLICATES_TIME) > 0) {
            throw SettingRange.outside("dropDuplicatesMaxTime", maxTime, "1 ms to 7 days");
        }
        dropDuplicatesWindow = new SeenTags.Window(maxRecords, maxTime);
    }

    /** Refuses what makes no sense for a source that ends, or for one that does not. */
    void check(Boundedness boundedness) {
        if (elementLimit != null && boundedness != Boundedness.BOUNDED) {
            throw new IllegalArgumentException(
                    "setElementLimit needs setBounded: a source that never ends must not end for a limit.");
        }
    }

    /**
     * Whether a start that is far behind is a backlog to Flink, which a bounded source never has.
     */
    boolean watchBacklog(Boundedness boundedness) {
        return backlogThreshold != null && boundedness != Boundedness.BOUNDED;
    }

    /** The settings of the readers of a source with these bounds. */
    ReaderSettings settings(
            V3ioClientConfig client,
            Boundedness boundedness,
            OnDataLoss onDataLoss,
            OnDeletedStream onDeletedStream,
            OnDeserializationFailure onDeserializationFailure,
            @Nullable DeadLetterSettings deadLetters) {
        return new ReaderSettings(
                maxRecordsPerRequest,
                client.maxConnections(),
                readAhead,
                bufferSize.getBytes(),
                shortestIdlePause,
                longestIdlePause,
                onDataLoss,
                onDeletedStream,
                onDeserializationFailure,
                elementLimit,
                new RateLimit(recordsPerSecond, bytesPerSecond),
                watchBacklog(boundedness) ? backlogThreshold : null,
                dropDuplicates ? dropDuplicatesWindow : null,
                deadLetters);
    }
}
