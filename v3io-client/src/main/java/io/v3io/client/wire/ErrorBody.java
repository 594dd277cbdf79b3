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

import io.v3io.client.annotation.Internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import javax.annotation.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What the body of an error tells, as far as it tells anything: gateways answer with HTML or with
 * nothing.
 *
 * @param code the {@code ErrorCode}; 0 without one
 * @param symbolicName the {@code ErrorMessage}, as one bounded line; null without one
 * @param words the start of a body that is not an API error, as one bounded line; empty otherwise
 */
@Internal
public record ErrorBody(int code, @Nullable String symbolicName, String words) {

    private static final int MAX_NAME_CHARS = 300;
    private static final int MAX_WORDS_CHARS = 200;
    private static final int MAX_WORDS_BYTES = 2_048;

    /** Reads what can be read; never fails. */
    public static ErrorBody parse(byte[] body, int length) {
        if (length == 0) {
            return new ErrorBody(0, null, "");
        }
        try {
            return JsonAnswer.read(body, length, ErrorBody::read);
        } catch (MalformedAnswerException e) {
            // Not an error of the API, so its own words are all that there is to show.
            String words =
                    new String(body, 0, Math.min(length, MAX_WORDS_BYTES), StandardCharsets.UTF_8);
            return new ErrorBody(0, null, OneLine.of(words, MAX_WORDS_CHARS));
        }
    }

    private static ErrorBody read(JsonParser json) throws IOException {
        int code = 0;
        String symbolicName = null;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            JsonToken value = json.nextToken();
            if (name.equals("ErrorCode")
                    && value == JsonToken.VALUE_NUMBER_INT
                    && json.getNumberType() == JsonParser.NumberType.INT) {
                code = json.getIntValue();
            } else if (name.equals("ErrorMessage") && value == JsonToken.VALUE_STRING) {
                symbolicName = OneLine.of(json.getText(), MAX_NAME_CHARS);
            } else {
                json.skipChildren();
            }
        }
        return new ErrorBody(code, symbolicName, "");
    }
}
