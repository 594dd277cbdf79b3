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

package io.v3io.flink.source.enumerator;

import io.v3io.flink.source.OnDeletedStream;
import io.v3io.flink.source.OnMissingStream;
import io.v3io.flink.source.OnUnsubscribedStream;
import io.v3io.flink.source.ShardAssigner;

import org.apache.flink.annotation.Internal;

import java.io.Serializable;
import java.time.Duration;

/**
 * What a source reads; checked by the builder.
 *
 * @param subscription the streams
 * @param readings where they start and stop, and which of their shards are read
 * @param discoveryInterval how often to look for added shards and streams; zero for never
 * @param onMissingStream what to do when a stream is not there at the start
 * @param onDeletedStream what to do when a stream is not there any more
 * @param onUnsubscribedStream what to do with streams of a checkpoint that are not subscribed
 * @param shardAssigner chooses readers
 * @param tellsBacklog whether readers tell when they are far behind, and Flink is told
 */
@Internal
public record EnumeratorSettings(
        StreamSubscription subscription,
        StreamReading.OfStreams readings,
        Duration discoveryInterval,
        OnMissingStream onMissingStream,
        OnDeletedStream onDeletedStream,
        OnUnsubscribedStream onUnsubscribedStream,
        ShardAssigner shardAssigner,
        boolean tellsBacklog)
        implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Whether the source ends by itself. */
    public boolean isBounded() {
        return readings.isBounded();
    }
}
