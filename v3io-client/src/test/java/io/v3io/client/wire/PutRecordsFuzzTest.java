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

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Tag;

/** As {@link GetRecordsFuzzTest}, for answers to PutRecords with two records. */
@Tag("slow")
class PutRecordsFuzzTest {

    @FuzzTest(maxDuration = "4s")
    @DictionaryEntries({
        "\"FailedRecordCount\":0",
        "\"FailedRecordCount\":1",
        "\"Records\":[",
        "\"SequenceNumber\":3",
        "\"ShardId\":0",
        "\"ErrorCode\":-1",
        "\"ErrorMessage\":\"x\"",
        "null",
        "2147483648",
        "9223372036854775807",
        "-1",
        "1.5e3",
        "\\u0041",
        "},{",
        "]}"
    })
    void readsWhatTheParserReads(byte[] body) {
        DecoderDifference.checkResults(2, body);
    }
}
