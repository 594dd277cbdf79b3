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

import io.v3io.emulator.store.AttributeValue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An update of an item's attributes, such as {@code SET n = if_not_exists(n, 0) + 1; REMOVE old}.
 *
 * <p>Known are {@code SET attribute = value} (the keyword may be left out) and {@code REMOVE
 * attribute}, separated by semicolons, and as values numbers, strings, {@code true}, {@code false},
 * attributes, {@code if_not_exists(attribute, value)}, parentheses, and {@code + - * / %} between
 * numbers. Each action sees what the actions before it have done. Arrays are not supported, and
 * refused.
 *
 * @param actions in their order
 */
public record UpdateExpression(List<Action> actions) {

    /**
     * Sets or removes an attribute.
     *
     * @param value null to remove it
     */
    record Action(String attribute, Value value) {}

    /** What an attribute is set to. */
    @FunctionalInterface
    interface Value {
        /**
         * The value.
         *
         * @throws io.v3io.emulator.protocol.ApiException invalid argument, when there is none
         */
        AttributeValue in(Map<String, AttributeValue> attributes);
    }

    /**
     * Understands an expression; an empty one changes nothing.
     *
     * @throws io.v3io.emulator.protocol.ApiException invalid argument, saying what is wrong
     */
    public static UpdateExpression parse(String text) {
        return new UpdateExpression(new UpdateParser(text).parse());
    }

    /**
     * The user attributes after the update.
     *
     * @param user the present ones
     * @param all the present ones and those of the system, which can be read
     * @throws io.v3io.emulator.protocol.ApiException invalid argument, when a value cannot be
     *     computed
     */
    public Map<String, AttributeValue> apply(
            Map<String, AttributeValue> user, Map<String, AttributeValue> all) {
        Map<String, AttributeValue> next = new TreeMap<>(user);
        Map<String, AttributeValue> visible = new TreeMap<>(all);
        for (Action action : actions) {
            if (action.value() == null) {
                next.remove(action.attribute());
                visible.remove(action.attribute());
            } else {
                AttributeValue value = action.value().in(visible);
                next.put(action.attribute(), value);
                visible.put(action.attribute(), value);
            }
        }
        return next;
    }
}
