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

import io.v3io.client.model.PutRecord;
import io.v3io.flink.sink.InvalidRecord;

/** A record can never be stored; the message says why. */
final class InvalidRecordException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient InvalidRecord invalid;

    InvalidRecordException(String stream, PutRecord record, String message) {
        super(message);
        this.invalid = new InvalidRecord(stream, record, message);
    }

    InvalidRecord invalid() {
        return invalid;
    }
}
