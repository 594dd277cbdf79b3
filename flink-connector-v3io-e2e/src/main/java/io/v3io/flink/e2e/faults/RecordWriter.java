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

package io.v3io.flink.e2e.faults;

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;

import org.awaitility.Awaitility;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Writes records into a stream, at a steady pace, until it is told to end or to have written
 * enough. What fails is given up: the audit asks the stream itself what it holds, so it matters
 * only that no two records have the same data.
 */
public final class RecordWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RecordWriter.class);

    private static final int KEYS = 64;
    private static final int MAX_PADDING = 600;
    private static final long INTERVAL_MILLIS = 50;
    private static final int RECORDS_IN_A_HURRY = 200;
    private static final Duration HURRY = Duration.ofMinutes(2);

    private final V3ioClient client;
    private final StreamPath stream;
    private final SplittableRandom random;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledFuture<?> writing;
    private final AtomicLong stored = new AtomicLong();
    private volatile int recordsPerRequest;
    private long written;
    private long failedRequests;

    /**
     * Begins to write, on a thread of its own.
     *
     * @param recordsPerSecond 20 or more
     */
    public RecordWriter(
            V3ioClientBuilder server, StreamPath stream, int recordsPerSecond, long seed) {
        // A repetition could store the same data twice.
        this.client = server.setRetryPolicy(RetryPolicy.none()).build();
        this.stream = stream;
        this.recordsPerRequest = (int) (recordsPerSecond * INTERVAL_MILLIS / 1_000);
        this.random = new SplittableRandom(seed);
        this.writing =
                timer.scheduleWithFixedDelay(
                        this::writeSome, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void writeSome() {
        int count = recordsPerRequest;
        List<PutRecord> records = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            written++;
            String data = written + ":" + "x".repeat(random.nextInt(MAX_PADDING));
            records.add(
                    PutRecord.of(data.getBytes(UTF_8))
                            .withPartitionKey("key-" + random.nextInt(KEYS))
                            .withClientInfo(Long.toString(written).getBytes(UTF_8)));
        }
        try {
            stored.addAndGet(
                    client.putRecords(stream, records).join().stream()
                            .filter(PutResult.Stored.class::isInstance)
                            .count());
        } catch (CompletionException e) {
            // The server is being failed on purpose.
            failedRequests++;
        }
    }

    /**
     * Waits until so many records are known to be stored, and hurries: where the server was failed
     * for most of the time there are few of them.
     */
    public void awaitStored(long records) {
        recordsPerRequest = RECORDS_IN_A_HURRY;
        Awaitility.await(records + " records are stored in " + stream)
                .atMost(HURRY)
                .failFast("the writer has ended", writing::isDone)
                .until(() -> stored.get() >= records);
    }

    /** Ends when the last request is answered. */
    @Override
    public void close() throws Exception {
        if (timer.isShutdown()) {
            return;
        }
        boolean hasEndedItself = !writing.cancel(false) && !writing.isCancelled();
        timer.shutdown();
        if (!timer.awaitTermination(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("The writer of " + stream + " does not end.");
        }
        client.close();
        LOG.info(
                "{}: {} records written, {} stored, {} requests failed.",
                stream,
                written,
                stored,
                failedRequests);
        if (hasEndedItself) {
            // Only an error of ours does that; it is thrown here.
            writing.get();
        }
    }
}
