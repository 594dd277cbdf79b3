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

import io.v3io.flink.benchmarks.measure.Spread;

import javax.annotation.Nullable;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;

/** One run of the command: where a measurement says what it saw on the way. */
public final class Run {

    private final PrintStream out;
    private final boolean profiling;
    private final Path docs;

    /**
     * A run.
     *
     * @param docs the folder of the docs, which gets the pictures
     */
    Run(PrintStream out, boolean profiling, Path docs) {
        this.out = out;
        this.docs = docs;
        this.profiling = profiling;
    }

    /** A line beside the figures. */
    public void tell(String line) {
        out.println("# " + line);
    }

    /** A picture for the docs. */
    public void draw(String fileName, String svg) throws IOException {
        Path file = docs.resolve(fileName);
        Files.createDirectories(file.getParent());
        Files.writeString(file, svg);
        tell("drawn: " + file);
    }

    /** Absolute values from which a figure is made. */
    public void tell(String what, Spread spread) {
        tell(
                String.format(
                        Locale.ROOT,
                        "%s: %,.0f (%,.0f to %,.0f)",
                        what,
                        spread.median(),
                        spread.lowest(),
                        spread.highest()));
    }

    /** Takes CPU profiles of something; null if nobody wants them. */
    @Nullable
    public Consumer<String> profiles(String what) {
        if (!profiling) {
            return null;
        }
        return profile -> {
            tell("Profile: " + what);
            profile.lines().forEach(this::tell);
        };
    }
}
