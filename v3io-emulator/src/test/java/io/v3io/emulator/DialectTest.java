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

package io.v3io.emulator;

import io.v3io.emulator.DialectSetting.LargestRecord;
import io.v3io.emulator.DialectSetting.ListingNewest;
import io.v3io.emulator.DialectSetting.SeekNext;
import io.v3io.emulator.DialectSetting.SequenceNumbers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** {@link Dialect} as a value: text, draws, pairs. */
class DialectTest {

    @Test
    void theDefaultIsTheLikelierSideOfEverySetting() {
        assertThat(Dialect.DEFAULT.toMap())
                .containsExactlyEntriesOf(
                        new java.util.LinkedHashMap<>() {
                            private static final long serialVersionUID = 1L;

                            {
                                put("seek-next", "end");
                                put("seek-removed", "error");
                                put("seek-beyond", "error");
                                put("listing-newest", "LastSequenceId");
                                put("seek-unborn", "not-found");
                                put("missing-stream", "not-found");
                                put("create-existing", "conflict");
                                put("illegal-location", "IllegalLocationException");
                                put("unfit-record", "request");
                                put("largest-record", "1048576");
                                put("sequence-numbers", "gapless");
                                put("retention", "records");
                                put("old-locations", "die");
                                put("round-robin", "first");
                                put("key-with-shard-id", "stored");
                                put("empty-next-location", "same");
                                put("listing", "granted");
                                put("duplicates", "none");
                                put("late-requests", "never");
                            }
                        });
    }

    @Test
    void textIsUnderstoodAgain() {
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            Dialect dialect = Dialect.random(random);
            assertThat(Dialect.parse(dialect.toString())).isEqualTo(dialect);
        }
        Dialect.fixed()
                .forEach(
                        (name, dialect) -> {
                            assertThat(Dialect.parse(name)).isEqualTo(dialect);
                            assertThat(dialect).hasToString(name);
                        });
        assertThat(Dialect.parse("")).isEqualTo(Dialect.DEFAULT);
    }

    @Test
    void aFixedDialectCanBeChanged() {
        Dialect dialect = Dialect.parse("hostile, seek-next=end,largest-record=2097152");
        assertThat(dialect)
                .isEqualTo(Dialect.HOSTILE.with(SeekNext.END).with(LargestRecord.TWO_MIB));
        assertThat(dialect.get(ListingNewest.class)).isEqualTo(ListingNewest.ABSENT);
        assertThat(dialect.is(SequenceNumbers.GAPS)).isTrue();
        assertThat(Dialect.parse("random:9"))
                .isEqualTo(Dialect.random(new java.util.SplittableRandom(9)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "seek-nxt=end|seek-next, seek-removed",
                "seek-next=START|one of end, error, but was START",
                "seek-next|name=value",
                "seek-next=end,hostile|name=value",
                "seek-next=|one of end, error",
                "random:x|whole number",
                "friendly|default, strict, lenient, old, hostile"
            })
    void whatNobodyKnowsIsRefusedAndTheMessageSaysWhatThereIs(String text, String said) {
        assertThatThrownBy(() -> Dialect.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(said);
    }

    @Test
    void theSameSeedDrawsTheSameDialectAndAllChoicesAreDrawn() {
        assertThat(Dialect.random(new Random(3))).isEqualTo(Dialect.random(new Random(3)));
        Set<DialectSetting> seen = new HashSet<>();
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            Dialect dialect = Dialect.random(random);
            DialectSetting.all().forEach(setting -> seen.add(dialect.get(setting)));
        }
        assertThat(seen)
                .hasSize(
                        DialectSetting.all().stream()
                                .mapToInt(setting -> setting.getEnumConstants().length)
                                .sum());
    }

    @Test
    void fewDialectsHoldEveryPairOfChoices() {
        List<Dialect> dialects = Dialect.pairwise();
        assertThat(dialects).hasSizeLessThanOrEqualTo(18).startsWith(Dialect.DEFAULT);
        assertThat(Dialect.pairwise()).isEqualTo(dialects);
        for (Class<? extends DialectSetting> one : DialectSetting.all()) {
            for (Class<? extends DialectSetting> other : DialectSetting.all()) {
                if (one != other) {
                    checkPairs(dialects, one, other);
                }
            }
        }
    }

    private static void checkPairs(
            List<Dialect> dialects,
            Class<? extends DialectSetting> one,
            Class<? extends DialectSetting> other) {
        for (DialectSetting a : one.getEnumConstants()) {
            for (DialectSetting b : other.getEnumConstants()) {
                assertThat(dialects)
                        .as(Map.of(a, b).toString())
                        .anyMatch(dialect -> dialect.is(a) && dialect.is(b));
            }
        }
    }
}
