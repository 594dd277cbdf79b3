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

package io.v3io.flink.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The figures of a run as a table in Markdown. */
final class Table {

    private final List<String> lines = new ArrayList<>();
    private final List<String> disturbed = new ArrayList<>();
    private final List<String> notReached = new ArrayList<>();
    private final List<String> notMeasured = new ArrayList<>();

    Table() {
        lines.add("| figure | what | at least | value | spread | reached | others' load |");
        lines.add("| --- | --- | --- | --- | --- | --- | --- |");
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    /** What a reader of the table has to know first: the names of rows, by what is wrong. */
    List<String> summary() {
        return List.of(
                "Disturbed by others: " + names(disturbed),
                "Aim not reached: " + names(notReached),
                "Not measured: " + names(notMeasured));
    }

    private static String names(List<String> rows) {
        return rows.isEmpty() ? "none" : String.join(", ", rows);
    }

    void add(Figure figure, Watched.Result result) {
        Reading reading = result.reading();
        String what = figure.what();
        for (String remark : reading.remarks()) {
            what += " (" + remark + ")";
        }
        if (reading.spread() == null) {
            notMeasured.add(figure.name());
            add(figure, what, "-", "-", "-", "-");
            return;
        }
        Figure.Aim aim = figure.aim();
        double value = reading.spread().median();
        if (result.isDisturbed()) {
            disturbed.add(figure.name());
        }
        if (!aim.isReachedBy(value)) {
            notReached.add(figure.name());
        }
        add(
                figure,
                what,
                number(value),
                number(reading.spread().lowest()) + " to " + number(reading.spread().highest()),
                aim.kind() == Figure.Aim.Kind.NONE ? "-" : aim.isReachedBy(value) ? "yes" : "no",
                result.loadText());
    }

    void addFailed(Figure figure, Exception cause) {
        notMeasured.add(figure.name());
        add(figure, figure.what(), "failed: " + cause.getClass().getSimpleName(), "-", "-", "-");
    }

    private void add(
            Figure figure, String what, String value, String spread, String reached, String load) {
        lines.add(
                "| `"
                        + String.join(
                                " | ",
                                figure.name() + "`",
                                what,
                                wanted(figure.aim()),
                                value,
                                spread,
                                reached,
                                load)
                        + " |");
    }

    private static String wanted(Figure.Aim aim) {
        return switch (aim.kind()) {
            case AT_LEAST -> number(aim.value());
            case AT_MOST -> "at most " + number(aim.value());
            case NONE -> "report";
        };
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 20 ? "%.0f" : "%.2f", value);
    }
}
