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

package io.v3io.flink.table;

import io.v3io.client.model.V3ioLimits;

import org.apache.flink.table.api.ValidationException;

import javax.annotation.Nullable;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/**
 * A part of a stream that can be read without the rest: some shards, and in them the records
 * between two arrival times. Immutable.
 *
 * <p>For a predicate it stands for <em>at least</em> the records that the predicate accepts, so
 * that reading only the region and then filtering gives the same as filtering everything.
 */
final class ScanRegion {

    /** Leaves out nothing. */
    static final ScanRegion ALL = new ScanRegion(allShards(), null, null);

    private static final String EVERYTHING = "everything";
    private static final String AND = " and ";
    private static final String SHARDS = "shard-id in ";
    private static final String FROM = "arrival-time >= ";
    private static final String BEFORE = "arrival-time < ";

    private final BitSet shards;
    @Nullable private final Instant from;
    @Nullable private final Instant before;

    private ScanRegion(BitSet shards, @Nullable Instant from, @Nullable Instant before) {
        this.shards = shards;
        this.from = from;
        this.before = before;
    }

    private static BitSet allShards() {
        BitSet all = new BitSet();
        all.set(0, V3ioLimits.MAX_SHARDS);
        return all;
    }

    /** The shards whose ids fulfil a condition, with all their records. */
    static ScanRegion ofShards(IntPredicate condition) {
        BitSet shards = new BitSet();
        for (int id = 0; id < V3ioLimits.MAX_SHARDS; id++) {
            shards.set(id, condition.test(id));
        }
        return new ScanRegion(shards, null, null);
    }

    /**
     * The records of all shards that arrived in a time.
     *
     * @param from inclusive; null for no bound
     * @param before exclusive; null for no bound
     */
    static ScanRegion ofArrivals(@Nullable Instant from, @Nullable Instant before) {
        return new ScanRegion(ALL.shards, sinceEpoch(from), sinceEpoch(before));
    }

    /** Nothing arrives before 1970, and positions do not go there. */
    @Nullable
    private static Instant sinceEpoch(@Nullable Instant time) {
        return time != null && time.isBefore(Instant.EPOCH) ? Instant.EPOCH : time;
    }

    /** What is in both. */
    ScanRegion and(ScanRegion other) {
        BitSet both = (BitSet) shards.clone();
        both.and(other.shards);
        return new ScanRegion(both, later(from, other.from), earlier(before, other.before));
    }

    /** What is in one of them, and perhaps more: other shards' records, or those in between. */
    ScanRegion or(ScanRegion other) {
        BitSet either = (BitSet) shards.clone();
        either.or(other.shards);
        return new ScanRegion(
                either,
                from == null || other.from == null ? null : earlier(from, other.from),
                before == null || other.before == null ? null : later(before, other.before));
    }

    @Nullable
    private static Instant later(@Nullable Instant a, @Nullable Instant b) {
        return a == null || (b != null && b.isAfter(a)) ? b : a;
    }

    @Nullable
    private static Instant earlier(@Nullable Instant a, @Nullable Instant b) {
        return a == null || (b != null && b.isBefore(a)) ? b : a;
    }

    /** The same without the bounds that a scan cannot make use of. */
    ScanRegion servable(ScanPositions positions) {
        return new ScanRegion(
                // A source without a shard to read makes no sense; the filter finds nothing as
                // well.
                shards.isEmpty() ? ALL.shards : shards,
                positions.canStartLater() ? from : null,
                positions.canStopEarlier() ? before : null);
    }

    boolean isAll() {
        return equals(ALL);
    }

    /** Ids of the shards to read; null for all. */
    @Nullable
    Set<Integer> shardIds() {
        return shards.equals(ALL.shards)
                ? null
                : shards.stream().boxed().collect(Collectors.toSet());
    }

    /** Inclusive; null for no bound. */
    @Nullable
    Instant from() {
        return from;
    }

    /** Exclusive; null for no bound. */
    @Nullable
    Instant before() {
        return before;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ScanRegion that
                && shards.equals(that.shards)
                && Objects.equals(from, that.from)
                && Objects.equals(before, that.before);
    }

    @Override
    public int hashCode() {
        return Objects.hash(shards, from, before);
    }

    /** As {@link #parse} reads it, and people in EXPLAIN. */
    @Override
    public String toString() {
        List<String> conditions = new ArrayList<>();
        if (shardIds() != null) {
            conditions.add(SHARDS + ranges());
        }
        if (from != null) {
            conditions.add(FROM + from);
        }
        if (before != null) {
            conditions.add(BEFORE + before);
        }
        return conditions.isEmpty() ? EVERYTHING : String.join(AND, conditions);
    }

    /** Like {@code 0-2,7}; the set of all shards is too long to be written out. */
    private String ranges() {
        StringJoiner ranges = new StringJoiner(",");
        for (int first = shards.nextSetBit(0); first >= 0; ) {
            int end = shards.nextClearBit(first);
            ranges.add(end - first == 1 ? String.valueOf(first) : first + "-" + (end - 1));
            first = shards.nextSetBit(end);
        }
        return ranges.toString();
    }

    /**
     * Reads what {@link #toString} wrote; it may stand in a compiled plan.
     *
     * @throws ValidationException if it is something else
     */
    static ScanRegion parse(String text) {
        ScanRegion region = ALL;
        if (text.equals(EVERYTHING)) {
            return region;
        }
        try {
            for (String condition : text.split(AND, -1)) {
                region = region.and(condition(condition));
            }
            return region;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new ValidationException(
                    "The compiled plan has '"
                            + text
                            + "' as what a V3IO table is to read, which this version of the connector does not"
                            + " understand. Compile the plan again.",
                    e);
        }
    }

    private static ScanRegion condition(String condition) {
        if (condition.startsWith(SHARDS)) {
            BitSet ids = new BitSet();
            for (String range : condition.substring(SHARDS.length()).split(",", -1)) {
                String[] ends = range.split("-", 2);
                ids.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
            }
            return new ScanRegion(ids, null, null);
        }
        if (condition.startsWith(FROM)) {
            return ofArrivals(Instant.parse(condition.substring(FROM.length())), null);
        }
        if (condition.startsWith(BEFORE)) {
            return ofArrivals(null, Instant.parse(condition.substring(BEFORE.length())));
        }
        throw new IllegalArgumentException(condition);
    }
}
