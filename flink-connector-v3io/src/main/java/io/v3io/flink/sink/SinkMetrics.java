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
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;

import java.util.function.LongSupplier;

/**
 * The metrics of one writer, beside those that Flink's base class keeps ({@code numRecordsSend},
 * {@code numBytesSend}, {@code currentSendTime}; they count what was handed to the first attempt).
 * Full names: {@code <operator>.numRecordsSendErrors}, {@code <operator>.v3io.recordsDropped} and
 * so on. Mailbox thread only.
 */
final class SinkMetrics {

    /** Group of all metrics that are not Flink's. */
    static final String GROUP = "v3io";

    /** Requests sent again, each time counted. */
    static final String REQUEST_RETRIES = "requestRetries";

    /** Records sent again, each time counted. */
    static final String RECORD_RETRIES = "recordRetries";

    /** Records given up because they break a limit. */
    static final String RECORDS_DROPPED = "recordsDropped";

    /** Requests that wait for an answer or for their next attempt. */
    static final String REQUESTS_IN_FLIGHT = "requestsInFlight";

    /** Bytes of JSON of the records that are buffered or in flight. */
    static final String PENDING_BYTES = "pendingBytes";

    private final Counter sendErrors;
    private final Counter requestRetries;
    private final Counter recordRetries;
    private final Counter recordsDropped;

    SinkMetrics(SinkWriterMetricGroup metrics) {
        MetricGroup group = metrics.addGroup(GROUP);
        this.sendErrors = metrics.getNumRecordsSendErrorsCounter();
        this.requestRetries = group.counter(REQUEST_RETRIES);
        this.recordRetries = group.counter(RECORD_RETRIES);
        this.recordsDropped = group.counter(RECORDS_DROPPED);
    }

    /** Registers the gauges, once their sources exist. */
    static void registerGauges(
            SinkWriterMetricGroup metrics,
            LongSupplier requestsInFlight,
            LongSupplier pendingBytes) {
        MetricGroup group = metrics.addGroup(GROUP);
        group.gauge(REQUESTS_IN_FLIGHT, requestsInFlight::getAsLong);
        group.gauge(PENDING_BYTES, pendingBytes::getAsLong);
    }

    /** Records were not stored by an attempt, whether or not they will be sent again. */
    void sendFailed(int records) {
        sendErrors.inc(records);
    }

    /** A request with this many records is sent again. */
    void sentAgain(int records) {
        requestRetries.inc();
        recordRetries.inc(records);
    }

    /** A record was given up because it breaks a limit. */
    void dropped() {
        recordsDropped.inc();
    }
}
