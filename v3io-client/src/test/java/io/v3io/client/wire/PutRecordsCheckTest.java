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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutRecordsSize;
import io.v3io.client.model.V3ioLimits;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class PutRecordsCheckTest {

    private static final PutRecord SMALL = PutRecord.of(new byte[] {1});

    @Test
    void takesOneToAThousandRecords() {
        assertThat(PutRecordsCheck.refuse(List.of(), V3ioLimits.MAX_DATA_BYTES))
                .contains("1 to 1000 records, not 0");
        assertThat(
                        PutRecordsCheck.refuse(
                                Collections.nCopies(1_000, SMALL), V3ioLimits.MAX_DATA_BYTES))
                .isNull();
        assertThat(
                        PutRecordsCheck.refuse(
                                Collections.nCopies(1_001, SMALL), V3ioLimits.MAX_DATA_BYTES))
                .contains("1 to 1000 records, not 1001");
    }

    @Test
    void takesDataUpToTheLimitAndNamesTheRecordOverIt() {
        assertThat(refuse(PutRecord.of(new byte[V3ioLimits.MAX_DATA_BYTES]))).isNull();
        assertThat(refuse(PutRecord.of(new byte[V3ioLimits.MAX_DATA_BYTES + 1])))
                .isEqualTo(
                        "Record 2 of 3 cannot be stored: its data has 1048577 bytes, the limit is"
                                + " 1048576 (maxRecordBytes).");
        assertThat(PutRecordsCheck.refuse(List.of(PutRecord.of(new byte[101])), 100))
                .isEqualTo(
                        "Record 0 of 1 cannot be stored: its data has 101 bytes, the limit is 100"
                                + " (maxRecordBytes).");
        assertThat(PutRecordsCheck.refuse(List.of(PutRecord.of(new byte[2_000_000])), 2_000_000))
                .isNull();
    }

    @Test
    void refusesARecordForWhatIsNotItsData() {
        assertThat(refuse(SMALL.withClientInfo(new byte[17])))
                .isEqualTo(
                        "Record 2 of 3 cannot be stored: its client info has 17 bytes, the limit is"
                                + " 16.");
    }

    @Test
    void takesABodyOfExactlyTheLimitAndNotOneByteMore() {
        List<PutRecord> records = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            records.add(PutRecord.of(new byte[900_000]));
        }
        long left =
                V3ioLimits.MAX_PUT_BODY_BYTES
                        - PutRecordsSize.ofRequest(records)
                        - PutRecordsSize.SEPARATOR_BYTES
                        - PutRecord.of(new byte[0]).withPartitionKey("").encodedSizeBytes();
        byte[] data = new byte[(int) (left / 4 * 3)];
        String key = "k".repeat((int) (left % 4));

        records.add(PutRecord.of(data).withPartitionKey(key));
        assertThat(PutRecordsSize.ofRequest(records)).isEqualTo(V3ioLimits.MAX_PUT_BODY_BYTES);
        assertThat(PutRecordsCheck.refuse(records, V3ioLimits.MAX_DATA_BYTES)).isNull();

        records.set(8, PutRecord.of(data).withPartitionKey(key + "k"));
        assertThat(PutRecordsCheck.refuse(records, V3ioLimits.MAX_DATA_BYTES))
                .contains("already take 10485761 bytes");
    }

    @Test
    void refusesABodyOverTheLimitAndSaysWhereItIsPassed() {
        List<PutRecord> records = Collections.nCopies(8, PutRecord.of(new byte[1_000_000]));
        assertThat(PutRecordsCheck.refuse(records, V3ioLimits.MAX_DATA_BYTES))
                .startsWith("Records 0 to 7 of 8 already take")
                .contains("at most 10485760");
    }

    @Test
    void refusesANullRecord() {
        assertThat(PutRecordsCheck.refuse(Arrays.asList(SMALL, null), V3ioLimits.MAX_DATA_BYTES))
                .isEqualTo("Record 1 of 2 is null.");
    }

    private static String refuse(PutRecord record) {
        return PutRecordsCheck.refuse(List.of(SMALL, SMALL, record), V3ioLimits.MAX_DATA_BYTES);
    }
}
