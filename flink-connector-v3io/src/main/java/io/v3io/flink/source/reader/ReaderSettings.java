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

package io.v3io.flink.source.reader;

import io.v3io.flink.deadletter.DeadLetterSettings;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.OnDeletedStream;
import io.v3io.flink.source.OnDeserializationFailure;
import io.v3io.flink.source.split.SeenTags;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.io.Serializable;
import java.time.Duration;

/**
 * How a reader reads; checked by the builder.
 *
 * @param maxRecordsPerRequest the limit of a GetRecords request, 1 or more
 * @param maxConcurrentRequests requests of one reader that are in flight together, 1 or more
 * @param readAhead requests of one shard that may be under way at a time; 1 for no reading ahead
 * @param bufferBytes budget for answers that are under way or not emitted yet
 * @param shortestIdlePause pause of a shard after it had nothing new
 * @param longestIdlePause to which that pause grows
 * @param onDataLoss what to do when records are gone
 * @param onDeletedStream what to do when a stream is not there any more
 * @param onDeserializationFailure what to do with a record that cannot be read
 * @param elementLimit elements after which the reader may end; null for none
 * @param rateLimit how much may be emitted in a second; of the job, or of one reader
 * @param backlogThreshold a shard that is further behind when it begins is a backlog; null for none
 * @param tagWindow of the tags by which copies are known and dropped; null if they are not
 * @param deadLetters where records go that cannot be read; null for nowhere
 */
@Internal
public record ReaderSettings(
        int maxRecordsPerRequest,
        int maxConcurrentRequests,
        int readAhead,
        long bufferBytes,
        Duration shortestIdlePause,
        Duration longestIdlePause,
        OnDataLoss onDataLoss,
        OnDeletedStream onDeletedStream,
        OnDeserializationFailure onDeserializationFailure,
        @Nullable Long elementLimit,
        RateLimit rateLimit,
        @Nullable Duration backlogThreshold,
        @Nullable SeenTags.Window tagWindow,
        @Nullable DeadLetterSettings deadLetters)
        implements Serializable {

    private static final long serialVersionUID = 1L;

    /** The settings of one of so many readers. */
    public ReaderSettings ofOneReader(int readers) {
        return new ReaderSettings(
                maxRecordsPerRequest,
                maxConcurrentRequests,
                readAhead,
                bufferBytes,
                shortestIdlePause,
                longestIdlePause,
                onDataLoss,
                onDeletedStream,
                onDeserializationFailure,
                elementLimit,
                rateLimit.share(readers),
                backlogThreshold,
                tagWindow,
                deadLetters);
    }
}
