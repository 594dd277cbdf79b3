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

import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.ElementConverter;

import java.io.IOException;
import java.util.Optional;

/**
 * Decides about each element before the base class buffers it. The base class converts and buffers
 * in one step that can only succeed or fail the job; so this converts first, applies the policy for
 * invalid records, and then stands in as the base class's converter, handing over the record that
 * it holds. Mailbox thread only.
 *
 * @param <IN> type of the elements
 */
final class RecordAdmission<IN> implements ElementConverter<IN, RoutedRecord> {

    private static final long serialVersionUID = 1L;

    // Lives in one writer and is never serialized, although the interface would have it so.
    private final transient ElementConverter<IN, RoutedRecord> converter;
    private final transient InvalidRecords invalidRecords;
    private transient RoutedRecord admitted;

    RecordAdmission(ElementConverter<IN, RoutedRecord> converter, InvalidRecords invalidRecords) {
        this.converter = converter;
        this.invalidRecords = invalidRecords;
    }

    @Override
    public void open(WriterInitContext context) {
        converter.open(context);
    }

    /**
     * Converts an element and judges its record. If there is something to write, the next {@link
     * #apply} returns it.
     *
     * @return whether there is; false if the record was invalid and nothing takes its place
     * @throws IOException if it is invalid and the job is to fail
     */
    boolean admit(IN element, SinkWriter.Context context) throws IOException {
        try {
            admitted = converter.apply(element, context);
            return true;
        } catch (InvalidRecordException e) {
            Optional<RoutedRecord> substitute = invalidRecords.handle(e.invalid());
            substitute.ifPresent(record -> admitted = record);
            return substitute.isPresent();
        }
    }

    /** The record that was admitted last. */
    RoutedRecord admitted() {
        return admitted;
    }

    @Override
    public RoutedRecord apply(IN element, SinkWriter.Context context) {
        RoutedRecord record = admitted;
        admitted = null;
        return record;
    }
}
