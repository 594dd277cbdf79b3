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

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One way to write a secret, and how to find it in a text. Each of its characters is also found as
 * an escape of URLs, JSON or HTML, also of one in another, and lines may have been broken anywhere.
 */
final class SecretForm {

    /** Shorter texts are found in any sentence, and are no secrets. */
    private static final int MIN_CHARS = 4;

    /** A server may have cut what it shows; this much from its start is too much already. */
    private static final int MIN_SHOWN_CHARS = 8;

    private static final int MAX_GAP = 8;
    private static final int BASE64_GROUP = 3;

    private final String text;
    private final boolean isBase64;
    private final boolean ignoresCase;

    private SecretForm(String text, boolean isBase64, boolean ignoresCase) {
        this.text = text;
        this.isBase64 = isBase64;
        this.ignoresCase = ignoresCase;
    }

    /** The secret itself, its base64 wherever in a longer text it begins, and its hexadecimal. */
    static List<SecretForm> of(String secret) {
        List<SecretForm> forms = new ArrayList<>();
        if (secret.length() < MIN_CHARS) {
            return forms;
        }
        forms.add(new SecretForm(secret, false, true));
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        StringBuilder hex = new StringBuilder();
        for (byte b : bytes) {
            hex.append(Character.forDigit((b >> 4) & 0xF, 16))
                    .append(Character.forDigit(b & 0xF, 16));
        }
        forms.add(new SecretForm(hex.toString(), false, true));
        for (int before = 0; before < BASE64_GROUP; before++) {
            addBase64(forms, Base64.getEncoder(), bytes, before);
            addBase64(forms, Base64.getUrlEncoder(), bytes, before);
        }
        return forms;
    }

    /** Only the characters that nothing but the secret decides. */
    private static void addBase64(
            List<SecretForm> forms, Base64.Encoder encoder, byte[] bytes, int before) {
        byte[] padded = new byte[before + bytes.length];
        System.arraycopy(bytes, 0, padded, before, bytes.length);
        String encoded = encoder.withoutPadding().encodeToString(padded);
        int start = (before * 8 + 5) / 6;
        int end = padded.length * 8 / 6;
        String core = encoded.substring(start, Math.max(start, end));
        if (core.length() >= MIN_CHARS
                && forms.stream().noneMatch(form -> form.isBase64 && form.text.equals(core))) {
            forms.add(new SecretForm(core, true, false));
        }
    }

    /**
     * Where the secret that begins at a position ends; -1 if none begins there.
     *
     * @param isCut whether the text has lost its end, so that the start of a secret is one
     */
    int endOfMatch(String in, int from, boolean isCut) {
        if (!mayBegin(in.charAt(from))) {
            // As nearly everywhere: errors come by the thousand when a server is in trouble.
            return -1;
        }
        // All positions that the characters so far may lead to: an escape may be taken for itself.
        Set<Integer> reached = Set.of(from);
        for (int i = 0; i < text.length(); i++) {
            Set<Integer> next = new HashSet<>();
            for (int at : reached) {
                addAfter(in, at, text.charAt(i), next);
                for (int gap = at; i > 0 && gap - at < MAX_GAP && isGap(in, gap); gap++) {
                    addAfter(in, gap + 1, text.charAt(i), next);
                }
            }
            if (next.isEmpty()) {
                int last = Collections.max(reached);
                boolean isTooMuch =
                        i >= Math.max(MIN_SHOWN_CHARS, text.length() / 2)
                                || (isCut && i >= MIN_CHARS && isRest(in, last));
                return isTooMuch ? last : -1;
            }
            reached = next;
        }
        int end = Collections.max(reached);
        return isBase64 ? afterBase64(in, end) : end;
    }

    private boolean mayBegin(char c) {
        return isSame(c, text.charAt(0)) || c == '%' || c == '\\' || c == '&' || c == '+';
    }

    /** Where to begin to mask: what encodes the first bytes together with others belongs to it. */
    int startOfMask(String in, int from) {
        int start = from;
        while (isBase64 && start > 0 && from - start < 2 && isBase64Char(in.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    /** Whether what is left may be the start of an escape that has lost its end. */
    private static boolean isRest(String in, int at) {
        return in.length() - at < 2 * MAX_GAP
                && in.substring(at).matches("[\\s%\\\\&#;a-zA-Z0-9]*");
    }

    private static int afterBase64(String in, int at) {
        int end = at;
        while (end < in.length() && end - at < BASE64_GROUP && isBase64Char(in.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isBase64Char(char c) {
        return c < 0x80 && (Character.isLetterOrDigit(c) || "+/-_=".indexOf(c) >= 0);
    }

    private static boolean isGap(String in, int at) {
        if (at >= in.length()) {
            return false;
        }
        char c = in.charAt(at);
        return Character.isWhitespace(c)
                || Character.isISOControl(c)
                || Character.getType(c) == Character.FORMAT;
    }

    /** Adds the positions after this character, however it is written. */
    private void addAfter(String in, int at, char expected, Set<Integer> ends) {
        if (at >= in.length()) {
            return;
        }
        char c = in.charAt(at);
        if (isSame(c, expected) || (c == '+' && expected == ' ')) {
            ends.add(at + 1);
        }
        switch (c) {
            case '%' -> addAfterPercent(in, at, expected, ends);
            case '\\' -> addAfterBackslash(in, at, expected, ends);
            case '&' -> addAfterEntity(in, at, expected, ends);
            default -> {
                // No escape begins with it.
            }
        }
    }

    private boolean isSame(int c, char expected) {
        return c == expected
                || (ignoresCase && Character.toLowerCase(c) == Character.toLowerCase(expected));
    }

    private void addAfterPercent(String in, int from, char expected, Set<Integer> ends) {
        int at = from;
        byte[] bytes = String.valueOf(expected).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            if (at >= in.length() || in.charAt(at) != '%') {
                return;
            }
            at++;
            int value = hex(in, at, 2);
            // One escape in another: the percent sign is escaped itself, and so on.
            while (value == '%' && hex(in, at + 2, 2) >= 0) {
                if (bytes.length == 1 && expected == '%') {
                    ends.add(at + 2);
                }
                at += 2;
                value = hex(in, at, 2);
            }
            boolean isIt =
                    bytes.length == 1
                            ? value >= 0 && isSame(value, expected)
                            : value == (bytes[i] & 0xFF);
            if (!isIt) {
                return;
            }
            at += 2;
        }
        ends.add(at);
    }

    private void addAfterBackslash(String in, int from, char expected, Set<Integer> ends) {
        int at = from;
        while (at < in.length() && in.charAt(at) == '\\') {
            at++;
            if (expected == '\\') {
                ends.add(at);
            }
        }
        if (at >= in.length()) {
            return;
        }
        int digits = in.charAt(at) == 'u' ? 4 : in.charAt(at) == 'x' ? 2 : 0;
        int value = digits == 0 ? -1 : hex(in, at + 1, digits);
        if (value >= 0 && isSame(value, expected)) {
            ends.add(at + 1 + digits);
        }
        if (isSame(in.charAt(at), expected)) {
            ends.add(at + 1);
        }
    }

    private void addAfterEntity(String in, int from, char expected, Set<Integer> ends) {
        int at = from + 1;
        while (true) {
            int end = in.indexOf(';', at);
            if (end < 0 || end - at > MAX_GAP) {
                return;
            }
            String name = in.substring(at, end);
            int value =
                    switch (name) {
                        case "amp" -> '&';
                        case "lt" -> '<';
                        case "gt" -> '>';
                        case "quot" -> '"';
                        case "apos" -> '\'';
                        default -> number(name);
                    };
            if (value >= 0 && isSame(value, expected)) {
                ends.add(end + 1);
            }
            if (!name.equals("amp")) {
                return;
            }
            // One escape in another: the ampersand is escaped itself, and so on.
            at = end + 1;
        }
    }

    private static int number(String name) {
        if (name.startsWith("#x") || name.startsWith("#X")) {
            return hex(name, 2, name.length() - 2);
        }
        int value = 0;
        for (int i = 1; i < name.length(); i++) {
            int digit = Character.digit(name.charAt(i), 10);
            if (digit < 0) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return name.startsWith("#") && name.length() > 1 ? value : -1;
    }

    private static int hex(String in, int at, int digits) {
        if (digits < 1 || at + digits > in.length()) {
            return -1;
        }
        int value = 0;
        for (int i = at; i < at + digits; i++) {
            int digit = Character.digit(in.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            value = value * 16 + digit;
        }
        return value;
    }
}
