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

package io.v3io.flink.testing;

import io.v3io.emulator.Dialect;

import org.junit.jupiter.api.Named;

import java.util.stream.Stream;

/**
 * The platforms that the dialect tests run on: the five that have names, or with {@code
 * -Dv3io.dialects=pairwise} as many as it takes for every pair of settings.
 */
public final class TestedDialects {

    private TestedDialects() {}

    /** The dialects that a parameterized test runs on, by their names. */
    public static Stream<Named<Dialect>> all() {
        String which = System.getProperty("v3io.dialects", "fixed");
        return switch (which) {
            case "fixed" -> Dialect.fixed().values().stream().map(TestedDialects::named);
            case "pairwise" -> Dialect.pairwise().stream().map(TestedDialects::named);
            default -> Stream.of(named(Dialect.parse(which)));
        };
    }

    private static Named<Dialect> named(Dialect dialect) {
        return Named.of(dialect.toString(), dialect);
    }
}
