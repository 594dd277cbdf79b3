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

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.Projection;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.format.ProjectableDecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.utils.DataTypeUtils;

import javax.annotation.Nullable;

import java.util.List;
import java.util.Map;

/** Reads events: bodies by the format {@code json}, and what stands beside them as metadata. */
final class StoreyDecodingFormat
        implements ProjectableDecodingFormat<DeserializationSchema<RowData>> {

    /** An option of the format {@code json}. */
    private static final ConfigOption<Boolean> IGNORE_PARSE_ERRORS =
            ConfigOptions.key("ignore-parse-errors").booleanType().defaultValue(false);

    private final DecodingFormat<DeserializationSchema<RowData>> json;
    private final boolean ignoreParseErrors;
    @Nullable private final String bodyField;

    private List<String> metadataKeys = List.of();

    StoreyDecodingFormat(
            DecodingFormat<DeserializationSchema<RowData>> json, ReadableConfig options) {
        this.json = json;
        this.ignoreParseErrors = options.get(IGNORE_PARSE_ERRORS);
        this.bodyField = options.getOptional(StoreyJsonOptions.BODY_FIELD).orElse(null);
    }

    @Override
    public Map<String, DataType> listReadableMetadata() {
        return StoreyMetadata.readable();
    }

    @Override
    public void applyReadableMetadata(List<String> metadataKeys) {
        this.metadataKeys = List.copyOf(metadataKeys);
    }

    @Override
    public DeserializationSchema<RowData> createRuntimeDecoder(
            DynamicTableSource.Context context, DataType physicalType, int[][] projections) {
        BodyField.check(bodyField, physicalType);
        DataType bodyType = Projection.of(projections).project(physicalType);
        List<StoreyMetadata> metadata = StoreyMetadata.named(metadataKeys);
        DataType producedType =
                DataTypeUtils.appendRowFields(
                        bodyType,
                        metadata.stream()
                                .map(one -> DataTypes.FIELD("metadata." + one.name(), one.type()))
                                .toList());
        return new StoreyRowDeserializer(
                json instanceof ProjectableDecodingFormat<DeserializationSchema<RowData>> projecting
                        ? projecting.createRuntimeDecoder(context, physicalType, projections)
                        : json.createRuntimeDecoder(context, bodyType),
                bodyField,
                metadata,
                ignoreParseErrors,
                context.createTypeInformation(producedType));
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return json.getChangelogMode();
    }
}
