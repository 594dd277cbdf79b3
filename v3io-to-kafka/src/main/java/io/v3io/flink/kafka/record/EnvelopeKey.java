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

package io.v3io.flink.kafka.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import javax.annotation.Nullable;

import java.io.IOException;

/**
 * The key in a field of a JSON object, as storey and MLRun write it. Data that is no such object,
 * or has no text or number in the field, has no key: a mirror never stops for what is in a record.
 */
final class EnvelopeKey {

    private static final JsonFactory JSON = new JsonFactory();

    private final String field;

    EnvelopeKey(String field) {
        this.field = field;
    }

    @Nullable
    String of(byte[] data) {
        try (JsonParser parser = JSON.createParser(data)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isIt = parser.currentName().equals(field);
                JsonToken value = parser.nextToken();
                if (isIt) {
                    return value.isNumeric() || value == JsonToken.VALUE_STRING
                            ? parser.getText()
                            : null;
                }
                parser.skipChildren();
            }
            return null;
        } catch (IOException e) {
            // No JSON, so no key.
            return null;
        }
    }
}
