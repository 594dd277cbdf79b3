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

package io.v3io.flink.formats;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.json.JsonReadFeature;

import javax.annotation.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The object into which storey's StreamTarget puts an event with {@code full_event=True}: {@code
 * {"full_event_wrapper": true, "body": ..., "key": ..., "id": ...}}. Key and id may be missing;
 * storey 1.2 and before wrote a {@code time}, too. JSON without such a wrapper is all body.
 *
 * <p>Python writes numbers that JSON does not have: NaN, Infinity and -Infinity. In a body they
 * become strings, which Flink's and Jackson's readers of floating-point numbers understand.
 *
 * @param body the JSON of the body, in UTF-8
 * @param bodyType its first token
 * @param key null for none
 * @param id null for none
 * @param time null for none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record StoreyEnvelope(
        byte[] body,
        JsonToken bodyType,
        @Nullable Value key,
        @Nullable Value id,
        @Nullable Value time) {

    private static final String MARKER = "full_event_wrapper";
    private static final String BODY = "body";
    private static final String KEY = "key";
    private static final String ID = "id";
    private static final String TIME = "time";

    private static final byte[] NULL = "null".getBytes(UTF_8);
    private static final byte[] BEGIN =
            ("{\"" + MARKER + "\": true, \"" + BODY + "\": ").getBytes(UTF_8);
    private static final byte[] BEFORE_KEY = (", \"" + KEY + "\": ").getBytes(UTF_8);
    private static final byte[] BEFORE_ID = (", \"" + ID + "\": ").getBytes(UTF_8);

    /** What interns the names of fields keeps those of every body for ever. */
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                    .build();

    /**
     * Reads a record's data.
     *
     * @throws IOException if it is no JSON in UTF-8
     */
    static StoreyEnvelope read(byte[] data) throws IOException {
        try (JsonParser parser = JSON.createParser(data)) {
            return new Scan(parser, data).read();
        }
    }

    /**
     * The value of the only field of an object.
     *
     * @param object JSON in UTF-8; an object without fields has the value null
     */
    static byte[] onlyValue(byte[] object) throws IOException {
        try (JsonParser parser = JSON.createParser(object)) {
            parser.nextToken();
            if (parser.nextToken() != JsonToken.FIELD_NAME) {
                return NULL;
            }
            parser.nextToken();
            Scan scan = new Scan(parser, object);
            return scan.bytes(scan.value());
        }
    }

    /** Whether this is exactly one JSON value, in UTF-8. */
    static boolean isJson(byte[] data) {
        try (JsonParser parser = JSON.createParser(data)) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            parser.finishToken();
            return parser.nextToken() == null;
        } catch (IOException e) {
            // That is the answer.
            return false;
        }
    }

    /**
     * Wraps an event as storey does.
     *
     * @param body JSON in UTF-8
     * @param key as {@link #json(String)} or {@link #json(List)} makes it; null for none
     * @param id null for none
     */
    static byte[] write(byte[] body, @Nullable byte[] key, @Nullable String id) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(BEGIN.length + body.length + 96);
        out.writeBytes(BEGIN);
        out.writeBytes(body);
        if (key != null) {
            out.writeBytes(BEFORE_KEY);
            out.writeBytes(key);
        }
        if (id != null) {
            out.writeBytes(BEFORE_ID);
            out.writeBytes(json(id));
        }
        out.write('}');
        return out.toByteArray();
    }

    static byte[] json(@Nullable String text) {
        if (text == null) {
            return NULL;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 16);
        out.write('"');
        out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(text));
        out.write('"');
        return out.toByteArray();
    }

    static byte[] json(List<String> texts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write('[');
        for (int i = 0; i < texts.size(); i++) {
            if (i > 0) {
                out.write(',');
                out.write(' ');
            }
            out.writeBytes(json(texts.get(i)));
        }
        out.write(']');
        return out.toByteArray();
    }

    boolean isBodyNull() {
        return bodyType == JsonToken.VALUE_NULL;
    }

    /** Whether the body is an object, or an array, which may be one of objects. */
    boolean isBodyStructured() {
        return bodyType.isStructStart();
    }

    /**
     * A value that is not null.
     *
     * @param type its first token
     * @param text of a string what it says, of anything else its JSON
     */
    record Value(JsonToken type, String text) {

        /** The parts of a list; anything else is its only part. */
        List<String> parts() throws IOException {
            if (type != JsonToken.START_ARRAY) {
                return List.of(text);
            }
            List<String> parts = new ArrayList<>();
            byte[] json = text.getBytes(UTF_8);
            try (JsonParser parser = JSON.createParser(json)) {
                Scan scan = new Scan(parser, json);
                parser.nextToken();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    Value part = scan.valueOf(scan.value());
                    parts.add(part == null ? null : part.text());
                }
            }
            return parts;
        }

        /**
         * The time that Python's {@code isoformat()} wrote, without an offset in UTC, or a number
         * of seconds since 1970.
         *
         * @throws IOException if it is neither
         */
        Instant time() throws IOException {
            try {
                if (type.isNumeric()) {
                    return Instant.ofEpochMilli(Math.round(Double.parseDouble(text) * 1_000));
                }
                TemporalAccessor time =
                        DateTimeFormatter.ISO_DATE_TIME.parseBest(
                                text, OffsetDateTime::from, LocalDateTime::from);
                return time instanceof OffsetDateTime withOffset
                        ? withOffset.toInstant()
                        : LocalDateTime.from(time).toInstant(ZoneOffset.UTC);
            } catch (DateTimeParseException e) {
                throw new IOException(
                        "The time of an event cannot be read; a text as Python's isoformat() makes it is expected.",
                        e);
            }
        }
    }

    /** Where a value is. */
    private record Range(JsonToken type, int start, int end) {}

    /** Finds the parts of an envelope in one pass over its data. */
    private static final class Scan {

        private final JsonParser parser;
        private final byte[] data;

        /** Where numbers are that JSON does not have; null for none, as it mostly is. */
        @Nullable private List<Range> notNumbers;

        Scan(JsonParser parser, byte[] data) {
            this.parser = parser;
            this.data = data;
        }

        StoreyEnvelope read() throws IOException {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new IOException("There is no JSON in the record.");
            }
            boolean isWrapped = false;
            Range all = null;
            Range body = null;
            Value key = null;
            Value id = null;
            Value time = null;
            if (first != JsonToken.START_OBJECT) {
                all = value();
            } else {
                int start = offset(parser.currentTokenLocation().getByteOffset());
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    // Of a name that comes twice Python takes the last.
                    switch (name) {
                        case MARKER -> isWrapped = isTrueInPython();
                        case BODY -> body = value();
                        case KEY -> key = valueOf(value());
                        case ID -> id = valueOf(value());
                        case TIME -> time = valueOf(value());
                        default -> value();
                    }
                }
                all = new Range(first, start, offset(parser.currentLocation().getByteOffset()));
            }
            if (parser.nextToken() != null) {
                throw new IOException("The record has more than one JSON value.");
            }
            if (!isWrapped) {
                return new StoreyEnvelope(bytes(all), first, null, null, null);
            }
            return body == null
                    ? new StoreyEnvelope(NULL, JsonToken.VALUE_NULL, key, id, time)
                    : new StoreyEnvelope(bytes(body), body.type(), key, id, time);
        }

        /** Passes the value that the parser is at the beginning of. */
        Range value() throws IOException {
            JsonToken type = parser.currentToken();
            int start = offset(parser.currentTokenLocation().getByteOffset());
            int depth = 0;
            for (JsonToken token = type; ; token = parser.nextToken()) {
                if (token.isStructStart()) {
                    depth++;
                } else if (token.isStructEnd()) {
                    depth--;
                } else if (token == JsonToken.VALUE_NUMBER_FLOAT && parser.isNaN()) {
                    foundNotNumber();
                }
                if (depth == 0) {
                    parser.finishToken();
                    return new Range(type, start, offset(parser.currentLocation().getByteOffset()));
                }
            }
        }

        private void foundNotNumber() throws IOException {
            if (notNumbers == null) {
                notNumbers = new ArrayList<>();
            }
            int start = offset(parser.currentTokenLocation().getByteOffset());
            notNumbers.add(
                    new Range(parser.currentToken(), start, start + parser.getText().length()));
        }

        private boolean isTrueInPython() throws IOException {
            Range range = value();
            return switch (range.type()) {
                case VALUE_NULL, VALUE_FALSE -> false;
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Double.parseDouble(text(range)) != 0;
                // Empty, they are two characters long; Python writes no space between these.
                case VALUE_STRING, START_ARRAY, START_OBJECT -> range.end() - range.start() > 2;
                default -> true;
            };
        }

        /** Null for null. The parser may still be at a string. */
        @Nullable
        Value valueOf(Range range) throws IOException {
            return switch (range.type()) {
                case VALUE_NULL -> null;
                case VALUE_STRING -> new Value(range.type(), parser.getText());
                default -> new Value(range.type(), text(range));
            };
        }

        private String text(Range range) {
            return new String(data, range.start(), range.end() - range.start(), UTF_8);
        }

        /**
         * Returns a value as JSON; the array is that of the record where the value is all of it.
         */
        byte[] bytes(Range range) {
            if (notNumbers == null && range.start() == 0 && range.end() == data.length) {
                return data;
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream(range.end() - range.start() + 16);
            int from = range.start();
            for (Range one : notNumbers == null ? List.<Range>of() : notNumbers) {
                if (one.start() >= from && one.end() <= range.end()) {
                    out.write(data, from, one.start() - from);
                    out.write('"');
                    out.write(data, one.start(), one.end() - one.start());
                    out.write('"');
                    from = one.end();
                }
            }
            out.write(data, from, range.end() - from);
            return out.toByteArray();
        }

        private static int offset(long offset) throws IOException {
            if (offset < 0) {
                throw new IOException("The record is not in UTF-8.");
            }
            return (int) offset;
        }
    }
}
