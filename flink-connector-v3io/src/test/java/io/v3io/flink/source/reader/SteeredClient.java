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

package io.v3io.flink.source.reader;

import io.v3io.client.AnswerAdmission;
import io.v3io.client.V3ioClient;
import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A client whose requests that read ahead a test can tell from a shard's own, by who sends them. It
 * counts both; all others are the real client's.
 */
final class SteeredClient {

    private static final Set<String> SENDERS =
            Set.of(
                    BlockRequests.class.getName(),
                    ShardRequests.class.getName(),
                    ShardLookup.class.getName(),
                    ShardSearch.class.getName());

    private final V3ioClient client;
    private final Map<Location, Long> sought = new ConcurrentHashMap<>();
    private final Queue<Sent> answers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger mostUnderWay = new AtomicInteger();
    private final AtomicInteger seeksAhead = new AtomicInteger();
    private final AtomicInteger answersAhead = new AtomicInteger();

    private volatile Function<Seek, CompletableFuture<Location>> onSeekAhead = Seek::send;
    private volatile Function<Get, CompletableFuture<RecordBatch>> onGetAhead = Get::send;
    private volatile Function<Get, CompletableFuture<RecordBatch>> onGet = Get::send;

    SteeredClient(V3ioClient client) {
        this.client = client;
    }

    /** What becomes of a seek that reads ahead. */
    void onSeekAhead(Function<Seek, CompletableFuture<Location>> answer) {
        onSeekAhead = answer;
    }

    /** What becomes of a request for records that reads ahead. */
    void onGetAhead(Function<Get, CompletableFuture<RecordBatch>> answer) {
        onGetAhead = answer;
    }

    /** What becomes of a shard's own request for records. */
    void onGet(Function<Get, CompletableFuture<RecordBatch>> answer) {
        onGet = answer;
    }

    /** A seek that the reader sends. */
    record Seek(V3ioClient client, ShardId shard, long number) {

        Seek to(long other) {
            return new Seek(client, shard, other);
        }

        CompletableFuture<Location> send() {
            return client.seek(shard, SeekPosition.sequenceNumber(number));
        }
    }

    /** A request for records that the reader sends. */
    record Get(
            V3ioClient client,
            ShardId shard,
            Location location,
            int limit,
            AnswerAdmission admission) {

        Get withLimit(int other) {
            return new Get(client, shard, location, other, admission);
        }

        CompletableFuture<RecordBatch> send() {
            return client.getRecords(shard, location, limit, admission);
        }
    }

    /** The number that a seek ahead has asked for to get there; 0 if none has. */
    long soughtNumber(Location location) {
        return sought.getOrDefault(location, 0L);
    }

    /** Requests that were under way at the same time, at the most. */
    int mostUnderWay() {
        return mostUnderWay.get();
    }

    /** Seeks that read ahead. */
    int seeksAhead() {
        return seeksAhead.get();
    }

    /** Answers with records that were read ahead, so far. */
    int answersAhead() {
        return answersAhead.get();
    }

    /** Requests that have been sent so far. */
    int sent() {
        return answers.size();
    }

    /** Whether the reader waits for no answer, and has done what it does with each. */
    boolean allEnded() {
        return answers.stream().allMatch(Sent::hasEnded);
    }

    /** Requests that are under way. */
    int underWay() {
        return underWay.get();
    }

    /** What a request brings, and what of it the reader waits for. */
    private record Sent(CompletableFuture<?> answer, CompletableFuture<?> told) {

        boolean hasEnded() {
            // The reader may have given up what never comes.
            return answer.isDone() || told.isCompletedExceptionally();
        }
    }

    V3ioClient steered() {
        return (V3ioClient)
                Proxy.newProxyInstance(
                        V3ioClient.class.getClassLoader(),
                        new Class<?>[] {V3ioClient.class},
                        (proxy, method, arguments) -> steer(method, arguments));
    }

    private Object steer(Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("seek") && isSentAhead()) {
            seeksAhead.incrementAndGet();
            SeekPosition.Sequence to = (SeekPosition.Sequence) arguments[1];
            long number = to.sequenceNumber();
            Object found =
                    counted(
                            onSeekAhead
                                    .apply(new Seek(client, (ShardId) arguments[0], number))
                                    .thenApply(
                                            location -> {
                                                sought.put(location, number);
                                                return location;
                                            }));
            return found;
        }
        if (method.getName().equals("getRecords") && arguments.length == 4) {
            Get get =
                    new Get(
                            client,
                            (ShardId) arguments[0],
                            (Location) arguments[1],
                            (Integer) arguments[2],
                            (AnswerAdmission) arguments[3]);
            CompletableFuture<RecordBatch> answer =
                    isSentAhead()
                            ? onGetAhead
                                    .apply(get)
                                    .whenComplete((batch, error) -> answersAhead.incrementAndGet())
                            : onGet.apply(get);
            Object batch = counted(answer);
            return batch;
        }
        try {
            return method.invoke(client, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static boolean isSentAhead() {
        return StackWalker.getInstance()
                .walk(
                        frames ->
                                frames.map(StackWalker.StackFrame::getClassName)
                                        .filter(SENDERS::contains)
                                        .findFirst())
                .filter(BlockRequests.class.getName()::equals)
                .isPresent();
    }

    private <T> CompletableFuture<T> counted(CompletableFuture<T> answer) {
        int now = underWay.incrementAndGet();
        mostUnderWay.accumulateAndGet(now, Math::max);
        CompletableFuture<T> told = new CompletableFuture<>();
        CompletableFuture<T> ended =
                answer.whenComplete(
                        (value, error) -> {
                            underWay.decrementAndGet();
                            // What the reader does with it is done on this thread.
                            if (error == null) {
                                told.complete(value);
                            } else {
                                told.completeExceptionally(error);
                            }
                        });
        answers.add(new Sent(ended, told));
        return told;
    }
}
