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

package io.v3io.flink.source.metrics;

import io.v3io.client.ClientMetrics;

import org.apache.flink.annotation.Internal;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;

import javax.annotation.concurrent.GuardedBy;

import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.LongSupplier;

/**
 * What an enumerator tells about itself. When a job restarts, a new enumerator gets the same group
 * of Flink's and cannot register anything in it again, so one object lives for the group and goes
 * on with the new enumerator. Thread-safe.
 */
@Internal
public final class V3ioEnumeratorMetrics {

    public static final String REQUESTS = V3ioSourceReaderMetrics.REQUESTS;
    public static final String RETRIES = V3ioSourceReaderMetrics.RETRIES;
    public static final String FAILED_LOOKS = "failedLooks";
    public static final String ENDED_STREAMS = "endedStreams";
    public static final String DROPPED_STREAMS = "droppedStreams";

    private static final Map<MetricGroup, V3ioEnumeratorMetrics> BY_GROUP = new WeakHashMap<>();

    private final Counter failedLooks = new ThreadSafeSimpleCounter();
    private final Counter endedStreams = new ThreadSafeSimpleCounter();
    private final Counter droppedStreams = new ThreadSafeSimpleCounter();

    @GuardedBy("this")
    private LongSupplier unassigned = () -> 0;

    @GuardedBy("this")
    private ClientMetrics client;

    /** Requests of the clients before the present one. */
    @GuardedBy("this")
    private long earlierRequests;

    @GuardedBy("this")
    private long earlierRetries;

    /**
     * The metrics of an enumerator that starts.
     *
     * @param flinks Flink's group
     * @param client of the enumerator
     * @param unassigned number of splits without a reader; called by any thread
     */
    public static V3ioEnumeratorMetrics of(
            SplitEnumeratorMetricGroup flinks, ClientMetrics client, LongSupplier unassigned) {
        MetricGroup group = flinks.addGroup(V3ioSourceReaderMetrics.GROUP);
        V3ioEnumeratorMetrics metrics;
        synchronized (BY_GROUP) {
            metrics = BY_GROUP.get(group);
            if (metrics == null) {
                metrics = new V3ioEnumeratorMetrics(flinks, group, client);
                BY_GROUP.put(group, metrics);
            }
        }
        metrics.goOnWith(client, unassigned);
        return metrics;
    }

    private V3ioEnumeratorMetrics(
            SplitEnumeratorMetricGroup flinks, MetricGroup group, ClientMetrics client) {
        this.client = client;
        flinks.setUnassignedSplitsGauge(this::unassignedSplits);
        group.gauge(REQUESTS, this::requests);
        group.gauge(RETRIES, this::retries);
        group.counter(FAILED_LOOKS, failedLooks);
        group.counter(ENDED_STREAMS, endedStreams);
        group.counter(DROPPED_STREAMS, droppedStreams);
    }

    private synchronized void goOnWith(ClientMetrics next, LongSupplier nextUnassigned) {
        if (next != client) {
            earlierRequests += client.requests();
            earlierRetries += client.retries();
            client = next;
        }
        unassigned = nextUnassigned;
    }

    private synchronized long unassignedSplits() {
        return unassigned.getAsLong();
    }

    private synchronized long requests() {
        return earlierRequests + client.requests();
    }

    private synchronized long retries() {
        return earlierRetries + client.retries();
    }

    /** A look for shards has failed after all repetitions and is made again later. */
    public void lookFailed() {
        failedLooks.inc();
    }

    /** A stream was deleted and is not read any more, as chosen. */
    public void streamEnded() {
        endedStreams.inc();
    }

    /** Streams of the checkpoint are not read on, as chosen. */
    public void streamsDropped(int streams) {
        droppedStreams.inc(streams);
    }
}
