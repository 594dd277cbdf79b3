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

import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Something with attributes: a plain object or a shard. */
public sealed interface Item permits StoredObject, Shard {

    /**
     * All attributes as they were at one moment.
     *
     * @param user what PutItem stored
     * @param system what the system knows: {@code __mtime_secs}, {@code __obj_type} and so on
     */
    record Snapshot(Map<String, AttributeValue> user, Map<String, AttributeValue> system) {}

    /**
     * The attributes of one moment: a reader that takes the time of the last change as the
     * condition of its own must have seen the attributes that belong to it.
     */
    Snapshot snapshot();

    /** What the user attributes become. */
    @FunctionalInterface
    interface Change {
        /**
         * The next user attributes.
         *
         * @param user the present ones
         * @param all the present ones and those of the system
         * @throws io.v3io.emulator.protocol.ApiException to change nothing
         */
        Map<String, AttributeValue> next(
                Map<String, AttributeValue> user, Map<String, AttributeValue> all);
    }

    /**
     * Changes attributes in one step with whatever the change depends on.
     *
     * @return the time of the change in nanoseconds since 1970, when it is safe
     * @throws io.v3io.emulator.protocol.ApiException when the change refuses or the item has gone
     */
    CompletableFuture<Long> change(Change change);
}
