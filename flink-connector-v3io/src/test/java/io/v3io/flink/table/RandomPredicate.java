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

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Random;

/** Predicates over the columns {@code a}, {@code shard} and {@code arrival} of a table. */
final class RandomPredicate {

    private static final List<String> COMPARISONS = List.of("=", "<>", "<", "<=", ">", ">=");
    private static final DateTimeFormatter TO_NANOS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSSSSS");

    private final Random random;
    private final int shardCount;
    private final List<Instant> arrivals;

    /**
     * A generator.
     *
     * @param shardCount some predicates name shards beyond it
     * @param arrivals of records; bounds are these, or lie near them
     */
    RandomPredicate(Random random, int shardCount, List<Instant> arrivals) {
        this.random = random;
        this.shardCount = shardCount;
        this.arrivals = arrivals;
    }

    /** The next one, of at most so many levels. */
    String next(int depth) {
        int choice = random.nextInt(depth == 0 ? 6 : 10);
        return switch (choice) {
            case 0 -> shard() + " " + comparison() + " " + shardId();
            case 1 ->
                    "shard"
                            + (random.nextBoolean() ? " NOT" : "")
                            + (random.nextBoolean()
                                    ? " IN (" + shardId() + ", " + shardId() + ", " + shardId()
                                            + ")"
                                    : " BETWEEN " + shardId() + " AND " + shardId());
            case 2, 3 -> arrival();
            case 4 -> "arrival BETWEEN " + instant() + " AND " + instant();
            case 5 -> "MOD(a, " + (2 + random.nextInt(3)) + ") " + comparison() + " 1";
            case 6 -> "NOT (" + next(depth - 1) + ")";
            case 7 -> "(" + next(depth - 1) + " OR " + next(depth - 1) + ")";
            default -> "(" + next(depth - 1) + " AND " + next(depth - 1) + ")";
        };
    }

    private String comparison() {
        return COMPARISONS.get(random.nextInt(COMPARISONS.size()));
    }

    private String shard() {
        return switch (random.nextInt(4)) {
            case 0 -> "CAST(shard AS BIGINT)";
            case 1 -> "CAST(shard AS DOUBLE)";
            default -> "shard";
        };
    }

    private int shardId() {
        return random.nextInt(shardCount + 2) - 1;
    }

    private String arrival() {
        int digits = random.nextInt(10);
        return switch (random.nextInt(4)) {
            case 0 -> "arrival " + comparison() + " " + instant();
            case 1 -> instant() + " " + comparison() + " arrival";
            case 2 ->
                    "CAST(arrival AS TIMESTAMP_LTZ("
                            + digits
                            + ")) "
                            + comparison()
                            + " "
                            + instant();
            default ->
                    "CAST(arrival AS TIMESTAMP(" + digits + ")) " + comparison() + " " + dateTime();
        };
    }

    private Instant time() {
        Instant near = arrivals.get(random.nextInt(arrivals.size()));
        return switch (random.nextInt(8)) {
            case 0 -> near.plusNanos(random.nextInt(3) - 1);
            case 1 -> near.plusMillis(random.nextInt(5) - 2);
            case 2 -> Instant.ofEpochMilli(near.toEpochMilli());
            default -> near;
        };
    }

    private String instant() {
        return switch (random.nextInt(3)) {
            case 0 -> dateTime();
            case 1 -> "TO_TIMESTAMP_LTZ(" + time().toEpochMilli() + ", 3)";
            default ->
                    "CAST('"
                            + text()
                            + "' AS TIMESTAMP_LTZ("
                            + (random.nextBoolean() ? 9 : 3)
                            + "))";
        };
    }

    private String dateTime() {
        return "TIMESTAMP '" + text() + "'";
    }

    private String text() {
        return TO_NANOS.format(LocalDateTime.ofInstant(time(), ZoneOffset.UTC));
    }
}
