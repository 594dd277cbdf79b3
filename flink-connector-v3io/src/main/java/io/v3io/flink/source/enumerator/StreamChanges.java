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

import io.v3io.client.V3ioException;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.source.OnDeletedStream;
import io.v3io.flink.source.OnMissingStream;
import io.v3io.flink.source.V3ioSourceOptions;
import io.v3io.flink.source.enumerator.StreamDiscovery.DiscoveredStreams;
import io.v3io.flink.source.metrics.V3ioEnumeratorMetrics;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns what a look at the platform has found into splits: streams that are new or have grown.
 * Streams that are missing or were deleted fail the job, are waited for or end, as chosen.
 *
 * <p>All methods are called by the coordinator thread.
 */
@Internal
final class StreamChanges {

    private static final Logger LOG = LoggerFactory.getLogger(StreamChanges.class);

    private final EnumeratorSettings settings;
    private final ShardTracker tracker;
    private final SplitAssignments assignments;
    private final V3ioEnumeratorMetrics metrics;

    /**
     * Changes of no stream yet.
     *
     * @param settings what to read, and what to do about missing and deleted streams
     * @param tracker knows the streams and shards that have splits
     * @param assignments takes new splits, and forgets those of deleted streams
     * @param metrics counts streams that end
     */
    StreamChanges(
            EnumeratorSettings settings,
            ShardTracker tracker,
            SplitAssignments assignments,
            V3ioEnumeratorMetrics metrics) {
        this.settings = settings;
        this.tracker = tracker;
        this.assignments = assignments;
        this.metrics = metrics;
    }

    /**
     * Ends the streams of which the platform says that they do not exist any more.
     *
     * @return the failures that mean something else, by stream
     * @throws FlinkRuntimeException if a deleted stream is to fail the job
     */
    Map<StreamPath, Exception> endDeleted(Map<StreamPath, Exception> failures) {
        Map<StreamPath, Exception> others = new LinkedHashMap<>();
        failures.forEach(
                (stream, failure) -> {
                    if (failure instanceof V3ioException error && isDeleted(stream, error.kind())) {
                        onDeleted(stream, error);
                    } else {
                        others.put(stream, failure);
                    }
                });
        return others;
    }

    /** Where something is put under its path after a stream was deleted, a directory is left. */
    private boolean isDeleted(StreamPath stream, V3ioException.Kind kind) {
        return kind == V3ioException.Kind.NOT_FOUND
                || (kind == V3ioException.Kind.NOT_A_STREAM && tracker.isResolved(stream));
    }

    private void onDeleted(StreamPath stream, V3ioException error) {
        if (settings.onDeletedStream() == OnDeletedStream.FAIL) {
            throw new FlinkRuntimeException(
                    "Stream "
                            + stream
                            + " does not exist any more: it was deleted under the running job. To go on with the other"
                            + " streams, use "
                            + SettingNames.of(
                                    V3ioSourceOptions.ON_DELETED_STREAM, OnDeletedStream.END)
                            + " and start the job from its state. To read a new stream of this name, create it"
                            + " and start the job without its state.",
                    error);
        }
        LOG.warn(
                "Stream {} was deleted; it is not read any more, as chosen with {}.",
                stream,
                SettingNames.of(V3ioSourceOptions.ON_DELETED_STREAM, OnDeletedStream.END));
        metrics.streamEnded();
        tracker.end(stream);
        assignments.dropUnless(other -> !other.equals(stream));
    }

    /**
     * Makes splits of new streams and added shards.
     *
     * @throws FlinkRuntimeException if a missing stream is to fail the job
     */
    void take(DiscoveredStreams discovered) {
        discovered.missing().forEach(this::onMissing);
        for (StreamShards found : discovered.streams()) {
            if (tracker.isResolved(found.stream())) {
                takeGrowth(found);
            } else {
                takeNewStream(found);
            }
        }
        if (settings.subscription() instanceof StreamSubscription.Matching pattern) {
            if (tracker.isNothingKnown()) {
                onMissing(pattern, discovered.missingDirectory());
            }
            tracker.searched(pattern.toString());
        }
    }

    /** The platform's answer tells whether it is the stream that is not there, or its container. */
    private void onMissing(Object stream, @Nullable V3ioException answer) {
        if (settings.onMissingStream() == OnMissingStream.FAIL) {
            throw new FlinkRuntimeException(
                    "There is no stream "
                            + stream
                            + ". Create it, correct its path, or wait until it is there with "
                            + SettingNames.of(
                                    V3ioSourceOptions.ON_MISSING_STREAM, OnMissingStream.WAIT)
                            + "."
                            + (answer == null ? "" : " The platform says: " + answer.getMessage()),
                    answer);
        }
        if (!(stream instanceof StreamPath path) || tracker.await(path)) {
            LOG.info(
                    "There is no stream {} yet; waiting for it, as chosen. The platform says: {}",
                    stream,
                    answer == null ? "no stream matches" : answer.getMessage());
        }
    }

    private void takeNewStream(StreamShards found) {
        boolean createdAfterStart =
                tracker.isAwaited(found.stream())
                        || tracker.hasSearched(settings.subscription().toString());
        List<V3ioShardSplit> splits = factory(found).firstSplits(found, createdAfterStart);
        LOG.info(
                "Stream {} has {} shards, {} of them have something to read.",
                found.stream(),
                found.shardCount(),
                splits.size());
        tracker.know(found.stream(), found.shardCount());
        assignments.add(splits);
    }

    private SplitFactory factory(StreamShards found) {
        return new SplitFactory(settings.readings().of(found.stream()));
    }

    private void takeGrowth(StreamShards found) {
        int known = tracker.knownShardCount(found.stream());
        List<V3ioShardSplit> added = factory(found).addedSplits(found, known);
        if (found.shardCount() > known) {
            LOG.info(
                    "Stream {} has grown from {} to {} shards.",
                    found.stream(),
                    known,
                    found.shardCount());
            tracker.know(found.stream(), found.shardCount());
            assignments.add(added);
        }
    }
}
