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
import java.util.List;
import java.util.Locale;

/**
 * What the body of an error tells, as far as it tells anything: gateways answer with HTML or with
 * nothing.
 *
 * @param isOfApi whether the API has written it, and nobody on the way to it
 * @param code the {@code ErrorCode}; 0 without one
 * @param symbolicName the {@code ErrorMessage}, as one bounded line; null without one
 * @param words the start of a body that is not an API error, as one bounded line; empty otherwise
 */
@Internal
public record ErrorBody(boolean isOfApi, int code, @Nullable String symbolicName, String words) {

    private static final int MAX_NAME_CHARS = 300;
    private static final int MAX_WORDS_CHARS = 200;

    /**
     * What clients look for anywhere in a body (storey), and a text that was seen without JSON. No
     * gateway writes them.
     */
    private static final List<String> NAMES_OF_API =
            List.of(
                    "ResourceNotFoundException",
                    "ResourceInUseException",
                    "IllegalLocationException",
                    "Container not found");

    /**
     * Reads what can be read; never fails.
     *
     * @param isCut whether the body has lost its end
     */
    public static ErrorBody parse(byte[] body, int length, boolean isCut, ServerWords serverWords) {
        if (length == 0) {
            return new ErrorBody(false, 0, null, "");
        }
        try {
            ErrorBody read = JsonAnswer.read(body, length, json -> read(json, isCut, serverWords));
            if (read.isOfApi()) {
                return read;
            }
        } catch (MalformedAnswerException e) {
            // Not an error of the API, so its own words are all that there is to show.
        }
        String text = new String(body, 0, length, StandardCharsets.UTF_8);
        String lower = text.toLowerCase(Locale.ROOT);
        String line = serverWords.line(text, isCut, MAX_WORDS_CHARS);
        for (String name : NAMES_OF_API) {
            if (lower.contains(name.toLowerCase(Locale.ROOT))) {
                return new ErrorBody(true, 0, name, line.equals(name) ? "" : line);
            }
        }
        return new ErrorBody(false, 0, null, line);
    }

    private static ErrorBody read(JsonParser json, boolean isCut, ServerWords serverWords)
            throws IOException {
        int code = 0;
        boolean isOfApi = false;
        String symbolicName = null;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            JsonToken value = json.nextToken();
            if (name.equals("ErrorCode")
                    && value == JsonToken.VALUE_NUMBER_INT
                    && json.getNumberType() == JsonParser.NumberType.INT) {
                code = json.getIntValue();
                isOfApi = true;
            } else if (name.equals("ErrorMessage") && value == JsonToken.VALUE_STRING) {
                symbolicName = serverWords.line(json.getText(), isCut, MAX_NAME_CHARS);
                isOfApi = true;
            } else {
                json.skipChildren();
            }
        }
        return new ErrorBody(isOfApi, code, symbolicName, "");
    }
}
