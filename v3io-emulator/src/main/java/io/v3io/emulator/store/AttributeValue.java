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

package io.v3io.emulator.store;

import java.math.BigDecimal;

/**
 * The value of an attribute of an item.
 *
 * @param text the value as it is written on the wire: a number's digits, a string, base64, {@code
 *     true} or {@code false}
 */
public record AttributeValue(Type type, String text) {

    /** The wire's names of the types. */
    public enum Type {
        /** A number, written as a string. */
        N,
        /** A string. */
        S,
        /** Bytes in base64. */
        B,
        /** A truth value, written as a JSON boolean. */
        BOOL,
        /** A time, written as {@code seconds:nanoseconds}. */
        TS
    }

    /** A whole number. */
    public static AttributeValue number(long number) {
        return new AttributeValue(Type.N, Long.toString(number));
    }

    /** The value of a number. */
    public BigDecimal toNumber() {
        return new BigDecimal(text);
    }
}
