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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;

import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.ElementConverter;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;

/**
 * Decides about each element before the base class buffers it. The base class converts and buffers
 * in one step that can only succeed or fail the job; so this converts first, applies the policy for
 * invalid records, and then stands in as the base class's converter, handing over the record that
 * it holds. Mailbox thread only.
 *
 * @param <IN> type of the elements
 */
final class RecordAdmission<IN> implements ElementConverter<IN, PutRecord> {

    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(RecordAdmission.class);

    // Lives in one writer and is never serialized, although the interface would have it so.
    private final transient ElementConverter<IN, PutRecord> converter;
    private final transient StreamPath stream;
    private final transient InvalidRecordPolicy policy;
    private final transient SinkMetrics metrics;
    private final transient LogThrottle logThrottle;
    private transient PutRecord admitted;

    RecordAdmission(
            ElementConverter<IN, PutRecord> converter,
            StreamPath stream,
            InvalidRecordPolicy policy,
            SinkMetrics metrics,
            LogThrottle logThrottle) {
        this.converter = converter;
        this.stream = stream;
        this.policy = policy;
        this.metrics = metrics;
        this.logThrottle = logThrottle;
    }

    @Override
    public void open(WriterInitContext context) {
        converter.open(context);
    }

    /**
     * Converts an element and judges its record. If it is admitted, the next {@link #apply} returns
     * it.
     *
     * @return whether it is admitted; false if it was dropped
     * @throws IOException if it is invalid and the job is to fail
     */
    boolean admit(IN element, SinkWriter.Context context) throws IOException {
        try {
            admitted = converter.apply(element, context);
            return true;
        } catch (InvalidRecordException e) {
            if (policy == InvalidRecordPolicy.FAIL) {
                throw new IOException(
                        e.getMessage()
                                + " Shrink such records before the sink, or drop them with"
                                + " setInvalidRecordPolicy(InvalidRecordPolicy.DROP).",
                        e);
            }
            metrics.dropped();
            if (logThrottle.permit()) {
                LOG.warn(
                        "Dropped a record for stream {}: {} ({} such warnings held back.)",
                        stream,
                        e.getMessage(),
                        logThrottle.suppressed());
            }
            return false;
        }
    }

    /** The record that was admitted last. */
    PutRecord admitted() {
        return admitted;
    }

    @Override
    public PutRecord apply(IN element, SinkWriter.Context context) {
        PutRecord record = admitted;
        admitted = null;
        return record;
    }
}
