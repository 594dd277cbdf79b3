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

package io.v3io.client.wire;

import io.v3io.client.annotation.Internal;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.ShardId;

/**
 * Makes records of a GetRecords body. Decoding is most of what reading a stream costs, so a body is
 * first read as servers usually write it, which is several times faster than a general parser; if
 * it is written in any other way, or is broken, the parser reads it from the start. So the result
 * is always the parser's, and all errors are worded by it.
 */
@Internal
public final class GetRecordsDecoder implements AnswerDecoder<RecordBatch> {

    private final ShardId shard;

    /** A decoder for answers of this shard. */
    public GetRecordsDecoder(ShardId shard) {
        this.shard = shard;
    }

    @Override
    public RecordBatch decode(byte[] body, int length) throws MalformedAnswerException {
        RecordBatch batch = new GetRecordsScanner(shard, body, length).scan();
        return batch != null ? batch : new GetRecordsParser(shard).decode(body, length);
    }
}
