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

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.OperatorIOMetricGroup;
import org.apache.flink.metrics.groups.SinkCommitterMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

import java.util.HashMap;
import java.util.Map;

/** Keeps the counters and gauges of a committer by their full names. */
final class CommitterMetrics extends UnregisteredMetricsGroup implements SinkCommitterMetricGroup {

    private final String prefix;
    private final Map<String, Counter> counters;
    private final Map<String, Gauge<?>> gauges;

    CommitterMetrics() {
        this("", new HashMap<>(), new HashMap<>());
    }

    private CommitterMetrics(
            String prefix, Map<String, Counter> counters, Map<String, Gauge<?>> gauges) {
        this.prefix = prefix;
        this.counters = counters;
        this.gauges = gauges;
    }

    long count(String name) {
        Counter counter = counters.get(name);
        return counter == null ? 0 : counter.getCount();
    }

    /** Of the committer that was created last. */
    Object gauge(String name) {
        return gauges.get(name).getValue();
    }

    @Override
    public MetricGroup addGroup(String name) {
        return new CommitterMetrics(prefix + name + ".", counters, gauges);
    }

    @Override
    public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
        gauges.put(prefix + name, gauge);
        return gauge;
    }

    @Override
    public Counter counter(String name) {
        return counters.computeIfAbsent(prefix + name, ignored -> new SimpleCounter());
    }

    @Override
    public OperatorIOMetricGroup getIOMetricGroup() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Counter getNumCommittablesTotalCounter() {
        return counter("totalCommittables");
    }

    @Override
    public Counter getNumCommittablesFailureCounter() {
        return counter("failedCommittables");
    }

    @Override
    public Counter getNumCommittablesRetryCounter() {
        return counter("retriedCommittables");
    }

    @Override
    public Counter getNumCommittablesSuccessCounter() {
        return counter("successfulCommittables");
    }

    @Override
    public Counter getNumCommittablesAlreadyCommittedCounter() {
        return counter("alreadyCommittedCommittables");
    }

    @Override
    public void setCurrentPendingCommittablesGauge(Gauge<Integer> gauge) {
        gauge("pendingCommittables", gauge);
    }
}
