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

package io.v3io.emulator;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Something that shall go wrong: which requests it concerns, what happens to them, and how often.
 * Immutable.
 *
 * <pre>{@code
 * emulator.faults().add(Fault.on(Operation.GET_RECORDS).respond(503, "text/html", "<html>busy</html>").times(3));
 * emulator.faults().add(Fault.on(Operation.PUT_RECORDS).resetAfter().probability(0.1));
 * }</pre>
 */
public final class Fault {
    private static final long UNLIMITED = Long.MAX_VALUE;

    private final Operation operation;
    private final String path;
    private final FaultAction action;
    private final double probability;
    private final long skip;
    private final long times;

    private Fault(
            Operation operation,
            String path,
            FaultAction action,
            double probability,
            long skip,
            long times) {
        this.operation = operation;
        this.path = path;
        this.action = action;
        this.probability = probability;
        this.skip = skip;
        this.times = times;
    }

    /** A fault of requests of one operation; it still needs an action. */
    public static Fault on(Operation operation) {
        return new Fault(Objects.requireNonNull(operation, "operation"), "", null, 1, 0, UNLIMITED);
    }

    /** A fault of all requests; it still needs an action. */
    public static Fault onAny() {
        return new Fault(null, "", null, 1, 0, UNLIMITED);
    }

    /** Only requests whose decoded path ({@code container/a/b}) contains this text. */
    public Fault path(String substring) {
        return new Fault(
                operation, Objects.requireNonNull(substring), action, probability, skip, times);
    }

    /** Each concerned request is hit with this probability, 0..1; default 1. */
    public Fault probability(double chance) {
        if (!(chance >= 0 && chance <= 1)) {
            throw new IllegalArgumentException(
                    "probability must be within 0..1, but was " + chance);
        }
        return new Fault(operation, path, action, chance, skip, times);
    }

    /** The first so many concerned requests pass; default 0. */
    public Fault skip(long requests) {
        if (requests < 0) {
            throw new IllegalArgumentException("skip must not be negative, but was " + requests);
        }
        return new Fault(operation, path, action, probability, requests, times);
    }

    /** After so many hits the fault is over; default: never. */
    public Fault times(long hits) {
        if (hits < 1) {
            throw new IllegalArgumentException("times must be at least 1, but was " + hits);
        }
        return new Fault(operation, path, action, probability, skip, hits);
    }

    /** What happens; exactly one of the methods below, or this one, is needed. */
    public Fault action(FaultAction newAction) {
        return new Fault(
                operation, path, Objects.requireNonNull(newAction), probability, skip, times);
    }

    /** {@link FaultAction.Respond}. */
    public Fault respond(int status, String contentType, String body) {
        return action(new FaultAction.Respond(status, contentType, body));
    }

    /** {@link FaultAction.Throttle}. */
    public Fault throttle(int retryAfterSeconds) {
        return action(new FaultAction.Throttle(retryAfterSeconds));
    }

    /**
     * {@link FaultAction.FailRecords}; without positions, every record.
     *
     * <p>The fault's probability is that of each record, and every concerned request counts as a
     * hit.
     */
    public Fault failRecords(String errorMessage, int... positions) {
        Set<Integer> set = Arrays.stream(positions).boxed().collect(Collectors.toUnmodifiableSet());
        return action(new FaultAction.FailRecords(errorMessage, set));
    }

    /** {@link FaultAction.Latency}. */
    public Fault latency(Duration latency) {
        return action(new FaultAction.Latency(latency));
    }

    /** {@link FaultAction.Simple#RESET_BEFORE}. */
    public Fault resetBefore() {
        return action(FaultAction.Simple.RESET_BEFORE);
    }

    /** {@link FaultAction.Simple#RESET_AFTER}. */
    public Fault resetAfter() {
        return action(FaultAction.Simple.RESET_AFTER);
    }

    /** {@link FaultAction.Simple#CUT_BODY}. */
    public Fault cutBody() {
        return action(FaultAction.Simple.CUT_BODY);
    }

    /** {@link FaultAction.Simple#KILL_LOCATION}. */
    public Fault killLocation() {
        return action(FaultAction.Simple.KILL_LOCATION);
    }

    /** {@link FaultAction.Simple#NEVER}. */
    public Fault never() {
        return action(FaultAction.Simple.NEVER);
    }

    /** {@link FaultAction.Simple#DUPLICATE}. */
    public Fault duplicate() {
        return action(FaultAction.Simple.DUPLICATE);
    }

    /** {@link FaultAction.LandLate}. */
    public Fault landLate(Duration delay) {
        return action(new FaultAction.LandLate(delay));
    }

    /** The operation concerned; empty for all. */
    public Optional<Operation> operation() {
        return Optional.ofNullable(operation);
    }

    /** The text that paths must contain; empty for all paths. */
    public String path() {
        return path;
    }

    /** What happens; empty while it has not been said. */
    public Optional<FaultAction> action() {
        return Optional.ofNullable(action);
    }

    /** How likely it hits a request, 0 to 1. */
    public double probability() {
        return probability;
    }

    /** How many requests pass first. */
    public long skip() {
        return skip;
    }

    /** After how many hits the fault is over; {@link Long#MAX_VALUE} for never. */
    public long times() {
        return times;
    }

    /** Whether a request is concerned. */
    public boolean concerns(Operation requested, String requestedPath) {
        return (operation == null || operation == requested) && requestedPath.contains(path);
    }

    @Override
    public String toString() {
        return (operation == null ? "any" : operation.wireName())
                + (path.isEmpty() ? "" : " on " + path)
                + ": "
                + action
                + (probability < 1 ? " with probability " + probability : "")
                + (skip > 0 ? " after " + skip : "")
                + (times < UNLIMITED ? " times " + times : "");
    }
}
