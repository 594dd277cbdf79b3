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

import io.v3io.client.wire.OneLine;
import io.v3io.client.wire.ServerWords;

import java.util.ArrayList;
import java.util.List;

/**
 * Masks what a client has sent to prove its right, in words of a server that may echo it, now or
 * after the key has changed. Thread-safe.
 */
final class Redaction implements ServerWords {

    private static final String MASKED = "***";

    /** Keys are changed by the day, and echoed at once. */
    private static final int MAX_SECRETS = 4;

    /** Nothing of a message comes from further back in what a server has said. */
    private static final int MAX_SEARCHED_CHARS = 16 * 1024;

    private volatile List<Secret> sent = List.of();

    /** Masks this secret, too, from now on. */
    void add(Secret secret) {
        List<Secret> known = sent;
        if (!known.isEmpty() && known.get(known.size() - 1) == secret) {
            return;
        }
        synchronized (this) {
            List<Secret> more = new ArrayList<>(sent);
            more.removeIf(secret::isSame);
            more.add(secret);
            sent = List.copyOf(more.subList(Math.max(0, more.size() - MAX_SECRETS), more.size()));
        }
    }

    @Override
    public String line(String text, boolean isCut, int maxChars) {
        return text.length() > MAX_SEARCHED_CHARS
                ? OneLine.of(masked(text.substring(0, MAX_SEARCHED_CHARS), true), maxChars)
                : OneLine.of(masked(text, isCut), maxChars);
    }

    /** The text, of any length, without the secrets. */
    String masked(String text) {
        return masked(text, false);
    }

    private String masked(String text, boolean isCut) {
        List<SecretForm> forms = new ArrayList<>();
        for (Secret secret : sent) {
            forms.addAll(secret.forms());
        }
        StringBuilder masked = new StringBuilder(text.length());
        int copied = 0;
        for (int at = 0; at < text.length(); at++) {
            int start = at;
            int end = -1;
            for (SecretForm form : forms) {
                int one = form.endOfMatch(text, at, isCut);
                if (one > end) {
                    end = one;
                    start = form.startOfMask(text, at);
                }
            }
            if (end > at) {
                masked.append(text, copied, Math.max(copied, start)).append(MASKED);
                copied = end;
                at = end - 1;
            }
        }
        return masked.append(text, copied, text.length()).toString();
    }
}
