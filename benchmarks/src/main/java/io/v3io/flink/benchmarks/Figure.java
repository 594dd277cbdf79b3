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

/**
 * One line of the table.
 *
 * @param name what it is asked for by
 * @param what the ratio in words
 */
public record Figure(String name, String what, Aim aim, Measurement measurement) {

    /** Measures it. */
    @FunctionalInterface
    public interface Measurement {
        Reading measure(Run run) throws Exception;
    }

    /** What a figure should be. */
    public record Aim(Kind kind, double value) {

        /** Which values reach the aim. */
        public enum Kind {
            AT_LEAST,
            AT_MOST,
            NONE
        }

        public static Aim atLeast(double value) {
            return new Aim(Kind.AT_LEAST, value);
        }

        public static Aim atMost(double value) {
            return new Aim(Kind.AT_MOST, value);
        }

        /** Only told. */
        public static Aim none() {
            return new Aim(Kind.NONE, Double.NaN);
        }

        boolean isReachedBy(double measured) {
            return switch (kind) {
                case AT_LEAST -> measured >= value;
                case AT_MOST -> measured <= value;
                case NONE -> true;
            };
        }
    }
}
