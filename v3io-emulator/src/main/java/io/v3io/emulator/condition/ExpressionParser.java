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

package io.v3io.emulator.condition;

import io.v3io.emulator.protocol.ApiException;

/** The steps over the text of an expression that all kinds of expressions have. */
abstract class ExpressionParser {

    /** More nesting than any client sends, and less than the stack can take. */
    private static final int MAX_DEPTH = 100;

    final String text;
    int position;
    private final String kind;
    private int depth;

    /**
     * At the beginning of a text.
     *
     * @param kind of the expression, as messages name it
     */
    ExpressionParser(String kind, String text) {
        this.kind = kind;
        this.text = text;
    }

    /** Goes one level deeper, and not too deep. */
    final void enter() {
        if (++depth > MAX_DEPTH) {
            throw malformed("less than " + MAX_DEPTH + " levels");
        }
    }

    final void leave() {
        depth--;
    }

    /** Whether the symbol is next; then it is passed. */
    final boolean symbol(String symbol) {
        skipSpace();
        if (text.startsWith(symbol, position)) {
            position += symbol.length();
            return true;
        }
        return false;
    }

    final void expect(String symbol) {
        if (!symbol(symbol)) {
            throw malformed(symbol);
        }
    }

    final boolean atEnd() {
        skipSpace();
        return position == text.length();
    }

    final void skipSpace() {
        while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
            position++;
        }
    }

    /** What is thrown where something else was expected. */
    final ApiException malformed(String expected) {
        return ApiException.invalidArgument(
                "the "
                        + kind
                        + " "
                        + text
                        + " is malformed at character "
                        + position
                        + ": expected "
                        + expected
                        + advice());
    }

    /** What else to say about the present position; empty for nothing. */
    String advice() {
        return "";
    }
}
