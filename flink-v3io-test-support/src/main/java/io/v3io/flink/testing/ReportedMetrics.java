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

package io.v3io.flink.testing;

import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.testutils.InMemoryReporter;

import java.util.List;
import java.util.Map;

/** What jobs on a MiniCluster tell Flink's metric reporter. */
public final class ReportedMetrics {

    private final InMemoryReporter reporter;

    public ReportedMetrics() {
        this(InMemoryReporter.create());
    }

    private ReportedMetrics(InMemoryReporter reporter) {
        this.reporter = reporter;
    }

    /** Remembers the metrics of attempts and jobs that have ended. */
    public static ReportedMetrics ofAllAttempts() {
        return new ReportedMetrics(InMemoryReporter.createWithRetainedMetrics());
    }

    /** Sum of a counter of this name over all jobs, attempts and subtasks that were reported. */
    public long sumOfAllAttempts(String name) {
        return reporter.getMetricsByGroup().values().stream()
                .flatMap(metrics -> metrics.entrySet().stream())
                .filter(metric -> metric.getKey().equals(name))
                .mapToLong(metric -> value(metric.getValue()))
                .sum();
    }

    /** The configuration of a cluster that reports to this. */
    public Configuration configuration() {
        return reporter.addToConfiguration(new Configuration());
    }

    /** Values of a metric in all subtasks; by the end of its identifier. */
    public List<Long> values(JobID job, String identifierEnd) {
        return reporter.getMetricsByIdentifiers(job).entrySet().stream()
                .filter(metric -> metric.getKey().endsWith("." + identifierEnd))
                .map(Map.Entry::getValue)
                .map(ReportedMetrics::value)
                .sorted()
                .toList();
    }

    /** Sum of a metric over all subtasks. */
    public long sum(JobID job, String identifierEnd) {
        return values(job, identifierEnd).stream().mapToLong(Long::longValue).sum();
    }

    private static long value(Metric metric) {
        if (metric instanceof Counter counter) {
            return counter.getCount();
        }
        return ((Number) ((Gauge<?>) metric).getValue()).longValue();
    }
}
