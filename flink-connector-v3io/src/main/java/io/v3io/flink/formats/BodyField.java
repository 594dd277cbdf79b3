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

import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.DataType;

import javax.annotation.Nullable;

import java.util.List;

/** The column that holds a whole body, if there is one. */
final class BodyField {

    private BodyField() {}

    /**
     * Checks that the data has this column and no other.
     *
     * @param bodyField null if each column is a field of the body
     * @param physicalType the columns that the data has
     * @throws ValidationException if it has others
     */
    static void check(@Nullable String bodyField, DataType physicalType) {
        List<String> columns = DataType.getFieldNames(physicalType);
        if (bodyField != null && !columns.equals(List.of(bodyField))) {
            throw new ValidationException(
                    "Option '"
                            + StoreyJsonFormatFactory.IDENTIFIER
                            + "."
                            + StoreyJsonOptions.BODY_FIELD.key()
                            + "' = '"
                            + bodyField
                            + "' makes one column of the whole body, so that no other column can be in the data; the table"
                            + " has "
                            + columns
                            + ". Leave the option out to read the fields of the body, or declare '"
                            + bodyField
                            + "' as the only column that is no metadata.");
        }
    }
}
