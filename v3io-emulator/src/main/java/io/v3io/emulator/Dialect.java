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

import io.v3io.emulator.DialectSetting.CreateExisting;
import io.v3io.emulator.DialectSetting.Duplicates;
import io.v3io.emulator.DialectSetting.EmptyNextLocation;
import io.v3io.emulator.DialectSetting.IllegalLocation;
import io.v3io.emulator.DialectSetting.KeyWithShardId;
import io.v3io.emulator.DialectSetting.LargestRecord;
import io.v3io.emulator.DialectSetting.LateRequests;
import io.v3io.emulator.DialectSetting.Listing;
import io.v3io.emulator.DialectSetting.ListingNewest;
import io.v3io.emulator.DialectSetting.MissingStream;
import io.v3io.emulator.DialectSetting.OldLocations;
import io.v3io.emulator.DialectSetting.Retention;
import io.v3io.emulator.DialectSetting.RoundRobin;
import io.v3io.emulator.DialectSetting.SeekBeyond;
import io.v3io.emulator.DialectSetting.SeekNext;
import io.v3io.emulator.DialectSetting.SeekRemoved;
import io.v3io.emulator.DialectSetting.SeekUnborn;
import io.v3io.emulator.DialectSetting.SequenceNumbers;
import io.v3io.emulator.DialectSetting.UnfitRecord;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * A platform that the evidence allows: a choice for each {@link DialectSetting}. A client that is
 * right on one dialect only is wrong. Immutable.
 *
 * <pre>{@code
 * Dialect.DEFAULT.with(DialectSetting.SeekNext.ERROR).with(DialectSetting.SequenceNumbers.GAPS)
 * Dialect.parse("hostile,duplicates=none")
 * Dialect.random(new Random(seed))
 * }</pre>
 */
public final class Dialect {
    /** The likeliest side of every setting. */
    public static final Dialect DEFAULT = new Dialect(defaults());

    /** Refuses whatever a platform may refuse. */
    public static final Dialect STRICT =
            DEFAULT.with(SeekNext.ERROR)
                    .with(LargestRecord.ONE_MB)
                    .with(KeyWithShardId.DROPPED)
                    .with(Listing.REFUSED);

    /** Answers kindly whatever a platform may answer kindly. */
    public static final Dialect LENIENT =
            DEFAULT.with(SeekRemoved.OLDEST)
                    .with(SeekBeyond.END)
                    .with(SeekUnborn.END)
                    .with(UnfitRecord.RECORD)
                    .with(LargestRecord.TWO_MIB)
                    .with(Retention.LAZY)
                    .with(OldLocations.LIVE)
                    .with(RoundRobin.ANYWHERE);

    /** Errors and names as old versions of the platform had them. */
    public static final Dialect OLD =
            DEFAULT.with(SeekNext.ERROR)
                    .with(ListingNewest.LAST_SEQUENCE_CAPITAL_ID)
                    .with(SeekUnborn.BAD_REQUEST)
                    .with(MissingStream.BAD_REQUEST)
                    .with(CreateExisting.BAD_REQUEST)
                    .with(IllegalLocation.ILLEGAL_LOCATION)
                    .with(Retention.CHUNKS)
                    .with(EmptyNextLocation.DIFFERS);

    /** The side of every setting that hides most, or helps least. */
    public static final Dialect HOSTILE =
            DEFAULT.with(SeekNext.ERROR)
                    .with(SeekRemoved.END)
                    .with(SeekBeyond.OLDEST)
                    .with(ListingNewest.ABSENT)
                    .with(SeekUnborn.END)
                    .with(MissingStream.BAD_REQUEST)
                    .with(CreateExisting.BAD_REQUEST)
                    .with(UnfitRecord.RECORD)
                    .with(LargestRecord.ONE_MB)
                    .with(SequenceNumbers.GAPS)
                    .with(Retention.CHUNKS)
                    .with(OldLocations.LIVE)
                    .with(RoundRobin.ANYWHERE)
                    .with(KeyWithShardId.DROPPED)
                    .with(EmptyNextLocation.DIFFERS)
                    .with(Listing.REFUSED)
                    .with(Duplicates.SOME)
                    .with(LateRequests.LAND);

    private static final String DRAWN = "random:";
    private static final Map<String, Dialect> NAMED = named();

    private final Map<Class<? extends DialectSetting>, DialectSetting> choices;

    private Dialect(Map<Class<? extends DialectSetting>, DialectSetting> choices) {
        this.choices = choices;
    }

    private static Map<Class<? extends DialectSetting>, DialectSetting> defaults() {
        Map<Class<? extends DialectSetting>, DialectSetting> defaults = new LinkedHashMap<>();
        DialectSetting.all()
                .forEach(setting -> defaults.put(setting, setting.getEnumConstants()[0]));
        return defaults;
    }

    private static Map<String, Dialect> named() {
        Map<String, Dialect> named = new LinkedHashMap<>();
        named.put("default", DEFAULT);
        named.put("strict", STRICT);
        named.put("lenient", LENIENT);
        named.put("old", OLD);
        named.put("hostile", HOSTILE);
        return Collections.unmodifiableMap(named);
    }

    /** The five dialects that have names: default, strict, lenient, old, hostile. */
    public static Map<String, Dialect> fixed() {
        return NAMED;
    }

    /** A dialect in which every choice is drawn, each as likely as the others of its setting. */
    public static Dialect random(RandomGenerator random) {
        Map<Class<? extends DialectSetting>, DialectSetting> drawn = new LinkedHashMap<>();
        for (Class<? extends DialectSetting> setting : DialectSetting.all()) {
            DialectSetting[] values = setting.getEnumConstants();
            drawn.put(setting, values[random.nextInt(values.length)]);
        }
        return new Dialect(drawn);
    }

    /**
     * Few dialects that hold every pair of choices of two settings at least once; always the same
     * ones.
     */
    public static List<Dialect> pairwise() {
        List<Class<? extends DialectSetting>> settings = DialectSetting.all();
        int[] sizes =
                settings.stream().mapToInt(setting -> setting.getEnumConstants().length).toArray();
        List<Dialect> dialects = new ArrayList<>();
        for (int[] row : new CoveringArray(sizes).rows()) {
            Map<Class<? extends DialectSetting>, DialectSetting> choices = new LinkedHashMap<>();
            for (int i = 0; i < row.length; i++) {
                choices.put(settings.get(i), settings.get(i).getEnumConstants()[row[i]]);
            }
            dialects.add(new Dialect(choices));
        }
        return dialects;
    }

    /**
     * Understands settings as text: {@code name=value,name=value}; the name of a {@linkplain #fixed
     * fixed} dialect, or {@code random:SEED}, may come first, and the rest changes it. What is not
     * named has its default.
     *
     * @throws IllegalArgumentException when a name or a value is unknown, saying which ones there
     *     are
     */
    public static Dialect parse(String text) {
        Dialect dialect = DEFAULT;
        String[] parts = text.split(",", -1);
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i].strip();
            int equals = part.indexOf('=');
            if (equals >= 0) {
                dialect =
                        dialect.with(
                                part.substring(0, equals).strip(),
                                part.substring(equals + 1).strip());
            } else if (i == 0 && NAMED.containsKey(part)) {
                dialect = NAMED.get(part);
            } else if (i == 0 && part.startsWith(DRAWN)) {
                dialect = drawn(part.substring(DRAWN.length()));
            } else if (!(parts.length == 1 && part.isEmpty())) {
                throw new IllegalArgumentException(
                        "a dialect is written name=value,name=value, the first part may be random:SEED or one of "
                                + String.join(", ", NAMED.keySet())
                                + ", but it was "
                                + text);
            }
        }
        return dialect;
    }

    private static Dialect drawn(String seed) {
        try {
            return random(new SplittableRandom(Long.parseLong(seed)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    DRAWN + " needs a whole number as seed, but has " + seed, e);
        }
    }

    /**
     * The same with one other choice, by its name.
     *
     * @throws IllegalArgumentException when the name or the value is unknown
     */
    public Dialect with(String name, String value) {
        Class<? extends DialectSetting> setting =
                DialectSetting.all().stream()
                        .filter(known -> DialectSetting.nameOf(known).equals(name))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "unknown setting of a dialect "
                                                        + name
                                                        + "; there are "
                                                        + String.join(
                                                                ", ", DEFAULT.toMap().keySet())));
        return Arrays.stream(setting.getEnumConstants())
                .filter(known -> known.value().equals(value))
                .findFirst()
                .map(this::with)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        name
                                                + " must be one of "
                                                + Arrays.stream(setting.getEnumConstants())
                                                        .map(DialectSetting::value)
                                                        .collect(Collectors.joining(", "))
                                                + ", but was "
                                                + value));
    }

    /** The same with one other choice. */
    public Dialect with(DialectSetting choice) {
        Map<Class<? extends DialectSetting>, DialectSetting> changed = new LinkedHashMap<>(choices);
        changed.put(settingOf(choice), choice);
        return new Dialect(changed);
    }

    private static Class<? extends DialectSetting> settingOf(DialectSetting choice) {
        return ((Enum<?>) choice).getDeclaringClass().asSubclass(DialectSetting.class);
    }

    /** What this dialect chooses for a setting. */
    public <T extends DialectSetting> T get(Class<T> setting) {
        return setting.cast(choices.get(setting));
    }

    /** Whether this is the choice. */
    public boolean is(DialectSetting choice) {
        return choices.get(settingOf(choice)) == choice;
    }

    /** All names and values, in the order of API page section 10. */
    public Map<String, String> toMap() {
        Map<String, String> map = new LinkedHashMap<>();
        choices.forEach(
                (setting, choice) -> map.put(DialectSetting.nameOf(setting), choice.value()));
        return map;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Dialect that && choices.equals(that.choices);
    }

    @Override
    public int hashCode() {
        return Objects.hash(choices);
    }

    /** A text that {@link #parse} understands: what differs from the default, or a name. */
    @Override
    public String toString() {
        for (Map.Entry<String, Dialect> fixed : NAMED.entrySet()) {
            if (fixed.getValue().equals(this)) {
                return fixed.getKey();
            }
        }
        return choices.entrySet().stream()
                .filter(choice -> !DEFAULT.is(choice.getValue()))
                .map(
                        choice ->
                                DialectSetting.nameOf(choice.getKey())
                                        + "="
                                        + choice.getValue().value())
                .collect(Collectors.joining(","));
    }
}
