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

import org.apache.flink.annotation.Internal;

import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * Has the answer to the one question judged that a shard has asked and waits for, unless the shard
 * was removed meanwhile. Called under the reader's monitor, as is who judges.
 */
@Internal
final class ShardQuestions {

    private final ReaderMonitor monitor;
    private final ShardStates states;
    private final LongSupplier nanoClock;
    private final Runnable afterAnswer;

    /**
     * Nothing has been asked yet.
     *
     * @param monitor the split reader's
     * @param states is told what the shard waits for
     * @param nanoClock a clock like {@link System#nanoTime}
     * @param afterAnswer called after every answer, also one that nobody waits for any more
     */
    ShardQuestions(
            ReaderMonitor monitor,
            ShardStates states,
            LongSupplier nanoClock,
            Runnable afterAnswer) {
        this.monitor = monitor;
        this.states = states;
        this.nanoClock = nanoClock;
        this.afterAnswer = afterAnswer;
    }

    <T> void ask(
            ShardReading shard, CompletableFuture<T> answer, ReaderMonitor.OnAnswer<T> onAnswer) {
        states.asked(shard);
        shard.pending = answer;
        monitor.whenAnswered(
                answer,
                (value, error) -> {
                    states.answered();
                    shard.answeredNanos = nanoClock.getAsLong();
                    if (shard.pending == answer) {
                        shard.pending = null;
                    }
                    if (shard.state == ShardReading.State.IN_FLIGHT && !monitor.isStopped()) {
                        onAnswer.accept(value, error);
                    }
                    afterAnswer.run();
                });
    }
}
