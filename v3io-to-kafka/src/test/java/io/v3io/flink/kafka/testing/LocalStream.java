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

package io.v3io.flink.kafka.testing;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Makes a stream to try a migration out with: {@code ENDPOINT STREAM GROUP}. It has three shards
 * and 20,000 records, and the group has processed 1,000 of shard 1.
 */
final class LocalStream {

    private static final int SHARDS = 3;
    private static final int RECORDS = 20_000;
    private static final int BATCH = 500;
    private static final int CUSTOMERS = 100;
    private static final int PROCESSED = 1_000;

    private LocalStream() {}

    public static void main(String[] args) {
        if (args.length != 3) {
            System.err.println("Usage: local-stream ENDPOINT STREAM GROUP");
            System.exit(2);
        }
        StreamPath stream = StreamPath.parse(args[1]);
        try {
            fill(args[0], stream, args[2]);
        } catch (CompletionException e) {
            System.err.println(e.getCause().getMessage());
            System.exit(1);
        }
        System.out.println(
                "Stream "
                        + stream
                        + " has "
                        + RECORDS
                        + " records; group "
                        + args[2]
                        + " has processed "
                        + PROCESSED
                        + " of shard 1.");
    }

    private static void fill(String endpoint, StreamPath stream, String group) {
        String key = System.getenv().getOrDefault("V3IO_ACCESS_KEY", "any");
        try (V3ioClient client =
                V3ioClient.builder().setEndpoint(endpoint).setAccessKey(key).build()) {
            client.createStream(stream, SHARDS, 24).join();
            client.createGroupState(stream, group).join();
            for (int i = 0; i < RECORDS; i += BATCH) {
                List<PutRecord> records = new ArrayList<>();
                for (int order = i; order < i + BATCH; order++) {
                    records.add(
                            PutRecord.of(("order-" + order).getBytes(UTF_8))
                                    .withPartitionKey("customer-" + order % CUSTOMERS));
                }
                for (PutResult result : client.putRecords(stream, records).join()) {
                    if (!(result instanceof PutResult.Stored)) {
                        throw new IllegalStateException("Not stored: " + result);
                    }
                }
            }
            client.commitSequenceNumber(stream.shard(1), group, PROCESSED).join();
        }
    }
}
