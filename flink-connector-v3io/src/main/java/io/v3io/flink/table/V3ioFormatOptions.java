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

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

import java.util.List;
import java.util.Locale;

/**
 * Options that say which columns stand in a record's partition key and which in its data; named as
 * those of Flink's Kafka connector.
 */
@PublicEvolving
public final class V3ioFormatOptions {

    /** Values of {@link #VALUE_FIELDS_INCLUDE}. */
    @PublicEvolving
    public enum ValueFieldsInclude {
        /** All physical columns are in the data, those of the key as well. */
        ALL,
        /** The columns of the key are in the key only. */
        EXCEPT_KEY;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public static final ConfigOption<String> VALUE_FORMAT =
            ConfigOptions.key("value.format")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "The same as 'format'; the options of the format then begin with 'value.'.");

    public static final ConfigOption<ValueFieldsInclude> VALUE_FIELDS_INCLUDE =
            ConfigOptions.key("value.fields-include")
                    .enumType(ValueFieldsInclude.class)
                    .defaultValue(ValueFieldsInclude.ALL)
                    .withDescription(
                            "With key.format: whether the columns of the key stand in the data as well, 'all', or not,"
                                    + " 'except-key'.");

    public static final ConfigOption<String> KEY_FORMAT =
            ConfigOptions.key("key.format")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "How the partition key is read and written, by a format whose bytes are text in UTF-8: 'raw', 'csv'"
                                    + " or 'json'. Its options begin with 'key.'. Default: the key is no column, but see"
                                    + " the metadata column 'partition-key'.");

    public static final ConfigOption<List<String>> KEY_FIELDS =
            ConfigOptions.key("key.fields")
                    .stringType()
                    .asList()
                    .noDefaultValue()
                    .withDescription(
                            "With key.format: the columns that make the partition key, separated by semicolons.");

    public static final ConfigOption<String> KEY_FIELDS_PREFIX =
            ConfigOptions.key("key.fields-prefix")
                    .stringType()
                    .defaultValue("")
                    .withDescription(
                            "With key.format: what the names of the key's columns begin with in the table but not in the key,"
                                    + " to tell them from columns of the data. Needs 'value.fields-include' ="
                                    + " 'except-key'.");

    private V3ioFormatOptions() {}
}
