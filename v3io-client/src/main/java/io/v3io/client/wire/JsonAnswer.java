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

package io.v3io.client.wire;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;

import javax.annotation.Nullable;

import java.io.IOException;

/**
 * Reads JSON answers strictly where the API makes promises and leniently where it makes none:
 * fields come in any order, unknown ones are skipped, and a value of the wrong type or range is
 * refused by name. The values themselves appear in no message, for they may be confidential.
 */
final class JsonAnswer {

    private JsonAnswer() {}

    /** Reads one object, entered by the caller, up to its end. */
    interface ObjectReader<T> {
        T read(JsonParser json) throws IOException, MalformedAnswerException;
    }

    /** The body as one JSON object with nothing after it. */
    static <T> T read(byte[] body, int length, ObjectReader<T> reader)
            throws MalformedAnswerException {
        if (length == 0) {
            throw MalformedAnswerException.cut("has no body, but JSON is needed");
        }
        try (JsonParser json = Json.FACTORY.createParser(body, 0, length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedAnswerException("is not a JSON object");
            }
            T value = reader.read(json);
            if (json.nextToken() != null) {
                throw new MalformedAnswerException("has more than one JSON value");
            }
            return value;
        } catch (JsonEOFException e) {
            throw MalformedAnswerException.cut(
                    "ends in the middle of its JSON, after " + length + " bytes");
        } catch (JsonProcessingException e) {
            throw new MalformedAnswerException("is not valid JSON or base64" + at(e.getLocation()));
        } catch (IOException e) {
            // Nothing is read but memory, so what is left are characters that are none.
            throw new MalformedAnswerException("is not valid JSON in any encoding of it");
        }
    }

    /**
     * The parser's own words, and so the exception itself, are left out of ours: they quote what
     * they have stumbled over, which may be a part of a record.
     */
    private static String at(@Nullable JsonLocation location) {
        // A body that exceeds one of the parser's own limits, such as its depth, has none.
        return location == null || location.getByteOffset() < 0
                ? ""
                : " at byte " + location.getByteOffset();
    }

    static long longValue(JsonParser json, String field, long min, long max)
            throws IOException, MalformedAnswerException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw new MalformedAnswerException(
                    "has a " + field + " that is not an integer but " + kind(json.currentToken()));
        }
        if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw outOfRange(field, min, max);
        }
        long value = json.getLongValue();
        if (value < min || value > max) {
            throw outOfRange(field, min, max);
        }
        return value;
    }

    static int intValue(JsonParser json, String field, int min, int max)
            throws IOException, MalformedAnswerException {
        return (int) longValue(json, field, min, max);
    }

    static String text(JsonParser json, String field) throws IOException, MalformedAnswerException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw new MalformedAnswerException(
                    "has a " + field + " that is not a text but " + kind(json.currentToken()));
        }
        return json.getText();
    }

    @Nullable
    static String optionalText(JsonParser json, String field)
            throws IOException, MalformedAnswerException {
        return json.currentToken() == JsonToken.VALUE_NULL ? null : text(json, field);
    }

    static byte[] base64(JsonParser json, String field)
            throws IOException, MalformedAnswerException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw new MalformedAnswerException(
                    "has a " + field + " that is not base64 but " + kind(json.currentToken()));
        }
        return json.getBinaryValue();
    }

    @Nullable
    static byte[] optionalBase64(JsonParser json, String field)
            throws IOException, MalformedAnswerException {
        return json.currentToken() == JsonToken.VALUE_NULL ? null : base64(json, field);
    }

    /** Remembers a field, to refuse the second one of that name. */
    static int once(int seen, int bit, String field) throws MalformedAnswerException {
        if ((seen & bit) != 0) {
            throw new MalformedAnswerException("has " + field + " twice in one object");
        }
        return seen | bit;
    }

    static void require(int seen, int bit, String field) throws MalformedAnswerException {
        if ((seen & bit) == 0) {
            throw new MalformedAnswerException("lacks the field " + field);
        }
    }

    static void requireToken(JsonParser json, JsonToken token, String field)
            throws MalformedAnswerException {
        if (json.currentToken() != token) {
            throw new MalformedAnswerException(
                    "has "
                            + kind(json.currentToken())
                            + " where "
                            + field
                            + " must be "
                            + kind(token));
        }
    }

    private static MalformedAnswerException outOfRange(String field, long min, long max) {
        return new MalformedAnswerException(
                "has a " + field + " outside of its range " + min + " to " + max);
    }

    private static String kind(@Nullable JsonToken token) {
        if (token == null) {
            return "nothing";
        }
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a text";
            case VALUE_NUMBER_INT -> "an integer";
            case VALUE_NUMBER_FLOAT -> "a fraction";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> token.name();
        };
    }
}
