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

package io.v3io.client.http;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Measures how fast one client turns GetRecords answers into records: 1 KB records, 1,000 a
 * request, 8 requests in flight, for some seconds.
 *
 * <p>Without an argument the answers come from a server in this process that writes the same bytes
 * again and again; with an endpoint (and {@code V3IO_ACCESS_KEY}) from there, of a stream that it
 * creates. Run it with the test class path of this module.
 */
public final class GetRecordsThroughput {

    private static final StreamPath STREAM = StreamPath.parse("users/throughput");
    private static final int SHARDS = 8;
    private static final int RECORDS = 1_000;
    private static final int RECORD_BYTES = 1_024;
    private static final int ROUNDS = 6;
    private static final long ROUND_SECONDS = 5;

    private final V3ioClient client;
    private final LongAdder bodyBytes = new LongAdder();
    private final LongAdder records = new LongAdder();
    private volatile boolean stopped;

    private GetRecordsThroughput(V3ioClient client) {
        this.client = client;
    }

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            try (V3ioClient client = V3ioClient.builder().setEndpoint(args[0]).build()) {
                fill(client);
                new GetRecordsThroughput(client).run();
                client.deleteStream(STREAM).join();
            }
            return;
        }
        byte[] body = body();
        byte[] answer = concat(CannedServer.head(200, "application/json", "", body.length), body);
        try (CannedServer server = CannedServer.start((request, c) -> c.write(answer));
                V3ioClient client =
                        V3ioClient.builder()
                                .setEndpoint(server.endpoint())
                                .setAccessKey("any-key")
                                .build()) {
            new GetRecordsThroughput(client).run();
        }
    }

    private void run() throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(SHARDS);
        for (int shard = 0; shard < SHARDS; shard++) {
            ShardId id = STREAM.shard(shard);
            CompletableFuture<Location> start =
                    System.getenv("V3IO_ACCESS_KEY") == null
                            ? CompletableFuture.completedFuture(new Location("A"))
                            : client.seek(id, SeekPosition.earliest());
            Location earliest = start.join();
            read(id, earliest, earliest, ended);
        }
        for (int round = 0; round < ROUNDS; round++) {
            long bytesBefore = bodyBytes.sum();
            long recordsBefore = records.sum();
            long start = System.nanoTime();
            if (ended.await(ROUND_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("Every shard has failed.");
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "%.0f MB/s of JSON, %.0f MB/s of payload, %.0f records/s%n",
                    (bodyBytes.sum() - bytesBefore) / seconds / 1e6,
                    (records.sum() - recordsBefore) * (double) RECORD_BYTES / seconds / 1e6,
                    (records.sum() - recordsBefore) / seconds);
        }
        stopped = true;
        ended.await();
    }

    private void read(ShardId shard, Location location, Location earliest, CountDownLatch ended) {
        CompletableFuture<Void> unused =
                client.getRecords(shard, location, RECORDS)
                        .handle(
                                (batch, error) -> {
                                    if (error != null || stopped) {
                                        if (error != null) {
                                            error.printStackTrace();
                                        }
                                        ended.countDown();
                                        return null;
                                    }
                                    bodyBytes.add(batch.bodyBytes());
                                    records.add(batch.records().size());
                                    read(
                                            shard,
                                            batch.recordsBehindLatest() == 0
                                                    ? earliest
                                                    : batch.nextLocation(),
                                            earliest,
                                            ended);
                                    return null;
                                });
    }

    private static void fill(V3ioClient client) {
        client.createStream(STREAM, SHARDS, 24).join();
        Random random = new Random(1);
        for (int shard = 0; shard < SHARDS; shard++) {
            for (int part = 0; part < 10; part++) {
                List<PutRecord> batch = new ArrayList<>();
                for (int i = 0; i < RECORDS; i++) {
                    byte[] data = new byte[RECORD_BYTES];
                    random.nextBytes(data);
                    batch.add(PutRecord.of(data).withShardId(shard));
                }
                client.putRecords(STREAM, batch).join();
            }
        }
    }

    private static byte[] body() {
        Random random = new Random(1);
        StringBuilder json = new StringBuilder("{\"NextLocation\":\"A\",\"MSecBehindLatest\":0,");
        json.append("\"RecordsBehindLatest\":0,\"Records\":[");
        for (int i = 1; i <= RECORDS; i++) {
            byte[] data = new byte[RECORD_BYTES];
            random.nextBytes(data);
            json.append(i == 1 ? "" : ",").append("{\"ArrivalTimeSec\":1700000000,");
            json.append("\"ArrivalTimeNSec\":123456789,\"SequenceNumber\":").append(i);
            json.append(",\"PartitionKey\":\"key-").append(i).append("\",\"Data\":\"");
            json.append(Base64.getEncoder().encodeToString(data)).append("\"}");
        }
        return json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] concat(String head, byte[] body) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(head.getBytes(StandardCharsets.US_ASCII));
        all.write(body);
        return all.toByteArray();
    }
}
