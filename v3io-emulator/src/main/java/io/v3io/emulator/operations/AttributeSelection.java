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

import io.v3io.emulator.store.AttributeValue;
import io.v3io.emulator.store.Item;
import io.v3io.emulator.store.SystemAttributes;

import java.util.Map;
import java.util.StringTokenizer;
import java.util.TreeMap;

/**
 * Which attributes of an item are asked for.
 *
 * @param names separated by commas; {@code *} for those of users, {@code **} for all
 * @param withName whether {@code *} includes the item's name, as it does in GetItems
 */
record AttributeSelection(String names, boolean withName) {

    /** The attributes that the item has of those that are asked for. */
    Map<String, AttributeValue> of(Item.Snapshot attributes) {
        Map<String, AttributeValue> all = new TreeMap<>(attributes.user());
        all.putAll(attributes.system());
        Map<String, AttributeValue> selected = new TreeMap<>();
        StringTokenizer tokens = new StringTokenizer(names, ",");
        while (tokens.hasMoreTokens()) {
            String name = tokens.nextToken().strip();
            switch (name) {
                case "*" -> {
                    selected.putAll(attributes.user());
                    if (withName) {
                        selected.put(SystemAttributes.NAME, all.get(SystemAttributes.NAME));
                    }
                }
                case "**" -> selected.putAll(all);
                default -> {
                    if (all.containsKey(name)) {
                        selected.put(name, all.get(name));
                    }
                }
            }
        }
        return selected;
    }
}
