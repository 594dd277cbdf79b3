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
import io.v3io.client.model.PutResult;

import java.util.List;

/**
 * Makes the results of a PutRecords body. Results that do not match the records one by one are
 * refused: whoever believed them would lose records or store them twice.
 *
 * <p>An ordered sink sends many small requests, so an answer that says of every record that it is
 * stored, as usual, is read by the shortest way; of any other, and of a broken one, the parser
 * makes what is to be made.
 */
@Internal
public final class PutRecordsDecoder implements AnswerDecoder<List<PutResult>> {

    private final int recordCount;
    private final ServerWords words;

    /** A decoder for the answer to a request with so many records. */
    public PutRecordsDecoder(int recordCount, ServerWords words) {
        this.recordCount = recordCount;
        this.words = words;
    }

    @Override
    public List<PutResult> decode(byte[] body, int length) throws MalformedAnswerException {
        List<PutResult> results = new PutRecordsScanner(recordCount, body, length).scan();
        return results != null
                ? results
                : new PutRecordsParser(recordCount, words).decode(body, length);
    }
}
