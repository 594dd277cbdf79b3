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

package io.v3io.flink.benchmarks.sink;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.client.wire.ApiRequests;
import io.v3io.flink.benchmarks.http.RawHttp;
import io.v3io.flink.benchmarks.measure.Pause;
import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.sink.V3ioSinkOptions;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Posts one ready-made body of 1,000 records again and again, as many at a time as the sink. */
final class RawPuts {

    private static final int RECORDS = 1_000;
    private static final Duration WARM_UP = Duration.ofMillis(700);
    private static final Duration ROUND = Duration.ofSeconds(2);

    private final ServerProcess server;
    private final byte[] body;

    RawPuts(ServerProcess server, SinkLoad load) {
        this.server = server;
        List<PutRecord> records = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            records.add(load.record(i));
        }
        this.body =
                ApiRequests.putRecords(StreamPath.parse("bench/sink"), records).body().toBytes();
    }

    double recordsPerSecond() throws InterruptedException {
        try (RawHttp http =
                new RawHttp(
                        server.port(),
                        "PutRecords",
                        "/bench/sink/",
                        body,
                        V3ioSinkOptions.REQUESTS_MAX_INFLIGHT.defaultValue())) {
            Pause.of(WARM_UP);
            long before = http.answers();
            long start = System.nanoTime();
            Pause.of(ROUND);
            return (http.answers() - before) * RECORDS * 1e9 / (System.nanoTime() - start);
        }
    }
}
