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

import org.apache.flink.annotation.PublicEvolving;

/**
 * A record that no repetition can ever store, as an {@link InvalidRecordHandler} sees it.
 *
 * @param stream where it was to go: {@code container/path}, or what the stream selector returned
 * @param record data, key, shard and client info, as far as they could be determined
 * @param reason what is wrong with it, for people; names sizes and shards, never data or keys
 */
@PublicEvolving
public record InvalidRecord(String stream, PutRecord record, String reason) {

    /** Without the stream, which a selector may have made of data; the reason names a known one. */
    @Override
    public String toString() {
        return "InvalidRecord{record=" + record + ", reason=" + reason + "}";
    }
}
