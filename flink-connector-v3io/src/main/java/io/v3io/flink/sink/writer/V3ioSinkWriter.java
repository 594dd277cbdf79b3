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

import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.RoutedRecord;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * The writer of one subtask: makes a record of each element, and hands it to the {@link
 * RequestBuffer}. Mailbox thread only.
 *
 * @param <IN> type of the elements
 */
@Internal
public final class V3ioSinkWriter<IN>
        implements StatefulSinkWriter<IN, BufferedRequestState<RoutedRecord>>,
                CommittingSinkWriter<IN, Epoch> {

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    private final ElementConverter<IN, RoutedRecord> converter;
    private final InvalidRecords invalidRecords;
    private final RequestBuffer buffer;

    private V3ioSinkWriter(
            ElementConverter<IN, RoutedRecord> converter,
            InvalidRecords invalidRecords,
            RequestBuffer buffer) {
        this.converter = converter;
        this.invalidRecords = invalidRecords;
        this.buffer = buffer;
    }

    /**
     * A writer that goes on with the buffered records of earlier ones; none at the first start.
     *
     * @throws IOException if one of these records is over a limit by now, and the job is to fail
     */
    public static <IN> V3ioSinkWriter<IN> create(
            SinkSettings settings,
            ElementConverter<IN, RoutedRecord> converter,
            WriterInitContext context,
            Collection<BufferedRequestState<RoutedRecord>> restored)
            throws IOException {
        SinkMetrics metrics = new SinkMetrics(context.metricGroup());
        InvalidRecords invalidRecords =
                new InvalidRecords(
                        settings.invalidRecords(),
                        settings.recordLimits(),
                        metrics,
                        new LogThrottle(LOG_INTERVAL, System::nanoTime));
        converter.open(context);
        RequestBuffer buffer =
                RequestBuffer.create(settings, context, invalidRecords, metrics, restored);
        return new V3ioSinkWriter<>(converter, invalidRecords, buffer);
    }

    @Override
    public void write(IN element, Context context) throws IOException, InterruptedException {
        buffer.awaitRoom();
        RoutedRecord record = invalidRecords.admit(converter, element, context);
        if (record != null) {
            buffer.write(record, context);
        }
    }

    @Override
    public void flush(boolean endOfInput) throws InterruptedException {
        buffer.flush(endOfInput);
    }

    /** What is written is stored, or in the state; nothing waits for a commit. */
    @Override
    public Collection<Epoch> prepareCommit() {
        return List.of();
    }

    @Override
    public List<BufferedRequestState<RoutedRecord>> snapshotState(long checkpointId) {
        return buffer.snapshotState(checkpointId);
    }

    @Override
    public void close() {
        buffer.close();
    }
}
