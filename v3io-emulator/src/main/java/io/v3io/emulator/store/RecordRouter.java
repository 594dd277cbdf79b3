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

package io.v3io.emulator.store;

import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Brings the records of one request to their shards and collects what became of each. A shard is
 * locked once for all of its records.
 *
 * <p>Used by one thread; the outcomes are complete when the future is.
 */
final class RecordRouter {

    /** The records of one shard, and where they stood in the request. */
    private record Batch(List<NewRecord> puts, List<Integer> positions) {}

    private final Stream stream;
    private final Shard[] shards;
    private final List<NewRecord> puts;
    private final boolean twice;
    private final PutOutcome[] outcomes;

    RecordRouter(Stream stream, List<NewRecord> puts, boolean twice) {
        this.stream = stream;
        this.shards = stream.currentShards();
        this.puts = puts;
        this.twice = twice;
        this.outcomes = new PutOutcome[puts.size()];
    }

    CompletableFuture<List<PutOutcome>> append() {
        List<CompletableFuture<?>> pending = new ArrayList<>();
        batches().forEach((id, batch) -> pending.add(append(id, batch)));
        return CompletableFuture.allOf(pending.toArray(CompletableFuture<?>[]::new))
                .thenApply(safe -> Arrays.asList(outcomes));
    }

    private Map<Integer, Batch> batches() {
        Map<Integer, Batch> batches = new LinkedHashMap<>();
        for (int i = 0; i < puts.size(); i++) {
            NewRecord put = puts.get(i);
            Long asked = put.shardId();
            if (asked != null && (asked < 0 || asked >= shards.length)) {
                outcomes[i] = PutOutcome.Failed.of(ApiError.SHARD_ID_OUT_OF_RANGE);
                continue;
            }
            int id = asked != null ? asked.intValue() : stream.route(put, shards.length);
            Batch batch =
                    batches.computeIfAbsent(
                            id, any -> new Batch(new ArrayList<>(), new ArrayList<>()));
            batch.puts().add(put);
            batch.positions().add(i);
        }
        return batches;
    }

    private CompletableFuture<Void> append(int id, Batch batch) {
        CompletableFuture<long[]> numbers;
        try {
            numbers = shards[id].append(batch.puts(), twice);
        } catch (ApiException e) {
            batch.positions()
                    .forEach(position -> outcomes[position] = PutOutcome.Failed.of(e.error()));
            return CompletableFuture.completedFuture(null);
        }
        return numbers.thenAccept(
                stored -> {
                    for (int i = 0; i < batch.positions().size(); i++) {
                        outcomes[batch.positions().get(i)] = new PutOutcome.Stored(id, stored[i]);
                    }
                });
    }
}
