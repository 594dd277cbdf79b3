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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.eventtime.WatermarkAlignmentParams;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.types.Row;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** {@code SOURCE_WATERMARK()}: watermarks of arrival times, for each shard. */
@Timeout(180)
class SourceWatermarkITCase {

    private static final String STREAM = "users/me/events";
    private static final String COLUMNS =
            "t (a INT, arrival TIMESTAMP_LTZ(3) METADATA FROM 'arrival-time' VIRTUAL,"
                    + " WATERMARK FOR arrival AS SOURCE_WATERMARK())";
    private static final String WINDOWS =
            "SELECT COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(arrival), INTERVAL '50' SECOND)"
                    + " GROUP BY window_start, window_end";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final Instant start = Instant.parse("2026-11-30T00:00:00Z");
    private final ArrivalClock clock = new ArrivalClock(start);
    private EmulatedStreams streams;
    private StreamPath events;

    @BeforeEach
    void start() {
        streams = PLATFORM.start(e -> e.clock(clock));
        events = streams.create(STREAM, 4);
    }

    @AfterEach
    void stop() {
        streams.close();
    }

    private void put(int shard, int second) {
        clock.set(start.plusSeconds(second));
        streams.putAll(
                events, List.of(PutRecord.of("{\"a\": 1}".getBytes(UTF_8)).withShardId(shard)));
    }

    private SqlSession session(String... options) {
        SqlSession session =
                SqlSession.streaming()
                        .set("parallelism.default", "1")
                        .set("pipeline.auto-watermark-interval", "1 ms");
        session.createTable(COLUMNS, streams.endpoint(), STREAM, options);
        return session;
    }

    /** Shard 0 is read to its end long before shard 1, whose records must not be late then. */
    @Test
    void watermarksAreMadeForEachShard() throws Exception {
        put(0, 100);
        put(0, 199);
        for (int second = 0; second < 100; second++) {
            put(1, second);
        }
        SqlSession session =
                session(
                        "scan.fetch.max-records",
                        "1",
                        "scan.bounded.mode",
                        "latest",
                        "scan.rate-limit.records-per-second",
                        "100");

        assertThat(session.explain(WINDOWS)).contains("watermark=[SOURCE_WATERMARK()]");
        assertThat(session.rows(WINDOWS))
                .containsExactlyInAnyOrder(Row.of(50L), Row.of(50L), Row.of(1L), Row.of(1L));
    }

    /** The scan has no end, so that only a watermark can end the window. */
    @ParameterizedTest
    @ValueSource(strings = {"scan.watermark.idle-timeout", "table.exec.source.idle-timeout"})
    void shardsWithoutRecordsAreIdle(String option) throws Exception {
        put(0, 1);
        put(0, 100);
        boolean isOfTable = option.startsWith("scan.");
        SqlSession session = isOfTable ? session(option, "100 ms") : session();
        if (!isOfTable) {
            session.set(option, "100 ms");
        }

        assertThat(session.firstRows(WINDOWS, 1)).containsExactly(Row.of(1L));
    }

    /** The job ends, and Flink gets what the options say; what it does then is Flink's. */
    @Test
    void alignmentIsHandedOverToFlink() throws Exception {
        for (int second = 0; second < 20; second++) {
            put(0, second);
            put(1, second);
        }
        String[] all = {
            "scan.bounded.mode", "latest",
            "scan.watermark.alignment.group", "g",
            "scan.watermark.alignment.max-drift", "1 min",
            "scan.watermark.alignment.update-interval", "50 ms"
        };

        assertThat(session(all).rows(WINDOWS)).containsExactly(Row.of(40L));
        Map<String, String> options = new HashMap<>(Map.of("stream", STREAM));
        for (int i = 0; i < all.length; i += 2) {
            options.put(all[i], all[i + 1]);
        }
        WatermarkAlignmentParams parameters =
                new ScanSettings(Configuration.fromMap(options), new Configuration())
                        .arrivalWatermarks()
                        .getAlignmentParameters();
        assertThat(parameters.getWatermarkGroup()).isEqualTo("g");
        assertThat(parameters.getMaxAllowedWatermarkDrift()).isEqualTo(60_000);
        assertThat(parameters.getUpdateInterval()).isEqualTo(50);
    }

    @Test
    void whatHasNoEffectIsRefused() {
        SqlSession session = session("scan.watermark.emit.strategy", "on-event");

        assertThatThrownBy(() -> session.explain(WINDOWS))
                .hasStackTraceContaining(
                        "Option 'scan.watermark.emit.strategy' = 'on-event' has no effect with"
                                + " SOURCE_WATERMARK()");
    }
}
