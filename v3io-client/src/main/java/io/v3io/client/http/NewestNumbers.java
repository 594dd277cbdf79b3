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

import io.v3io.client.Operation;
import io.v3io.client.V3ioException;
import io.v3io.client.model.ShardId;
import io.v3io.client.wire.ApiRequests;
import io.v3io.client.wire.SmallAnswers;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Asks shards for their newest sequence numbers, a bounded number of shards at a time. */
final class NewestNumbers {

    private static final int MAX_IN_FLIGHT = 16;

    private final CallRunner calls;
    private final Composite<SortedMap<ShardId, Long>> result;

    // Guarded by this.
    private final Deque<ShardId> waiting;
    private final SortedMap<ShardId, Long> newest = new TreeMap<>();
    private int inFlight;

    private NewestNumbers(CallRunner calls, Collection<ShardId> shards) {
        this.calls = calls;
        this.waiting = new ArrayDeque<>(shards);
        this.result =
                new Composite<>(
                        calls,
                        Operation.GET_ITEM,
                        shards.isEmpty() ? "" : shards.iterator().next().stream().toString());
    }

    /** Asks one shard; empty before its first record. */
    static CompletableFuture<OptionalLong> ask(CallRunner calls, ShardId shard) {
        return calls.run(
                ApiRequests.newestSequenceNumber(shard),
                SmallAnswers::newestSequenceNumber,
                V3ioException.Kind.NOT_FOUND,
                OptionalLong::empty);
    }

    /** Asks all these shards; the answer has those that hold a record. */
    static CompletableFuture<SortedMap<ShardId, Long>> ask(
            CallRunner calls, Collection<ShardId> shards) {
        NewestNumbers question = new NewestNumbers(calls, shards);
        if (shards.isEmpty()) {
            question.result.complete(question.newest);
        } else {
            question.askWaiting();
        }
        return question.result.result();
    }

    private void askWaiting() {
        while (!result.isDone()) {
            ShardId next;
            synchronized (this) {
                if (waiting.isEmpty() || inFlight == MAX_IN_FLIGHT) {
                    return;
                }
                next = waiting.remove();
                inFlight++;
            }
            result.then(ask(calls, next), number -> answered(next, number));
        }
    }

    private void answered(ShardId shard, OptionalLong number) {
        boolean isLast;
        synchronized (this) {
            number.ifPresent(value -> newest.put(shard, value));
            inFlight--;
            isLast = waiting.isEmpty() && inFlight == 0;
        }
        if (isLast) {
            result.complete(newest);
        } else {
            askWaiting();
        }
    }
}
