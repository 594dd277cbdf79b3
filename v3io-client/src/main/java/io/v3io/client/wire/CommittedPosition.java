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

import io.v3io.client.annotation.Internal;

import javax.annotation.Nullable;

/** Where v3io-go keeps the committed position of a consumer group: an attribute of the shard. */
@Internal
public final class CommittedPosition {

    private static final int MAX_GROUP_CHARS = 128;

    private CommittedPosition() {}

    static String attribute(String consumerGroup) {
        return "__" + consumerGroup + "_committed_sequence_number";
    }

    /**
     * Why a group's name cannot be part of an attribute name; null if it can.
     *
     * <p>GetItem separates attribute names with commas and knows {@code *} as a wildcard, so a
     * careless name would ask for something else than it writes. Letters, digits and underscores
     * are what attribute names are documented to have, and a name that begins with an underscore is
     * refused by Nuclio.
     */
    @Nullable
    public static String refuseGroup(String consumerGroup) {
        if (consumerGroup.isEmpty() || consumerGroup.length() > MAX_GROUP_CHARS) {
            return "The name of a consumer group must have 1 to "
                    + MAX_GROUP_CHARS
                    + " characters, not "
                    + consumerGroup.length()
                    + ".";
        }
        if (consumerGroup.charAt(0) == '_') {
            return refused(consumerGroup);
        }
        for (int i = 0; i < consumerGroup.length(); i++) {
            char c = consumerGroup.charAt(i);
            boolean allowed =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || c == '_';
            if (!allowed) {
                return refused(consumerGroup);
            }
        }
        return null;
    }

    private static String refused(String consumerGroup) {
        return "The name of consumer group '"
                + OneLine.of(consumerGroup, MAX_GROUP_CHARS)
                + "' may only have letters a-z, digits and '_', and must not begin with '_', because it"
                + " becomes part of an attribute name.";
    }
}
