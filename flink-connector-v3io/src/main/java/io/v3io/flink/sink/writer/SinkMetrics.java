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

package io.v3io.flink.sink.writer;

import io.v3io.client.V3ioException;

import org.apache.flink.annotation.Internal;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.SinkCommitterMetricGroup;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.runtime.metrics.MetricNames;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The metrics of one writer or committer, beside those that Flink's base class keeps ({@code
 * numRecordsSend}, {@code numBytesSend}, {@code currentSendTime}; they count what was handed to the
 * first attempt). Full names: {@code <operator>.numRecordsSendErrors}, {@code
 * <operator>.v3io.recordsDropped} and so on. For the thread of a writer's mailbox or that of a
 * commit, but for what is sent, of which one thread at a time may tell.
 */
@Internal
public final class SinkMetrics {

    /** Group of all metrics that are not Flink's. */
    public static final String GROUP = "v3io";

    /** Requests sent again, each time counted. */
    static final String REQUEST_RETRIES = "requestRetries";

    /** Records sent again, each time counted. */
    static final String RECORD_RETRIES = "recordRetries";

    /** Records given up because they can never be stored. */
    static final String RECORDS_DROPPED = "recordsDropped";

    /** Records given to the handler of invalid records. */
    static final String RECORDS_HANDED_OVER = "recordsHandedOver";

    /**
     * Records that are stored after later ones of their key or shard, because they failed alone.
     */
    static final String ORDER_BROKEN = "orderBroken";

    /** Requests that may be under way together now; falls while the server throttles. */
    static final String IN_FLIGHT_LIMIT = "inFlightLimit";

    /** Records of the newest request, repetitions left out. */
    static final String LAST_REQUEST_RECORDS = "lastRequestRecords";

    /** Bytes of JSON of these. */
    static final String LAST_REQUEST_BYTES = "lastRequestBytes";

    /** Requests that wait for an answer or for their next attempt. */
    static final String REQUESTS_IN_FLIGHT = "requestsInFlight";

    /** Bytes of JSON of the records that are buffered or in flight. */
    static final String PENDING_BYTES = "pendingBytes";

    private final MetricGroup group;
    private final Counter sendErrors;
    private final Counter requestRetries;
    private final Counter recordRetries;
    private final Counter recordsDropped;
    private final Counter recordsHandedOver;
    private final Counter orderBroken;
    private final Map<SendFailure, Counter> retriesByFailure = new EnumMap<>(SendFailure.class);
    private volatile int lastRequestRecords;
    private volatile long lastRequestBytes;

    public SinkMetrics(SinkWriterMetricGroup metrics) {
        this(metrics, metrics.getNumRecordsSendErrorsCounter());
    }

    /** The metrics of a committer, which sends in a writer's place. */
    public SinkMetrics(SinkCommitterMetricGroup metrics) {
        this(metrics, metrics.counter(MetricNames.NUM_RECORDS_SEND_ERRORS));
    }

    private SinkMetrics(MetricGroup metrics, Counter sendErrors) {
        this.group = metrics.addGroup(GROUP);
        this.sendErrors = sendErrors;
        this.requestRetries = group.counter(REQUEST_RETRIES);
        this.recordRetries = group.counter(RECORD_RETRIES);
        this.recordsDropped = group.counter(RECORDS_DROPPED);
        this.recordsHandedOver = group.counter(RECORDS_HANDED_OVER);
        this.orderBroken = group.counter(ORDER_BROKEN);
        for (SendFailure failure : SendFailure.values()) {
            retriesByFailure.put(failure, group.counter(failure.metric()));
        }
        group.gauge(LAST_REQUEST_RECORDS, () -> lastRequestRecords);
        group.gauge(LAST_REQUEST_BYTES, () -> lastRequestBytes);
    }

    /** Registers the gauges, once their sources exist. */
    void registerGauges(
            LongSupplier requestsInFlight, LongSupplier inFlightLimit, LongSupplier pendingBytes) {
        group.gauge(REQUESTS_IN_FLIGHT, requestsInFlight::getAsLong);
        group.gauge(IN_FLIGHT_LIMIT, inFlightLimit::getAsLong);
        group.gauge(PENDING_BYTES, pendingBytes::getAsLong);
    }

    /** Records were not stored by an attempt, whether or not they will be sent again. */
    void sendFailed(int records) {
        sendErrors.inc(records);
    }

    /** A request is sent for the first time. */
    void requestSent(int records, long bytes) {
        lastRequestRecords = records;
        lastRequestBytes = bytes;
    }

    /** A request, or the failed records of it, will be sent again for this reason. */
    void willBeSentAgain(SendFailure failure) {
        retriesByFailure.get(failure).inc();
    }

    /** A request with this many records is sent again. */
    void sentAgain(int records) {
        requestRetries.inc();
        recordRetries.inc(records);
    }

    /** A record was given to the handler of invalid records. */
    void handedOver() {
        recordsHandedOver.inc();
    }

    /** A record was given up because it can never be stored. */
    void dropped() {
        recordsDropped.inc();
    }

    /** Records come after later ones of their key or shard from now on. */
    public void overtaken(int records) {
        orderBroken.inc(records);
    }

    /** Why something is sent again; a metric counts each. */
    public enum SendFailure {
        /**
         * The server says that it is asked for too much: 429, 503, or a record's error of that
         * name.
         */
        THROTTLED("retriesThrottled"),
        /** The server or a gateway does not serve for another reason: 408 and other 5xx. */
        UNAVAILABLE("retriesUnavailable"),
        /** No or no whole answer: refused, reset, timed out. */
        TRANSPORT("retriesTransport"),
        /** An answer that cannot be understood. */
        MALFORMED("retriesMalformed"),
        /** The server stored the others of the request. */
        PARTIAL("retriesPartial"),
        /**
         * The server refused a request of many records as a whole, so that halves of it are sent.
         */
        REFUSED("retriesRefused");

        private static final int TOO_MANY_REQUESTS = 429;
        private static final int SERVICE_UNAVAILABLE = 503;

        private final String metric;

        SendFailure(String metric) {
            this.metric = metric;
        }

        /** The name of the counter, in the sink's group. */
        public String metric() {
            return metric;
        }

        /** What a whole request's transient failure is. */
        static SendFailure of(V3ioException error) {
            int status = error.status().orElse(0);
            return switch (error.kind()) {
                case TRANSPORT -> TRANSPORT;
                case MALFORMED_RESPONSE -> MALFORMED;
                default ->
                        status == TOO_MANY_REQUESTS || status == SERVICE_UNAVAILABLE
                                ? THROTTLED
                                : UNAVAILABLE;
            };
        }
    }
}
