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

package io.v3io.client.http;

import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** What a request proves its right with. Its text form is masked, also as a header. */
final class Secret {

    private static final String MASKED = "***";

    private final Header header;
    private final List<String> secrets;
    private final List<SecretForm> forms = new ArrayList<>();

    private Secret(Header header, List<String> secrets) {
        this.header = header;
        this.secrets = secrets;
        for (String secret : secrets) {
            forms.addAll(SecretForm.of(secret));
        }
    }

    static Secret accessKey(String key) {
        return new Secret(new MaskedHeader("X-v3io-session-key", key), List.of(key));
    }

    static Secret user(String name, String password) {
        String encoded =
                Base64.getEncoder()
                        .encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
        return new Secret(
                new MaskedHeader("Authorization", "Basic " + encoded), List.of(encoded, password));
    }

    Header header() {
        return header;
    }

    /** The ways in which it may be written. */
    List<SecretForm> forms() {
        return forms;
    }

    boolean isSame(Secret other) {
        return secrets.equals(other.secrets);
    }

    @Override
    public String toString() {
        return MASKED;
    }

    /** The HTTP library logs headers by their text form when someone turns its debug log on. */
    private static final class MaskedHeader extends BasicHeader {

        private static final long serialVersionUID = 1L;

        MaskedHeader(String name, String value) {
            super(name, value, true);
        }

        @Override
        public String toString() {
            return getName() + ": " + MASKED;
        }
    }
}
