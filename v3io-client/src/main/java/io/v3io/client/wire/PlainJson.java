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

import javax.annotation.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * A cursor over a body that reads JSON as servers usually write it: UTF-8, texts without escapes,
 * integers without sign. Anything else is answered with null or a negative number, be it legal or
 * not, and ends the use of the cursor: the caller leaves the body to a parser that knows all of
 * JSON. So nothing here throws, and whatever is answered is what that parser would have read.
 */
final class PlainJson {

    /** Instead of a number or a character: there is none that this class reads. */
    static final int NONE = -1;

    /** As many digits always fit a long. */
    private static final int MAX_DIGITS = 18;

    /** No text of the API is longer; the parser has limits of its own, for it to enforce. */
    private static final int MAX_TEXT_BYTES = 16 * 1024 * 1024;

    /** For unknown names and their texts: less than the 50,000 that the parser takes of a name. */
    private static final int MAX_UNKNOWN_BYTES = 32 * 1024;

    /** What is decoded from bytes that are not UTF-8, and may not be told from it. */
    private static final char REPLACEMENT = '\uFFFD';

    private static final byte[] NULL = ascii("null");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] NO_BYTES = new byte[0];

    private final byte[] body;
    private final int end;
    private final ByteBuffer base64;
    private int at;

    private int lastBase64Chars;
    private boolean isGuessing = true;

    /** The body is in the first bytes of the array. */
    PlainJson(byte[] body, int length) {
        this.body = body;
        this.end = length;
        this.base64 = ByteBuffer.wrap(body);
    }

    /** Where the next byte is, from the start of the body. */
    int position() {
        return at;
    }

    /** The next character that is not white space, which is not passed; negative at the end. */
    int peek() {
        while (at < end) {
            byte next = body[at];
            if (next > ' ') {
                return next;
            }
            if (next != ' ' && next != '\n' && next != '\r' && next != '\t') {
                return NONE;
            }
            at++;
        }
        return NONE;
    }

    /** Passes white space and this character; false if another one comes. */
    boolean pass(char expected) {
        if (peek() == expected) {
            at++;
            return true;
        }
        return false;
    }

    /** Whether there is only white space left. */
    boolean isAtEnd() {
        return peek() < 0 && at == end;
    }

    /** The next eight bytes, which names are told by; 0, like no name, if there are not so many. */
    long word() {
        return at <= end - Long.BYTES ? ByteSearch.word(body, at) : 0;
    }

    /** Passes the name and its closing quote, if they come next. */
    boolean passName(FieldName name) {
        return passName(name, word());
    }

    /** The same with the word that comes next, for who tries one name after another. */
    boolean passName(FieldName name, long word) {
        if (!name.startsLike(word) || !name.endsAt(body, at, end)) {
            return false;
        }
        at += name.length();
        return true;
    }

    /** Passes the rest of any plain text and its closing quote. */
    boolean passText() {
        int quote = ByteSearch.notPlain(body, at, end);
        if (quote == end || body[quote] != '"' || quote - at > MAX_UNKNOWN_BYTES) {
            return false;
        }
        at = quote + 1;
        return true;
    }

    /** Passes null, if it comes next. */
    boolean passNull() {
        return peek() == 'n' && passLiteral(NULL);
    }

    /** Passes a value of any kind but an object or an array. */
    boolean passScalar() {
        switch (peek()) {
            case '"' -> {
                at++;
                return passText();
            }
            case 'n' -> {
                return passLiteral(NULL);
            }
            case 't' -> {
                return passLiteral(TRUE);
            }
            case 'f' -> {
                return passLiteral(FALSE);
            }
            default -> {
                return number() >= 0;
            }
        }
    }

    private boolean passLiteral(byte[] literal) {
        int to = at + literal.length;
        if (to > end || !Arrays.equals(body, at, to, literal, 0, literal.length)) {
            return false;
        }
        at = to;
        return true;
    }

    /** Reads an integer of 0 or more. What follows it is for the caller to see. */
    long number() {
        int from = peek() < 0 ? end : at;
        int digits = from;
        long value = 0;
        int found = Digits.MAX;
        while (found == Digits.MAX && digits <= end - Long.BYTES) {
            long word = ByteSearch.word(body, digits);
            found = Digits.count(word);
            value = Digits.append(value, word, found);
            digits += found;
        }
        // Where less than a word is left.
        while (found == Digits.MAX && digits < end && body[digits] >= '0' && body[digits] <= '9') {
            value = value * 10 + body[digits] - '0';
            digits++;
        }
        int count = digits - from;
        at = digits;
        return count == 0 || count > MAX_DIGITS || (count > 1 && body[from] == '0') ? NONE : value;
    }

    /** Reads a text with its quotes; null if it is not plain. */
    @Nullable
    String text(@Nullable KeyCache cache) {
        if (!pass('"')) {
            return null;
        }
        int from = at;
        int quote = ByteSearch.notPlain(body, from, end);
        if (quote == end || quote - from > MAX_TEXT_BYTES) {
            return null;
        }
        at = quote + 1;
        if (body[quote] == '"') {
            return cache != null
                    ? cache.key(from, quote)
                    : new String(body, from, quote - from, StandardCharsets.ISO_8859_1);
        }
        return body[quote] < 0 ? textBeyondAscii(from, quote) : null;
    }

    @Nullable
    private String textBeyondAscii(int from, int firstBeyond) {
        int quote = firstBeyond;
        while (quote < end && body[quote] < 0) {
            quote = ByteSearch.notPlain(body, quote + 1, end);
        }
        if (quote == end || body[quote] != '"' || quote - from > MAX_TEXT_BYTES) {
            return null;
        }
        at = quote + 1;
        String text = new String(body, from, quote - from, StandardCharsets.UTF_8);
        return text.indexOf(REPLACEMENT) < 0 ? text : null;
    }

    /**
     * The bytes of a text in base64, in an array of their own.
     *
     * <p>Payloads of a stream often have one size. So a quote is first looked for where it was in
     * the text before: if it is there, and all before it is base64, then nothing had to be
     * searched. After a first wrong guess there is no other.
     */
    @Nullable
    byte[] base64() {
        if (!pass('"')) {
            return null;
        }
        int guessed = at + lastBase64Chars;
        if (isGuessing && lastBase64Chars > 0 && guessed < end && body[guessed] == '"') {
            byte[] decoded = decode(at, guessed);
            if (decoded != null) {
                at = guessed + 1;
                return decoded;
            }
            isGuessing = false;
        }
        int quote = ByteSearch.quote(body, at, end);
        int chars = quote - at;
        // The JDK does without padding, which the parser demands.
        if (quote == end || chars % 4 != 0 || chars > MAX_TEXT_BYTES) {
            return null;
        }
        byte[] decoded = decode(at, quote);
        at = quote + 1;
        lastBase64Chars = chars;
        return decoded;
    }

    /** Null if it is not base64, or if it goes on after its padding, which the parser allows. */
    @Nullable
    private byte[] decode(int from, int to) {
        if (from == to) {
            return NO_BYTES;
        }
        if (TableBase64.IS_FASTER) {
            return TableBase64.decode(body, from, to);
        }
        try {
            ByteBuffer decoded = Base64.getDecoder().decode(base64.limit(to).position(from));
            byte[] bytes = decoded.array();
            int offset = decoded.arrayOffset();
            int length = decoded.limit();
            // So it is in every JDK, for the number of characters tells the number of bytes.
            return offset == 0 && length == bytes.length
                    ? bytes
                    : Arrays.copyOfRange(bytes, offset, offset + length);
        } catch (IllegalArgumentException e) {
            // The exception says no more than the null.
            return null;
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
