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

package io.v3io.flink.formats;

import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.DataType;

import javax.annotation.Nullable;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an event has beside its body, as metadata columns of the format. NULL is what it lacks. */
enum StoreyMetadata {
    /** As text; a list of keys is its JSON. */
    KEY("key", true) {
        @Override
        Object of(StoreyEnvelope event) {
            return text(event.key());
        }
    },
    /** The parts of a list; a single key is the only part. */
    KEYS("keys", true) {
        @Override
        Object of(StoreyEnvelope event) throws IOException {
            return event.key() == null
                    ? null
                    : new GenericArrayData(
                            event.key().parts().stream().map(StringData::fromString).toArray());
        }
    },
    ID("id", true) {
        @Override
        Object of(StoreyEnvelope event) {
            return text(event.id());
        }
    },
    /** Newer versions of storey do not write it, so neither does the format. */
    TIME("time", false) {
        @Override
        Object of(StoreyEnvelope event) throws IOException {
            return event.time() == null ? null : TimestampData.fromInstant(event.time().time());
        }
    };

    private final String key;
    private final boolean writable;

    StoreyMetadata(String key, boolean writable) {
        this.key = key;
        this.writable = writable;
    }

    DataType type() {
        return switch (this) {
            case KEY, ID -> DataTypes.STRING();
            case KEYS -> DataTypes.ARRAY(DataTypes.STRING());
            case TIME -> DataTypes.TIMESTAMP_WITH_LOCAL_TIME_ZONE(6);
        };
    }

    /** The event's value, as Flink's own data structure; null for NULL. */
    @Nullable
    abstract Object of(StoreyEnvelope event) throws IOException;

    @Nullable
    private static StringData text(@Nullable StoreyEnvelope.Value value) {
        return value == null ? null : StringData.fromString(value.text());
    }

    static Map<String, DataType> readable() {
        Map<String, DataType> all = new LinkedHashMap<>();
        Arrays.stream(values()).forEach(one -> all.put(one.key, one.type()));
        return all;
    }

    static Map<String, DataType> writable() {
        Map<String, DataType> all = new LinkedHashMap<>();
        Arrays.stream(values())
                .filter(one -> one.writable)
                .forEach(one -> all.put(one.key, one.type()));
        return all;
    }

    /** In the order of the names. */
    static List<StoreyMetadata> named(List<String> keys) {
        return keys.stream().map(StoreyMetadata::named).toList();
    }

    private static StoreyMetadata named(String key) {
        return Arrays.stream(values())
                .filter(one -> one.key.equals(key))
                .findFirst()
                .orElseThrow(
                        () ->
                                new ValidationException(
                                        "Format 'storey-json' has no metadata '" + key + "'."));
    }
}
