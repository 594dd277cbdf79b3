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

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.format.EncodingFormat;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.FormatFactory;
import org.apache.flink.table.factories.SerializationFormatFactory;

import java.util.HashSet;
import java.util.Set;

/**
 * The format {@code storey-json}: the envelope of storey's events around a body that Flink's own
 * format {@code json} reads and writes, with its options. Found by Flink's service loader.
 */
@Internal
public final class StoreyJsonFormatFactory
        implements DeserializationFormatFactory, SerializationFormatFactory {

    /** The value of {@code format}. */
    public static final String IDENTIFIER = "storey-json";

    private static final String JSON = "json";

    @Override
    public String factoryIdentifier() {
        return IDENTIFIER;
    }

    @Override
    public DecodingFormat<DeserializationSchema<RowData>> createDecodingFormat(
            DynamicTableFactory.Context context, ReadableConfig options) {
        return new StoreyDecodingFormat(
                json(DeserializationFormatFactory.class).createDecodingFormat(context, options),
                options);
    }

    @Override
    public EncodingFormat<SerializationSchema<RowData>> createEncodingFormat(
            DynamicTableFactory.Context context, ReadableConfig options) {
        return new StoreyEncodingFormat(
                json(SerializationFormatFactory.class).createEncodingFormat(context, options),
                options);
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return json(DeserializationFormatFactory.class).requiredOptions();
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        Set<ConfigOption<?>> all =
                new HashSet<>(json(DeserializationFormatFactory.class).optionalOptions());
        all.add(StoreyJsonOptions.BODY_FIELD);
        return all;
    }

    @Override
    public Set<ConfigOption<?>> forwardOptions() {
        return json(DeserializationFormatFactory.class).forwardOptions();
    }

    /** That of the Flink which runs, with the options that it has there. */
    private static <T extends FormatFactory> T json(Class<T> kind) {
        try {
            return FactoryUtil.discoverFactory(
                    StoreyJsonFormatFactory.class.getClassLoader(), kind, JSON);
        } catch (ValidationException e) {
            throw new ValidationException(
                    "Format '"
                            + IDENTIFIER
                            + "' reads and writes bodies with Flink's format 'json', which is not there. Put flink-json"
                            + " into Flink's lib directory, where its distribution has it: "
                            + e.getMessage());
        }
    }
}
