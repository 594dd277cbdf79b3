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
import io.v3io.client.model.StreamDescription;

import javax.annotation.Nullable;

import java.util.List;

/**
 * A page of a directory listing.
 *
 * @param objects the objects directly in the directory
 * @param directories the directories directly in it
 * @param nextMarker where the next page starts; null on the last page
 */
@Internal
public record ListingPage(
        List<ListedObject> objects,
        List<ListedDirectory> directories,
        @Nullable String nextMarker) {

    /**
     * An object, which may be a shard.
     *
     * @param key its path in the container
     * @param lastSequenceId a shard's newest sequence number; 0 if the listing does not tell one,
     *     as for anything but a shard, and on some platforms for shards, too
     */
    public record ListedObject(String key, long lastSequenceId) {}

    /**
     * A directory, which may be that of a stream.
     *
     * @param path its path in the container, without a slash at its end
     * @param stream shard count and retention if it is a stream's directory, else null
     */
    public record ListedDirectory(String path, @Nullable StreamDescription stream) {}
}
