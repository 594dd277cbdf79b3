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

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** The attributes that the system owns, API page section 7. */
public final class SystemAttributes {
    public static final String MTIME_SECONDS = "__mtime_secs";
    public static final String MTIME_NANOS = "__mtime_nsecs";
    public static final String NAME = "__name";
    public static final String OBJECT_TYPE = "__obj_type";
    public static final String LAST_SEQUENCE_NUMBER = "__last_sequence_num";

    /** {@code __obj_type} of a shard. */
    public static final int OBJECT_TYPE_SHARD = 3;

    private static final Set<String> NAMES =
            Set.of(
                    MTIME_SECONDS,
                    MTIME_NANOS,
                    OBJECT_TYPE,
                    LAST_SEQUENCE_NUMBER,
                    NAME,
                    "__size",
                    "__mode",
                    "__uid",
                    "__gid",
                    "__inode_number",
                    "__atime_secs",
                    "__atime_nsecs",
                    "__ctime_secs",
                    "__ctime_nsecs",
                    "__collection_id");

    private static final String FILE_MODE = "0100664";

    private SystemAttributes() {}

    /** Whether users cannot put this attribute. */
    public static boolean isSystem(String name) {
        return NAMES.contains(name);
    }

    /** What everything has. */
    static Map<String, AttributeValue> of(
            String name, long size, long inode, long mtimeNanos, int objectType) {
        Map<String, AttributeValue> attributes = new TreeMap<>();
        attributes.put(NAME, new AttributeValue(AttributeValue.Type.S, name));
        attributes.put("__size", AttributeValue.number(size));
        attributes.put("__mode", AttributeValue.number(Long.parseLong(FILE_MODE, 8)));
        attributes.put("__uid", AttributeValue.number(0));
        attributes.put("__gid", AttributeValue.number(0));
        attributes.put("__inode_number", AttributeValue.number(inode));
        attributes.put(MTIME_SECONDS, AttributeValue.number(EmulatorClock.seconds(mtimeNanos)));
        attributes.put(MTIME_NANOS, AttributeValue.number(EmulatorClock.nanosOfSecond(mtimeNanos)));
        attributes.put(OBJECT_TYPE, AttributeValue.number(objectType));
        return attributes;
    }

    /** A number for what is at a path: always the same, and most likely no other's. */
    public static long inode(String container, String path) {
        CRC32C checksum = new CRC32C();
        checksum.update((container + "/" + path).getBytes(StandardCharsets.UTF_8));
        return checksum.getValue() + 1;
    }
}
