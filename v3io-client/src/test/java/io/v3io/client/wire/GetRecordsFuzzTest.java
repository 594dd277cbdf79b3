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

/**
 * Looks for a body that the decoder reads otherwise than the JSON parser, guided by which branches
 * a body reaches: for a wrong record, another complaint, or an exception that is not ours.
 *
 * <p>The build begins with the bodies that were found worth keeping, which are in the resources,
 * and then searches for some seconds, in a JVM of its own. To search longer, with the test class
 * path of this module:
 *
 * <pre>{@code
 * java -cp ... com.code_intelligence.jazzer.Jazzer -runs=10000000 -max_total_time=7200 \
 *     --target_class=io.v3io.client.wire.GetRecordsFuzzTest <new corpus> <kept corpus>
 * }</pre>
 *
 * <p>With {@code -set_cover_merge=1} instead of the first two arguments, and that command as {@code
 * jazzer} on the path, the new corpus gets only those inputs that cover something of their own.
 */
@Tag("slow")
class GetRecordsFuzzTest {

    @FuzzTest(maxDuration = "10s")
    @DictionaryEntries({
        "\"NextLocation\":\"A\"",
        "\"MSecBehindLatest\":0",
        "\"RecordsBehindLatest\":0",
        "\"Records\":[",
        "\"ArrivalTimeSec\":1",
        "\"ArrivalTimeNSec\":2",
        "\"SequenceNumber\":3",
        "\"ClientInfo\":\"AQ==\"",
        "\"PartitionKey\":\"key\"",
        "\"Data\":\"d29sZg==\"",
        "\"New\":",
        "null",
        "true",
        "false",
        "9223372036854775807",
        "-1",
        "1.5e3",
        "\\u0041",
        "\\\"",
        "\\/",
        "====",
        "},{",
        "]}",
        "\u00ef\u00bb\u00bf"
    })
    void readsWhatTheParserReads(byte[] body) {
        DecoderDifference.check(body);
    }
}
