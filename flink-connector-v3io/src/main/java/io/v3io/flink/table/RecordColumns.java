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

package io.v3io.flink.table;

import io.v3io.flink.table.V3ioFormatOptions.ValueFieldsInclude;

import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.DataType;

import java.util.List;
import java.util.stream.IntStream;

/** Which physical columns of a table stand in a record's partition key, and which in its data. */
final class RecordColumns {

    private static final String KEY_FORMAT = "option '" + V3ioFormatOptions.KEY_FORMAT.key() + "'";

    private final DataType physicalType;
    private final String keyPrefix;
    private final int[] key;
    private final int[] value;

    /**
     * The columns of a table.
     *
     * @throws ValidationException if options contradict each other or the columns
     */
    RecordColumns(ReadableConfig options, DataType physicalType) {
        this.physicalType = physicalType;
        this.keyPrefix = options.get(V3ioFormatOptions.KEY_FIELDS_PREFIX);
        boolean hasKey = options.getOptional(V3ioFormatOptions.KEY_FORMAT).isPresent();
        TableOptions.requireOnlyIf(
                options,
                hasKey,
                KEY_FORMAT,
                V3ioFormatOptions.KEY_FIELDS,
                V3ioFormatOptions.KEY_FIELDS_PREFIX,
                V3ioFormatOptions.VALUE_FIELDS_INCLUDE);
        List<String> names = DataType.getFieldNames(physicalType);
        this.key =
                hasKey
                        ? TableOptions.require(options, V3ioFormatOptions.KEY_FIELDS, KEY_FORMAT)
                                .stream()
                                .mapToInt(name -> keyColumn(name, names))
                                .toArray()
                        : new int[0];
        boolean isKeyOnlyInKey =
                options.get(V3ioFormatOptions.VALUE_FIELDS_INCLUDE)
                        == ValueFieldsInclude.EXCEPT_KEY;
        if (!keyPrefix.isEmpty() && !isKeyOnlyInKey) {
            throw new ValidationException(
                    "Option '"
                            + V3ioFormatOptions.KEY_FIELDS_PREFIX.key()
                            + "' needs '"
                            + V3ioFormatOptions.VALUE_FIELDS_INCLUDE.key()
                            + "' = 'except-key': in the data the columns would have the prefix in their names.");
        }
        this.value =
                IntStream.range(0, names.size())
                        .filter(column -> !isKeyOnlyInKey || indexOf(key, column) < 0)
                        .toArray();
    }

    private int keyColumn(String name, List<String> names) {
        int column = names.indexOf(name);
        if (column < 0) {
            throw new ValidationException(
                    "Option '"
                            + V3ioFormatOptions.KEY_FIELDS.key()
                            + "' names '"
                            + name
                            + "', which is no physical column of the table; these are "
                            + names
                            + ".");
        }
        if (!name.startsWith(keyPrefix)) {
            throw new ValidationException(
                    "Option '"
                            + V3ioFormatOptions.KEY_FIELDS.key()
                            + "' names '"
                            + name
                            + "', which does not begin with '"
                            + keyPrefix
                            + "' as '"
                            + V3ioFormatOptions.KEY_FIELDS_PREFIX.key()
                            + "' says.");
        }
        return column;
    }

    private static int indexOf(int[] columns, int column) {
        return IntStream.range(0, columns.length)
                .filter(position -> columns[position] == column)
                .findFirst()
                .orElse(-1);
    }

    DataType physicalType() {
        return physicalType;
    }

    boolean hasKey() {
        return key.length > 0;
    }

    /** Positions in a row, in the order of the key. */
    int[] key() {
        return key.clone();
    }

    /** Positions in a row, in the order of the data. */
    int[] value() {
        return value.clone();
    }

    /** What the key's format reads and writes, without the prefix in the names. */
    DataType keyType() {
        return rowOf(key, keyPrefix.length());
    }

    /** What the data's format reads and writes. */
    DataType valueType() {
        return rowOf(value, 0);
    }

    private DataType rowOf(int[] columns, int prefixLength) {
        List<DataTypes.Field> all = DataType.getFields(physicalType);
        return DataTypes.ROW(
                        IntStream.of(columns)
                                .mapToObj(all::get)
                                .map(
                                        field ->
                                                DataTypes.FIELD(
                                                        field.getName().substring(prefixLength),
                                                        field.getDataType()))
                                .toList())
                .notNull();
    }

    /** Where the data has a column; negative if only the key has it. */
    int positionInValue(int column) {
        return indexOf(value, column);
    }

    /** Where the key has a column; negative if only the data has it. */
    int positionInKey(int column) {
        return indexOf(key, column);
    }
}
