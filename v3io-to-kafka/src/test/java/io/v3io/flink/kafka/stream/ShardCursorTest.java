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

package io.v3io.flink.kafka.stream;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class ShardCursorTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final StreamPath STREAM = StreamPath.parse("users/me/orders");

    @Test
    void anAnswerWithoutRecordsIsNotTheEndWhileSomeAreLeft() throws Exception {
        try (EmulatedStreams streams = PLATFORM.start()) {
            V3ioClient client = streams.client();
            client.createStream(STREAM, 1, 24).join();
            client.putRecords(STREAM, List.of(PutRecord.of(new byte[] {1}))).join();
            ShardId shard = STREAM.shard(0);
            Location oldest = client.seek(shard, SeekPosition.earliest()).join();
            streams.emulator()
                    .faults()
                    .add(
                            Fault.on(Operation.GET_RECORDS)
                                    .times(2)
                                    .respond(
                                            200,
                                            "application/json",
                                            "{\"NextLocation\":\""
                                                    + oldest.text()
                                                    + "\",\"MSecBehindLatest\":0,"
                                                    + "\"RecordsBehindLatest\":1,\"Records\":[]}"));
            ShardCursor cursor = ShardCursor.atOldest(client, shard);

            assertThat(cursor.next(10)).hasSize(1);
            assertThat(cursor.next(10)).isEmpty();
        }
    }
}
