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

package io.v3io.emulator.http;

import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is answered.
 *
 * @param headers beside those that follow from the body
 * @param body released by whoever sends or drops the response
 */
public record Response(int status, Map<String, String> headers, ByteBuf body) {
    private static final String CONTENT_TYPE = "Content-Type";

    /** No body. */
    public static Response empty(int status) {
        return new Response(status, Map.of(), Unpooled.EMPTY_BUFFER);
    }

    /** Answers with a body that is JSON already. */
    public static Response json(int status, ByteBuf body) {
        return new Response(status, Map.of(CONTENT_TYPE, "application/json"), body);
    }

    /** Answers with a small JSON document. */
    public static Response json(int status, JsonNode body) {
        return text(status, "application/json", body.toString());
    }

    /** A text in UTF-8. */
    public static Response text(int status, String contentType, String body) {
        return new Response(
                status,
                Map.of(CONTENT_TYPE, contentType),
                Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
    }

    /** An error of API page section 5, with an explanation in an extra field. */
    public static Response error(ApiException e) {
        return error(e, e.error().status(), e.error().symbolicName());
    }

    /** The same with another status or name. */
    public static Response error(ApiException e, int status, String symbolicName) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("ErrorCode", e.error().code());
        body.put("ErrorMessage", symbolicName);
        body.put("ErrorDetail", e.getMessage());
        Response response = json(status, body);
        return e.error() == ApiError.UNAUTHORIZED
                // Makes a browser ask for the key.
                ? response.withHeader(
                        "WWW-Authenticate", "Basic realm=\"V3IO emulator: any user, access key\"")
                : response;
    }

    /** The same with one more header. */
    public Response withHeader(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(name, value);
        return new Response(status, more, body);
    }
}
