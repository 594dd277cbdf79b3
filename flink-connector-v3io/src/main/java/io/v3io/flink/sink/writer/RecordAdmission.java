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

import io.v3io.flink.sink.state.RoutedRecord;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.connector.base.sink.writer.ElementConverter;

import javax.annotation.Nullable;

import java.io.IOException;

/**
 * Makes the record of an element. For an invalid one it does what the user chose. Mailbox thread
 * only.
 *
 * @param <IN> type of the elements
 */
@Internal
public final class RecordAdmission<IN> {

    private final ElementConverter<IN, RoutedRecord> converter;
    private final InvalidRecords invalidRecords;

    /**
     * Decides by what the user chose for records that can never be stored.
     *
     * @param converter is open
     */
    public RecordAdmission(
            ElementConverter<IN, RoutedRecord> converter, InvalidRecords invalidRecords) {
        this.converter = converter;
        this.invalidRecords = invalidRecords;
    }

    /**
     * The record to write for an element.
     *
     * @return null if it was invalid and nothing takes its place
     * @throws IOException if it is invalid and the job is to fail
     */
    @Nullable
    public RoutedRecord admit(IN element, SinkWriter.Context context) throws IOException {
        try {
            return converter.apply(element, context);
        } catch (InvalidRecordException e) {
            return invalidRecords.handle(e.invalid()).orElse(null);
        }
    }
}
