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

package io.v3io.flink.table;

import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.types.Row;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;

/** What a statement must be able to rely on, on every platform that the evidence allows. */
@Timeout(120)
class V3ioTableDialectITCase {

    private static final String STREAM = "users/me/orders";
    private static final String COLUMNS =
            "orders (k STRING METADATA FROM 'partition-key', a INT,"
                    + " shard INT METADATA FROM 'shard-id' VIRTUAL,"
                    + " seq BIGINT METADATA FROM 'sequence-number' VIRTUAL,"
                    + " arrival TIMESTAMP_LTZ(9) METADATA FROM 'arrival-time' VIRTUAL)";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private EmulatedStreams streams;

    @ParameterizedTest
    @MethodSource("io.v3io.flink.testing.TestedDialects#all")
    void whatIsInsertedIsSelectedWithAndWithoutFilters(Dialect dialect) throws Exception {
        streams = PLATFORM.start(e -> e.dialect(dialect));
        StreamPath orders = streams.create(STREAM, 4);
        SqlSession session = SqlSession.batch();
        session.createTable(
                COLUMNS,
                streams.endpoint(),
                STREAM,
                "scan.bounded.mode",
                "latest",
                "scan.consumer-group",
                "group_1");
        session.run(
                "INSERT INTO orders VALUES ('a', 1), ('b', 2), ('c', 3), ('d', 4), ('e', 5),"
                        + " ('f', 6), (CAST(NULL AS STRING), 7)");

        Set<String> stored = new HashSet<>();
        for (int shard = 0; shard < 4; shard++) {
            for (StoredRecord record :
                    streams.emulator().stream(orders.toString()).records(shard)) {
                stored.add(record.partitionKey() + " " + shard + " " + record.sequenceNumber());
            }
        }
        List<Row> all = session.rows("SELECT k, shard, seq FROM orders");
        assertThat(all).extracting(V3ioTableDialectITCase::text).containsAll(stored);
        assertThat(all).hasSameSizeAs(stored);
        assertThat(session.rows("SELECT DISTINCT a FROM orders")).hasSize(7);

        int shard = (int) all.get(0).getField(1);
        assertThat(session.rows("SELECT k, shard, seq FROM orders WHERE shard = " + shard))
                .isEqualTo(all.stream().filter(row -> row.getField(1).equals(shard)).toList());
        assertThat(
                        session.rows(
                                "SELECT a FROM orders WHERE arrival > TIMESTAMP '2020-01-01 00:00:00'"))
                .hasSameSizeAs(all);
        assertThat(
                        session.rows(
                                "SELECT a FROM orders WHERE arrival > TIMESTAMP '2100-01-01 00:00:00'"))
                .isEmpty();
    }

    private static String text(Row row) {
        return row.getField(0) + " " + row.getField(1) + " " + row.getField(2);
    }
}
