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

package io.v3io.flink.examples;

import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Words and how often each was counted, for people. */
final class WordTable {

    private final List<Map.Entry<String, Long>> byFrequency;
    private final long total;

    WordTable(Map<String, Long> counts) {
        this.byFrequency =
                counts.entrySet().stream()
                        .sorted(
                                Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                                        .thenComparing(Map.Entry.comparingByKey()))
                        .toList();
        this.total = counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Prints the most frequent words, of equally frequent ones the alphabetically first. */
    void print(PrintStream out, int limit) {
        out.println();
        out.printf(Locale.ROOT, "%4s  %-12s %6s%n", "rank", "word", "count");
        for (int i = 0; i < Math.min(limit, byFrequency.size()); i++) {
            Map.Entry<String, Long> entry = byFrequency.get(i);
            out.printf(Locale.ROOT, "%4d  %-12s %6d%n", i + 1, entry.getKey(), entry.getValue());
        }
        out.println();
        out.println(totals());
    }

    /** For example {@code the 140, a 95, and 81}. */
    String top(int limit) {
        return byFrequency.stream()
                .limit(limit)
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    /** For example {@code 2236 words, 754 distinct}. */
    String totals() {
        return total + " words, " + byFrequency.size() + " distinct";
    }
}
