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

import io.v3io.client.V3ioException;
import io.v3io.flink.source.split.ShardFacts;

import org.apache.flink.annotation.Internal;

import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * What becomes of a shard that has nothing, or nothing more, for now: it rests, waits for a listing
 * of its stream, or is looked at because it may be another one by now. Called under the reader's
 * monitor.
 */
@Internal
final class QuietShards {

    /** After so many empty answers in a row a shard's newest number is looked at, too. */
    private static final int ANSWERS_PER_LOOK = 20;

    private final ShardSeeker seeker;
    private final ShardFindings findings;
    private final StartBacklog backlog;
    private final ShardStates states;
    private final ShardQuestions questions;
    private final ShardFailures failures;
    private final AheadRequests ahead;
    private final IdleWatch idleWatch;
    private final LongSupplier nanoClock;
    private final BiConsumer<ShardReading, FoundLocation> onLoss;

    QuietShards(
            ShardSeeker seeker,
            ShardFindings findings,
            StartBacklog backlog,
            ShardStates states,
            ShardQuestions questions,
            ShardFailures failures,
            AheadRequests ahead,
            IdleWatch idleWatch,
            LongSupplier nanoClock,
            BiConsumer<ShardReading, FoundLocation> onLoss) {
        this.seeker = seeker;
        this.findings = findings;
        this.backlog = backlog;
        this.states = states;
        this.questions = questions;
        this.failures = failures;
        this.ahead = ahead;
        this.idleWatch = idleWatch;
        this.nanoClock = nanoClock;
        this.onLoss = onLoss;
    }

    /** A shard has nothing more, or is not there yet. */
    void noteEnd(ShardReading shard) {
        ahead.drop(shard);
        backlog.answered(shard.splitId(), 0);
        ShardFacts.CaughtUp caughtUp = shard.progress.caughtUp();
        if (caughtUp != null) {
            findings.caughtUp(shard.split, caughtUp);
        }
    }

    /** A shard has nothing new. */
    void restUntilSomethingNew(ShardReading shard, boolean isShownByListings) {
        boolean isIdle = shard.pause.isLongest();
        long pause = shard.pause.afterEmptyAnswer();
        if (isIdle) {
            shard.progress.isQuiet();
            shard.quietAnswers++;
        }
        if (isIdle && isShownByListings && idleWatch.watch(shard)) {
            states.watched(shard);
        } else if (shard.quietAnswers >= ANSWERS_PER_LOOK && shard.progress.takenThrough() > 0) {
            shard.quietAnswers = 0;
            lookAtNewest(shard);
        } else {
            rest(shard, pause);
        }
    }

    /**
     * A shard that only ever answers with nothing may belong to a stream that was created again,
     * where its location lies beyond the end.
     */
    private void lookAtNewest(ShardReading shard) {
        questions.ask(
                shard,
                seeker.newest(shard.split.shard()),
                (newest, error) -> {
                    // A server that does not tell it has said nothing against the shard.
                    if (error == null && newest < shard.progress.takenThrough()) {
                        shard.seekAgain();
                        states.makeRunnable(shard);
                    } else {
                        rest(shard, shard.pause.afterEmptyAnswer());
                    }
                });
    }

    /**
     * A bounded shard ended before its last record, which was seen when the job started: either it
     * is still to be shown by a server that lags, or retention removed it.
     */
    void checkEndExists(ShardReading shard) {
        questions.ask(
                shard,
                seeker.seekRest(shard.split, shard.progress.position(), shard.progress.isKnown()),
                (found, error) -> {
                    if (error == null && found.lostThrough() > 0) {
                        onLoss.accept(shard, found);
                    } else if (error == null
                            || ShardFailures.kindOf(error) == V3ioException.Kind.ILLEGAL_LOCATION) {
                        rest(shard, shard.pause.afterEmptyAnswer());
                    } else {
                        failures.failOrEnd(shard, error);
                    }
                });
    }

    /** A shard is left alone for a while. */
    void rest(ShardReading shard, long nanos) {
        ahead.drop(shard);
        states.rest(shard, nanoClock.getAsLong() + nanos);
    }
}
