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

package io.v3io.flink.benchmarks.client;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Reads shards with a bare client: so many requests are in flight at a time, always of different
 * shards, and whoever gets an answer counts it and sends the next request.
 */
public final class ClientLoop implements AutoCloseable {

    private static final int RECORDS_PER_REQUEST = 1_000;

    private final V3ioClient client;
    private final AtomicLong records = new AtomicLong();
    private final AtomicLong bodyBytes = new AtomicLong();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final CountDownLatch running;

    /** Shards that wait for their turn; guarded by itself. */
    private final Queue<Shard> waiting = new ArrayDeque<>();

    private volatile boolean stopping;

    private record Shard(ShardId id, Location location) {}

    /** Starts with all shards from their first record on. */
    public ClientLoop(String endpoint, int shards, int concurrency) {
        this.client = V3ioClient.builder().setEndpoint(endpoint).setAccessKey("any").build();
        this.running = new CountDownLatch(concurrency);
        StreamPath stream = StreamPath.parse("bench/source");
        for (int i = 0; i < shards; i++) {
            ShardId id = stream.shard(i);
            waiting.add(new Shard(id, client.seek(id, SeekPosition.earliest()).join()));
        }
        for (int i = 0; i < concurrency; i++) {
            read();
        }
    }

    /** Records received so far; throws if a request has failed. */
    public long records() {
        if (failure.get() != null) {
            throw new IllegalStateException("The client has failed.", failure.get());
        }
        return records.get();
    }

    /** Bytes of all answers so far, without their heads. */
    public long bodyBytes() {
        return bodyBytes.get();
    }

    private void read() {
        Shard shard;
        synchronized (waiting) {
            shard = waiting.remove();
        }
        CompletableFuture<RecordBatch> unused =
                client.getRecords(shard.id(), shard.location(), RECORDS_PER_REQUEST)
                        .whenComplete((batch, error) -> goOn(shard, batch, error));
    }

    private void goOn(Shard shard, RecordBatch batch, Throwable error) {
        if (error != null) {
            failure.compareAndSet(null, error);
            running.countDown();
            return;
        }
        records.addAndGet(batch.records().size());
        bodyBytes.addAndGet(batch.bodyBytes());
        synchronized (waiting) {
            waiting.add(new Shard(shard.id(), batch.nextLocation()));
        }
        if (stopping) {
            running.countDown();
        } else {
            read();
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        running.await();
        client.close();
    }
}
