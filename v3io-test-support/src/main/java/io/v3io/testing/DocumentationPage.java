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

package io.v3io.testing;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/** The tables of a page under {@code docs}, to be compared with the code. */
public final class DocumentationPage {

    private final String text;

    private DocumentationPage(String text) {
        this.text = text;
    }

    public static DocumentationPage read(String file) throws IOException {
        return new DocumentationPage(Files.readString(Path.of("..", "docs", file)));
    }

    public String text() {
        return text;
    }

    /** The cells of a section's tables, without their heads. */
    public List<List<String>> rows(String section) {
        Matcher matcher =
                Pattern.compile("\n## " + section + "\n(.*?)\n## ", Pattern.DOTALL).matcher(text);
        assertThat(matcher.find()).as("section %s", section).isTrue();
        List<List<String>> rows =
                matcher.group(1)
                        .lines()
                        .filter(line -> line.startsWith("| `"))
                        .map(line -> line.substring(1, line.length() - 1))
                        .map(
                                line ->
                                        Arrays.stream(line.split("\\|", -1))
                                                .map(String::strip)
                                                .toList())
                        .toList();
        assertThat(rows).as("rows of section %s", section).isNotEmpty();
        return rows;
    }

    /** The words in the first column of a section's tables, as code. */
    public Set<String> firstColumn(String section) {
        Set<String> words = new TreeSet<>();
        rows(section).forEach(row -> words.addAll(codes(row.get(0))));
        return words;
    }

    /** What a cell shows as code. */
    public static List<String> codes(String cell) {
        return Pattern.compile("`([^`]+)`").matcher(cell).results().map(m -> m.group(1)).toList();
    }

    /** The names of a builder's setters: the methods that return the builder. */
    public static Set<String> setters(Class<?> builder) {
        Set<String> setters = new TreeSet<>();
        for (Method method : builder.getMethods()) {
            if (method.getReturnType() == builder) {
                setters.add(method.getName());
            }
        }
        return setters;
    }
}
