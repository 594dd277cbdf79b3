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

package io.v3io.flink.e2e.cluster;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/** Reads what a stream holds, with the client and without Flink. */
public final class StreamContent {

    private static final int LIMIT = 1_000;

    private StreamContent() {}

    /** All records, shard by shard, each in its order. */
    public static List<StreamRecord> read(V3ioClient client, StreamPath stream) {
        List<StreamRecord> records = new ArrayList<>();
        int shards = client.describeStream(stream).join().shardCount();
        for (int shard = 0; shard < shards; shard++) {
            records.addAll(read(client, stream.shard(shard)));
        }
        return records;
    }

    /** All records of one shard. */
    public static List<StreamRecord> read(V3ioClient client, ShardId shard) {
        List<StreamRecord> records = new ArrayList<>();
        Location location;
        try {
            location = client.seek(shard, SeekPosition.earliest()).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof V3ioException failure
                    && failure.kind() == V3ioException.Kind.NOT_FOUND) {
                // A shard is born with its first record.
                return records;
            }
            throw e;
        }
        while (true) {
            RecordBatch batch = client.getRecords(shard, location, LIMIT).join();
            records.addAll(batch.records());
            if (batch.recordsBehindLatest() == 0) {
                return records;
            }
            location = batch.nextLocation();
        }
    }
}
