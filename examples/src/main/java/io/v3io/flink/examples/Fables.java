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

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Fables of Aesop, for examples that need some text. */
final class Fables {

    private static final String RESOURCE = "fables.txt";

    private Fables() {}

    /** The fables, one text each. */
    static List<String> all() throws IOException {
        List<String> fables = new ArrayList<>();
        try (InputStream in = Fables.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException("The jar lacks its resource " + RESOURCE + ".");
            }
            BufferedReader reader = new BufferedReader(new InputStreamReader(in, UTF_8));
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.isBlank()) {
                    fables.add(line);
                }
            }
        }
        return fables;
    }

    /** The words of a text: split on white space, in lower case, of a to z only. */
    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        for (String part : text.split("\\s+", -1)) {
            String word = part.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    /** The partition key of a fable's words. */
    static String partitionKey(int number) {
        return "text_" + number;
    }
}
