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

package io.v3io.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Reads the address of a server as people write it and brings it into one form. */
final class EndpointText {

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final int MAX_PORT = 65_535;

    private EndpointText() {}

    /**
     * The address as {@code scheme://host:port}, with http for a missing scheme and the scheme's
     * port for a missing port.
     *
     * @param option name of the setting, for the error message
     * @throws IllegalArgumentException if it is not an http or https address, or has more than
     *     scheme, host and port
     */
    static URI parse(String option, String text) {
        String trimmed = text.trim();
        // The text itself is shown only once it is certain that it holds no password.
        if (trimmed.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    option
                            + " must not have user information before the host: expected"
                            + " [http://|https://]host[:port], and credentials in their own option.");
        }
        URI uri;
        try {
            uri = new URI(trimmed.contains("://") ? trimmed : "http://" + trimmed);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(refusal(option, text, "is not a URL"), e);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException(
                    refusal(option, text, "must have the scheme http or https"));
        }
        if (uri.getHost() == null) {
            throw new IllegalArgumentException(refusal(option, text, "has no valid host name"));
        }
        if (!uri.getRawPath().isEmpty() && !uri.getRawPath().equals("/")) {
            throw new IllegalArgumentException(refusal(option, text, "must not have a path"));
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    refusal(option, text, "must not have a query or a fragment"));
        }
        int port = uri.getPort();
        if (port < 0) {
            port = scheme.equals("https") ? HTTPS_PORT : HTTP_PORT;
        }
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException(
                    refusal(option, text, "must have a port from 1 to " + MAX_PORT));
        }
        return URI.create(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + ":" + port);
    }

    private static String refusal(String option, String text, String complaint) {
        return option
                + " '"
                + text
                + "' "
                + complaint
                + ": expected [http://|https://]host[:port], for example http://v3io-webapi:8081.";
    }
}
