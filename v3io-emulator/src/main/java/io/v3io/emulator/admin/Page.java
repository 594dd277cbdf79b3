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

package io.v3io.emulator.admin;

import io.v3io.emulator.http.Response;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The page for people. It needs nothing from elsewhere, and its content policy lets no script run
 * but its own, whatever the records hold.
 */
final class Page {
    private static final int NONCE_BYTES = 16;

    private final SecureRandom random = new SecureRandom();
    private final String template;

    Page() {
        try (InputStream resource = Page.class.getResourceAsStream("page.html")) {
            template = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the page is missing in the emulator's jar", e);
        }
    }

    Response response() {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        String nonce = HexFormat.of().formatHex(bytes);
        return Response.text(200, "text/html; charset=utf-8", template.replace("{{nonce}}", nonce))
                .withHeader(
                        "Content-Security-Policy",
                        "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; script-src 'nonce-"
                                + nonce
                                + "'; style-src 'nonce-"
                                + nonce
                                + "'")
                .withHeader("X-Content-Type-Options", "nosniff")
                .withHeader("Cache-Control", "no-store");
    }
}
