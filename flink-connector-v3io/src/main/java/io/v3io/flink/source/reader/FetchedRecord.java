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

package io.v3io.flink.source.reader;

import io.v3io.client.model.Location;
import io.v3io.client.model.StreamRecord;

import org.apache.flink.annotation.Internal;

/**
 * A record on its way to the emitter, with the location that a checkpoint right after it must hold.
 * One object is used again for all records of a fetch: it is valid until the next one is taken.
 */
@Internal
public final class FetchedRecord {

    private StreamRecord record;
    private Location fetchedFrom;

    FetchedRecord set(StreamRecord record, Location fetchedFrom) {
        this.record = record;
        this.fetchedFrom = fetchedFrom;
        return this;
    }

    /** The record as received. */
    StreamRecord record() {
        return record;
    }

    /**
     * The location of the answer in which the record came: asked again, it finds the record after
     * this one.
     */
    Location fetchedFrom() {
        return fetchedFrom;
    }
}
