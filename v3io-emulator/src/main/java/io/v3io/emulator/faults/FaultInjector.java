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

package io.v3io.emulator.faults;

import io.v3io.emulator.Fault;
import io.v3io.emulator.FaultAction;
import io.v3io.emulator.Faults;
import io.v3io.emulator.Operation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;

/** Keeps the faults and counts their hits. Thread-safe. */
public final class FaultInjector implements Faults {
    /** A fault, with the requests that it has seen and those it has hit. */
    private static final class Active {
        private final Fault fault;
        private long seen;
        private long hits;

        Active(Fault fault) {
            this.fault = fault;
        }

        boolean isOver() {
            return hits >= fault.times();
        }
    }

    /** Guards everything below. */
    private final Object lock = new Object();

    private final List<Active> faults = new ArrayList<>();
    private SplittableRandom random;
    private long hits;

    /** Saves the usual request from the lock. */
    private volatile boolean empty = true;

    public FaultInjector(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Draws from this seed from now on. */
    public void reseed(long seed) {
        synchronized (lock) {
            random = new SplittableRandom(seed);
        }
    }

    @Override
    public void add(Fault fault) {
        check(fault);
        synchronized (lock) {
            faults.add(new Active(fault));
            empty = false;
        }
    }

    /**
     * Puts these in the place of all faults there are; or, if one of them is unfit, none.
     *
     * @throws IllegalArgumentException as {@link #add}
     */
    public void replace(List<Fault> others) {
        others.forEach(FaultInjector::check);
        synchronized (lock) {
            faults.clear();
            others.forEach(fault -> faults.add(new Active(fault)));
            empty = faults.isEmpty();
        }
    }

    private static void check(Fault fault) {
        FaultAction action =
                fault.action()
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "the fault has no action: " + fault));
        if ((action instanceof FaultAction.FailRecords || action == FaultAction.Simple.DUPLICATE)
                && fault.operation().orElse(null) != Operation.PUT_RECORDS) {
            throw new IllegalArgumentException(
                    "only PutRecords has records to fail or to store twice: " + fault);
        }
    }

    @Override
    public void clear() {
        synchronized (lock) {
            faults.clear();
            empty = true;
        }
    }

    @Override
    public List<Fault> active() {
        synchronized (lock) {
            return faults.stream().map(active -> active.fault).toList();
        }
    }

    @Override
    public long hits() {
        synchronized (lock) {
            return hits;
        }
    }

    /** Decides about a request and counts it. */
    public FaultPlan plan(Operation operation, String path) {
        if (empty) {
            return FaultPlan.NONE;
        }
        synchronized (lock) {
            FaultPlan plan = draw(operation, path);
            hits += plan.acts() ? 1 : 0;
            faults.removeIf(Active::isOver);
            empty = faults.isEmpty();
            return plan;
        }
    }

    private FaultPlan draw(Operation operation, String path) {
        Duration latency = Duration.ZERO;
        boolean hit = false;
        for (Active active : faults) {
            if (!active.fault.concerns(operation, path) || active.seen++ < active.fault.skip()) {
                continue;
            }
            FaultAction action = active.fault.action().orElseThrow();
            if (action instanceof FaultAction.FailRecords failure) {
                active.hits++;
                return new FaultPlan(
                        latency, action, drawRecords(failure, active.fault.probability()));
            } else if (random.nextDouble() < active.fault.probability()) {
                active.hits++;
                if (!(action instanceof FaultAction.Latency more)) {
                    return new FaultPlan(latency, action, position -> false);
                }
                latency = latency.plus(more.latency());
                hit = true;
            }
        }
        return hit ? new FaultPlan(latency, null, position -> false) : FaultPlan.NONE;
    }

    /** Each record has its own draw, so that a request fails in parts. */
    private IntPredicate drawRecords(FaultAction.FailRecords failure, double probability) {
        SplittableRandom ofRequest = random.split();
        return position ->
                (failure.positions().isEmpty() || failure.positions().contains(position))
                        && ofRequest.nextDouble() < probability;
    }
}
