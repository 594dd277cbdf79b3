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

package io.v3io.flink.builder;

import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.MemorySize;

import java.time.Duration;
import java.util.Objects;

/** Refuses values of settings that are out of range, by name, range and value. */
@Internal
public final class SettingRange {

    private SettingRange() {}

    /** The value, if it is in the range, whose ends belong to it. */
    public static int require(String setting, int value, int min, int max) {
        requireBetween(setting, value, min, max);
        return value;
    }

    /** The value, if it has so many bytes, the ends included. */
    public static MemorySize require(String setting, MemorySize value, long min, long max) {
        Objects.requireNonNull(value, setting);
        requireBetween(setting, value.getBytes(), min, max);
        return value;
    }

    /** The value, if it is from 1 millisecond to the longest, which is included. */
    public static Duration require(
            String setting, Duration value, Duration longest, String longestInWords) {
        Objects.requireNonNull(value, setting);
        if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(longest) > 0) {
            throw outside(setting, value, "1 millisecond to " + longestInWords);
        }
        return value;
    }

    private static void requireBetween(String setting, long value, long min, long max) {
        if (value < min || value > max) {
            throw outside(setting, value, min + " to " + max);
        }
    }

    /** What is thrown for a value outside of a range. */
    public static IllegalArgumentException outside(String setting, Object value, String range) {
        return new IllegalArgumentException(setting + " must be " + range + ", not " + value + ".");
    }
}
