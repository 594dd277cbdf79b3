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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.ShardId;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.junit.jupiter.api.Test;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import static org.assertj.core.api.Assertions.assertThat;

class ShardTurnsTest extends SplitReaderTestBase {

    private static final int COLD = 7;

    @Test
    void aShardWithOneRecordDoesNotWaitUntilOneWithManyIsDone() {
        reader.close();
        readerClient = new ColdFirst(streams.client()).client();
        // So small that the answers of the hot shards take all of it again and again.
        reader = reader(100, 4, 64 * 1024);
        for (int shard = 0; shard < COLD; shard++) {
            streams.put(words, shard, "hot", 5_000);
            add(V3ioShardSplit.bounded(words.shard(shard), ShardStart.Earliest.INSTANCE, 5_000));
        }
        fetchUntil(() -> count("users/words/0") >= 500);
        streams.put(words, COLD, "cold", 1);
        add(V3ioShardSplit.unbounded(words.shard(COLD), ShardStart.Earliest.INSTANCE));
        int before = total();

        fetchUntil(() -> count("users/words/" + COLD) == 1);

        // A seek and a request wait for one turn of the others each, with 100 records a turn.
        assertThat(total() - before).isLessThan(7 * 100 * 6);
        assertThat(finished).isEmpty();
    }

    /**
     * No answer comes to the hot shards while the cold one waits for its own: however late that is,
     * they have no more turns meanwhile.
     */
    private static final class ColdFirst {

        private final V3ioClient client;
        private final List<Runnable> held = new ArrayList<>();
        private int cold;

        ColdFirst(V3ioClient client) {
            this.client = client;
        }

        V3ioClient client() {
            return (V3ioClient)
                    Proxy.newProxyInstance(
                            V3ioClient.class.getClassLoader(),
                            new Class<?>[] {V3ioClient.class},
                            (proxy, method, arguments) -> call(method, arguments));
        }

        private Object call(Method method, Object[] arguments) throws Throwable {
            boolean isCold =
                    arguments != null
                            && arguments[0] instanceof ShardId shard
                            && shard.number() == COLD;
            if (isCold) {
                begins();
            }
            Object result;
            try {
                result = method.invoke(client, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
            return result instanceof CompletableFuture<?> answer ? ordered(answer, isCold) : result;
        }

        private CompletableFuture<Object> ordered(CompletableFuture<?> answer, boolean isCold) {
            CompletableFuture<Object> told = new CompletableFuture<>();
            CompletableFuture<?> unused =
                    answer.whenComplete(
                            (value, error) -> {
                                Runnable tell =
                                        () -> {
                                            if (error == null) {
                                                told.complete(value);
                                            } else {
                                                told.completeExceptionally(error);
                                            }
                                        };
                                if (isCold) {
                                    tell.run();
                                    ends().forEach(Runnable::run);
                                } else if (!holds(tell)) {
                                    tell.run();
                                }
                            });
            return told;
        }

        private synchronized void begins() {
            cold++;
        }

        private synchronized List<Runnable> ends() {
            cold--;
            List<Runnable> free = cold == 0 ? List.copyOf(held) : List.of();
            held.removeAll(free);
            return free;
        }

        private synchronized boolean holds(Runnable hot) {
            return cold > 0 && held.add(hot);
        }
    }
}
