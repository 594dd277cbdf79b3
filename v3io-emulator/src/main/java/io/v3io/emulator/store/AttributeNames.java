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

import io.v3io.emulator.protocol.ApiException;

import java.util.regex.Pattern;

/** The names that attributes can have. */
public final class AttributeNames {
    private static final Pattern POSSIBLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");

    private AttributeNames() {}

    /**
     * A name of an attribute that users may set.
     *
     * @throws ApiException invalid argument, when it belongs to the system or cannot be a name
     */
    public static String checkUser(String name) {
        if (SystemAttributes.isSystem(name)) {
            throw ApiException.invalidArgument(
                    "the attribute " + name + " belongs to the system and cannot be set");
        }
        if (!POSSIBLE.matcher(name).matches()) {
            throw ApiException.invalidArgument(
                    "an attribute has a name of letters, digits and _, not beginning with a digit, but one was \""
                            + name
                            + "\"");
        }
        return name;
    }
}
