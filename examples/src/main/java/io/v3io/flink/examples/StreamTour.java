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

package io.v3io.flink.examples;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.client.model.V3ioLimits;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Shows the operations of the client, one step each, without Flink: create, describe, grow, put,
 * seek, get and delete.
 */
@Command(
        name = "StreamTour",
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Shows the operations of the V3IO client on a stream, one step each.",
            "",
            "The stream must not exist; it is created, and deleted at the end."
        })
public final class StreamTour implements Callable<Integer> {

    private static final int SHARDS = 8;
    private static final int MORE_SHARDS = 10;
    private static final int MOST_SHARDS = 12;
    private static final int RETENTION_HOURS = 24;
    private static final int FABLES_FOR_ALL_SHARDS = 2;
    private static final int LIMIT = 10;

    private final PrintStream out;
    private int step;
    private V3ioClient client;

    @Mixin private Platform platform;

    @Option(
            names = "--stream",
            paramLabel = "<container/path>",
            defaultValue = "users/examples/tour",
            description = "The stream to create and delete. Default: ${DEFAULT-VALUE}.")
    private StreamPath stream;

    /** The command as a user starts it. */
    public static void main(String[] args) {
        System.exit(run(args, System.out, System.err));
    }

    /** Runs the command. */
    static int run(String[] args, PrintStream out, PrintStream err) {
        return ExampleRunner.run(new StreamTour(out), out, err, args);
    }

    private StreamTour(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException {
        try (Platform opened = platform) {
            opened.open(out);
            try (V3ioClient built = opened.configure(V3ioClient.builder()).build()) {
                client = built;
                create();
                try {
                    tour(Fables.all());
                } finally {
                    delete();
                }
            }
        }
        return 0;
    }

    private void tour(List<String> fables) throws IOException {
        describe();
        grow(MORE_SHARDS);
        putForAllShards(fables.subList(0, FABLES_FOR_ALL_SHARDS));
        readInTwoBatches(stream.shard(0));
        grow(MOST_SHARDS);
        String forTen = fables.get(FABLES_FOR_ALL_SHARDS);
        String forEleven = fables.get(FABLES_FOR_ALL_SHARDS + 1);
        putTo(stream.shard(MORE_SHARDS), forTen);
        putTo(stream.shard(MORE_SHARDS + 1), forEleven);
        readAndCompare(stream.shard(MORE_SHARDS), forTen);
        putByKey(fables);
    }

    private void create() {
        client.createStream(stream, SHARDS, RETENTION_HOURS).join();
        say("Created stream %s with %d shards".formatted(stream, SHARDS));
    }

    private void describe() {
        StreamDescription description = client.describeStream(stream).join();
        say(
                "Described it: %d shards, records are kept for %d hours"
                        .formatted(description.shardCount(), description.retentionHours()));
    }

    private void grow(int shards) {
        client.updateStream(stream, shards).join();
        say("Grew it to %d shards".formatted(client.describeStream(stream).join().shardCount()));
    }

    /** Without shard id and key the platform spreads the records over all shards. */
    private void putForAllShards(List<String> fables) throws IOException {
        List<PutRecord> records =
                fables.stream()
                        .flatMap(fable -> Fables.words(fable).stream())
                        .map(word -> PutRecord.of(word.getBytes(UTF_8)))
                        .toList();
        List<PutResult.Stored> stored = stored(client.putRecords(stream, records).join());
        say(
                "Put %d words, which went to %d shards"
                        .formatted(
                                stored.size(),
                                stored.stream()
                                        .map(PutResult.Stored::shardNumber)
                                        .distinct()
                                        .count()));
    }

    /** The second batch starts at the location that the first one ended with. */
    private void readInTwoBatches(ShardId shard) {
        var start = client.seek(shard, SeekPosition.earliest()).join();
        say("Sought the earliest record of shard %d".formatted(shard.number()));
        RecordBatch first = client.getRecords(shard, start, LIMIT).join();
        say("Got %d records: %s".formatted(first.records().size(), words(first.records())));
        RecordBatch second = client.getRecords(shard, first.nextLocation(), LIMIT).join();
        say(
                "Got the next %d: %s; %d more come after them"
                        .formatted(
                                second.records().size(),
                                words(second.records()),
                                second.recordsBehindLatest()));
    }

    private void putTo(ShardId shard, String fable) throws IOException {
        List<PutRecord> records =
                Fables.words(fable).stream()
                        .map(word -> PutRecord.of(word.getBytes(UTF_8)).withShardId(shard.number()))
                        .toList();
        List<PutResult.Stored> stored = stored(client.putRecords(stream, records).join());
        say(
                "Put a text of %d words to shard %d, sequence numbers %d to %d"
                        .formatted(
                                stored.size(),
                                shard.number(),
                                stored.get(0).sequenceNumber(),
                                stored.get(stored.size() - 1).sequenceNumber()));
    }

    private void readAndCompare(ShardId shard, String fable) throws IOException {
        List<StreamRecord> read = new ArrayList<>();
        var location = client.seek(shard, SeekPosition.earliest()).join();
        RecordBatch batch;
        do {
            batch = client.getRecords(shard, location, LIMIT).join();
            read.addAll(batch.records());
            location = batch.nextLocation();
        } while (batch.recordsBehindLatest() > 0);
        if (!words(read).equals(String.join(" ", Fables.words(fable)))) {
            throw new IOException(
                    "Shard " + shard + " does not hold the text in the order it was put.");
        }
        say("Read shard %d back: its %d words are the text".formatted(shard.number(), read.size()));
    }

    /** Batches are in flight together; the words of one fable have one key and so one shard. */
    private void putByKey(List<String> fables) throws IOException {
        List<PutRecord> records = new ArrayList<>();
        for (int number = 1; number <= fables.size(); number++) {
            for (String word : Fables.words(fables.get(number - 1))) {
                records.add(
                        PutRecord.of(word.getBytes(UTF_8))
                                .withPartitionKey(Fables.partitionKey(number)));
            }
        }
        List<CompletableFuture<List<PutResult>>> requests = new ArrayList<>();
        for (int from = 0; from < records.size(); from += V3ioLimits.MAX_PUT_RECORDS) {
            int to = Math.min(from + V3ioLimits.MAX_PUT_RECORDS, records.size());
            requests.add(client.putRecords(stream, records.subList(from, to)));
        }
        Map<String, Integer> shardOfKey = new TreeMap<>();
        int index = 0;
        for (CompletableFuture<List<PutResult>> request : requests) {
            for (PutResult.Stored stored : stored(request.join())) {
                String key = records.get(index++).partitionKey();
                Integer earlier = shardOfKey.put(key, stored.shardNumber());
                if (earlier != null && earlier != stored.shardNumber()) {
                    throw new IOException("Words with key " + key + " are in two shards.");
                }
            }
        }
        say(
                "Put %d words of %d fables in %d requests at once, each fable's words in one shard"
                        .formatted(index, shardOfKey.size(), requests.size()));
    }

    private void delete() {
        client.deleteStream(stream).join();
        say("Deleted the stream");
    }

    /** A completed request does not mean that all was stored: each record has its own result. */
    private static List<PutResult.Stored> stored(List<PutResult> results) throws IOException {
        List<PutResult.Stored> stored = new ArrayList<>();
        for (PutResult result : results) {
            if (result instanceof PutResult.Failed failed) {
                throw new IOException("A word was not stored: " + failed.errorMessage());
            }
            stored.add((PutResult.Stored) result);
        }
        return stored;
    }

    private static String words(List<StreamRecord> records) {
        return records.stream()
                .map(record -> new String(record.data(), UTF_8))
                .collect(Collectors.joining(" "));
    }

    private void say(String done) {
        out.printf("%2d. %s%n", ++step, done);
    }
}
