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

package io.v3io.emulator.operations;

import io.v3io.emulator.http.Request;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Lets requests with the right key in: {@code X-v3io-session-key}, or the password of Basic
 * authentication.
 */
public final class AccessControl {
    private static final String BASIC = "Basic ";

    /** Null lets everyone in. */
    private volatile List<byte[]> accessKeys;

    /**
     * A control by one key.
     *
     * @param accessKey null for none: then any key will do, and no key as well
     */
    public AccessControl(String accessKey) {
        if (accessKey != null) {
            accept(List.of(accessKey));
        }
    }

    /**
     * Lets in who has one of these keys, from now on, and nobody else.
     *
     * @param keys at least one
     */
    public void accept(List<String> keys) {
        accessKeys = keys.stream().map(key -> key.getBytes(StandardCharsets.UTF_8)).toList();
    }

    /**
     * Checks a request.
     *
     * @throws ApiException 401 when there is no key, 403 when it is the wrong one
     */
    public void check(Request request) {
        List<byte[]> accepted = accessKeys;
        if (accepted == null) {
            return;
        }
        String key =
                keyOf(request)
                        .orElseThrow(
                                () ->
                                        new ApiException(
                                                ApiError.UNAUTHORIZED,
                                                "send X-v3io-session-key or Basic authentication"));
        byte[] sent = key.getBytes(StandardCharsets.UTF_8);
        // Each in constant time, as one compares secrets.
        if (accepted.stream().noneMatch(one -> MessageDigest.isEqual(one, sent))) {
            throw new ApiException(ApiError.PERMISSION_DENIED, "the access key is wrong");
        }
    }

    /** The key that a request brings, right or wrong. */
    static Optional<String> keyOf(Request request) {
        String sessionKey = request.headers().get("X-v3io-session-key");
        if (sessionKey != null && !sessionKey.isEmpty()) {
            return Optional.of(sessionKey);
        }
        String authorization = request.headers().get("Authorization");
        if (authorization == null
                || !authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return Optional.empty();
        }
        try {
            byte[] decoded =
                    Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
            String credentials = new String(decoded, StandardCharsets.UTF_8);
            return Optional.of(credentials.substring(credentials.indexOf(':') + 1));
        } catch (IllegalArgumentException e) {
            throw new ApiException(
                    ApiError.PERMISSION_DENIED, "the Authorization header is not base64");
        }
    }
}
