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

package io.v3io.flink.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** What a command prints: tables and sentences for people, or JSON for programs. */
final class Output {

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private final PrintWriter out;
    private final boolean forPrograms;

    Output(PrintWriter out, boolean forPrograms) {
        this.out = out;
        this.forPrograms = forPrograms;
    }

    boolean isForPrograms() {
        return forPrograms;
    }

    /** One document, on a line of its own; nothing for people. */
    void json(Object value) {
        if (forPrograms) {
            try {
                line(JSON.writeValueAsString(value));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Prints a sentence, unless the output is for programs. */
    void say(String sentence) {
        if (!forPrograms) {
            line(sentence);
        }
    }

    /** Rows under their headings; nothing for programs. */
    void table(List<String> headings, List<List<String>> rows) {
        if (forPrograms || rows.isEmpty()) {
            return;
        }
        List<Integer> widths = new ArrayList<>();
        for (int column = 0; column < headings.size(); column++) {
            int width = headings.get(column).length();
            for (List<String> row : rows) {
                width = Math.max(width, row.get(column).length());
            }
            widths.add(width);
        }
        line(row(headings, widths));
        rows.forEach(row -> line(row(row, widths)));
    }

    private static String row(List<String> cells, List<Integer> widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(widths.get(column) - cell.length());
            line.append(isNumber(cell) ? padding + cell : cell + padding).append("  ");
        }
        return line.toString().stripTrailing();
    }

    private static boolean isNumber(String cell) {
        return cell.chars().allMatch(letter -> Character.isDigit(letter) || letter == '-');
    }

    private void line(String line) {
        out.println(line);
        out.flush();
    }
}
