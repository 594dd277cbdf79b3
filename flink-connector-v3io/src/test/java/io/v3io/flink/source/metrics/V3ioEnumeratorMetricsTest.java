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

import io.v3io.flink.testing.CountedRequests;

import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSplitEnumeratorMetricGroup;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class V3ioEnumeratorMetricsTest {

    /** A job that restarts makes a new enumerator with the same group of Flink's. */
    @Test
    void countsGoOnWhenTheJobRestarts() {
        MetricListener flink = new MetricListener();
        V3ioEnumeratorMetrics first =
                V3ioEnumeratorMetrics.of(group(flink), new CountedRequests(10, 3), () -> 4);
        first.lookFailed();
        assertThat(gauge(flink, "enumerator.v3io.requests")).isEqualTo(10L);
        assertThat(gauge(flink, "enumerator.v3io.retries")).isEqualTo(3L);
        assertThat(gauge(flink, "enumerator.unassignedSplits")).isEqualTo(4L);

        V3ioEnumeratorMetrics second =
                V3ioEnumeratorMetrics.of(group(flink), new CountedRequests(5, 1), () -> 0);
        second.lookFailed();
        second.streamsDropped(2);

        assertThat(gauge(flink, "enumerator.v3io.requests")).isEqualTo(15L);
        assertThat(gauge(flink, "enumerator.v3io.retries")).isEqualTo(4L);
        assertThat(gauge(flink, "enumerator.unassignedSplits")).isEqualTo(0L);
        assertThat(flink.getCounter("enumerator", "v3io", "failedLooks").get().getCount())
                .isEqualTo(2);
        assertThat(flink.getCounter("enumerator", "v3io", "droppedStreams").get().getCount())
                .isEqualTo(2);
    }

    private static InternalSplitEnumeratorMetricGroup group(MetricListener flink) {
        return new InternalSplitEnumeratorMetricGroup(flink.getMetricGroup());
    }

    private static Object gauge(MetricListener flink, String name) {
        Gauge<Object> gauge = flink.getGauge(name.split("\\.")).get();
        return gauge.getValue();
    }
}
