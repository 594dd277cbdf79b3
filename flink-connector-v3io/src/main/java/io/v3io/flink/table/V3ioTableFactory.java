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

import io.v3io.flink.sink.V3ioSinkOptions;
import io.v3io.flink.source.V3ioSourceOptions;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.config.TableConfigOptions;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.catalog.UniqueConstraint;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.format.EncodingFormat;
import org.apache.flink.table.connector.format.Format;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.SerializationFormatFactory;
import org.apache.flink.table.types.DataType;

import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Makes tables of streams: {@code 'connector' = 'v3io'}. Found by Flink's service loader. */
@Internal
public final class V3ioTableFactory implements DynamicTableSourceFactory, DynamicTableSinkFactory {

    /** The value of {@code connector}. */
    public static final String IDENTIFIER = "v3io";

    /**
     * Options that change neither the columns nor the kind of the table: with those of now a plan
     * that was compiled before goes on working.
     */
    private static final Set<ConfigOption<?>> RUNTIME_OPTIONS =
            Set.of(
                    V3ioConnectionOptions.ENDPOINT,
                    V3ioConnectionOptions.STREAM,
                    V3ioConnectionOptions.SECRET_ACCESS_KEY,
                    V3ioConnectionOptions.SECRET_ACCESS_KEY_FILE,
                    V3ioConnectionOptions.USER,
                    V3ioConnectionOptions.SECRET_PASSWORD,
                    V3ioConnectionOptions.TRUST_STORE,
                    V3ioConnectionOptions.TRUST_STORE_PASSWORD,
                    V3ioConnectionOptions.TRUST_STORE_TYPE,
                    V3ioConnectionOptions.INSECURE_SKIP_TLS_VERIFICATION,
                    V3ioConnectionOptions.PROXY,
                    V3ioConnectionOptions.MAX_CONNECTIONS,
                    V3ioConnectionOptions.IO_THREADS,
                    V3ioConnectionOptions.CONNECT_TIMEOUT,
                    V3ioConnectionOptions.RESPONSE_TIMEOUT,
                    V3ioConnectionOptions.MAX_RESPONSE_SIZE,
                    V3ioConnectionOptions.PLANNING_CHECK,
                    V3ioSourceOptions.STREAM_PATTERN,
                    V3ioSourceOptions.STREAM_DIRECTORY,
                    V3ioSourceOptions.STARTUP_MODE,
                    V3ioSourceOptions.STARTUP_TIMESTAMP_MILLIS,
                    V3ioSourceOptions.STARTUP_SEQUENCE_NUMBERS,
                    V3ioSourceOptions.STARTUP_FALLBACK,
                    V3ioSourceOptions.STARTUP_CONSUMER_GROUP,
                    V3ioSourceOptions.CONSUMER_GROUP,
                    V3ioSourceOptions.RETRY_MAX_RETRIES,
                    V3ioSourceOptions.RETRY_MAX_ELAPSED,
                    V3ioSourceOptions.RETRY_INITIAL_BACKOFF,
                    V3ioSourceOptions.RETRY_MAX_BACKOFF,
                    V3ioSourceOptions.SHARD_DISCOVERY_INTERVAL,
                    V3ioSourceOptions.ON_MISSING_STREAM,
                    V3ioSourceOptions.ON_DELETED_STREAM,
                    V3ioSourceOptions.ON_UNSUBSCRIBED_STREAM,
                    V3ioSourceOptions.FETCH_MAX_RECORDS,
                    V3ioSourceOptions.FETCH_BUFFER_SIZE,
                    V3ioSourceOptions.FETCH_READ_AHEAD,
                    V3ioSourceOptions.BACKLOG_THRESHOLD,
                    V3ioSourceOptions.DROP_DUPLICATES,
                    V3ioSourceOptions.DROP_DUPLICATES_MAX_RECORDS,
                    V3ioSourceOptions.DROP_DUPLICATES_MAX_TIME,
                    V3ioSourceOptions.RATE_LIMIT_RECORDS,
                    V3ioSourceOptions.RATE_LIMIT_BYTES,
                    V3ioSourceOptions.IDLE_PAUSE_MIN,
                    V3ioSourceOptions.IDLE_PAUSE_MAX,
                    V3ioSourceOptions.ON_DATA_LOSS,
                    V3ioSourceOptions.ON_DESERIALIZATION_FAILURE,
                    V3ioSourceOptions.DEAD_LETTER_STREAM,
                    V3ioSinkOptions.PARTITIONER,
                    V3ioSinkOptions.PARTITIONER_FIELDS,
                    V3ioSinkOptions.PARTITIONER_FIELD_DELIMITER,
                    V3ioSinkOptions.EMPTY_FOR_NULL,
                    V3ioSinkOptions.ORDER,
                    V3ioSinkOptions.TAG_RECORDS,
                    V3ioSinkOptions.DELIVERY_GUARANTEE,
                    V3ioSinkOptions.STAGING_DIRECTORY,
                    V3ioSinkOptions.MAX_INLINE_SIZE,
                    V3ioSinkOptions.LANDING_TIMEOUT,
                    V3ioSinkOptions.TAKEOVER_DELAY,
                    V3ioSinkOptions.ON_INVALID_RECORD,
                    V3ioSinkOptions.DEAD_LETTER_STREAM,
                    V3ioSinkOptions.CREATE_STREAM_SHARD_COUNT,
                    V3ioSinkOptions.CREATE_STREAM_RETENTION,
                    V3ioSinkOptions.SHARD_DISCOVERY_INTERVAL,
                    V3ioSinkOptions.BATCH_MAX_SIZE,
                    V3ioSinkOptions.FLUSH_BUFFER_SIZE,
                    V3ioSinkOptions.FLUSH_BUFFER_TIMEOUT,
                    V3ioSinkOptions.RECORD_MAX_SIZE,
                    V3ioSinkOptions.REQUESTS_MAX_INFLIGHT,
                    V3ioSinkOptions.REQUESTS_MAX_BUFFERED,
                    V3ioSinkOptions.MAX_PENDING_BYTES,
                    V3ioSinkOptions.RETRY_MAX_RETRIES,
                    V3ioSinkOptions.RETRY_MAX_ELAPSED,
                    V3ioSinkOptions.RETRY_INITIAL_BACKOFF,
                    V3ioSinkOptions.RETRY_MAX_BACKOFF);

    @Override
    public String factoryIdentifier() {
        return IDENTIFIER;
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of();
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        Set<ConfigOption<?>> all = new HashSet<>(RUNTIME_OPTIONS);
        all.add(FactoryUtil.FORMAT);
        all.add(V3ioFormatOptions.VALUE_FORMAT);
        all.add(V3ioFormatOptions.VALUE_FIELDS_INCLUDE);
        all.add(V3ioFormatOptions.KEY_FORMAT);
        all.add(V3ioFormatOptions.KEY_FIELDS);
        all.add(V3ioFormatOptions.KEY_FIELDS_PREFIX);
        all.add(V3ioSourceOptions.BOUNDED_MODE);
        all.add(V3ioSourceOptions.BOUNDED_TIMESTAMP_MILLIS);
        all.add(V3ioSourceOptions.BOUNDED_SEQUENCE_NUMBERS);
        all.add(V3ioSourceOptions.BOUNDED_CONSUMER_GROUP);
        all.add(V3ioSourceOptions.BOUNDED_AS_STREAM);
        all.add(FactoryUtil.SOURCE_PARALLELISM);
        all.add(FactoryUtil.SINK_PARALLELISM);
        return all;
    }

    @Override
    public Set<ConfigOption<?>> forwardOptions() {
        return RUNTIME_OPTIONS;
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        return TableOptions.readable(() -> source(context));
    }

    private DynamicTableSource source(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        ReadableConfig options = helper.getOptions();
        ConfigOption<String> formatOption = formatOption(options);
        DecodingFormat<DeserializationSchema<RowData>> format =
                helper.discoverDecodingFormat(DeserializationFormatFactory.class, formatOption);
        DecodingFormat<DeserializationSchema<RowData>> keyFormat =
                helper.discoverOptionalDecodingFormat(
                                DeserializationFormatFactory.class, V3ioFormatOptions.KEY_FORMAT)
                        .orElse(null);
        helper.validate();
        checkPrimaryKey(context, formatOption, format);
        if (keyFormat != null) {
            checkKeyFormat(options, keyFormat);
        }
        ScanSettings settings = new ScanSettings(options, context.getConfiguration());
        settings.check();
        DataType columns = context.getPhysicalRowDataType();
        return new V3ioTableSource(
                settings,
                new RowDecoding(
                        options.get(formatOption),
                        format,
                        keyFormat,
                        new RecordColumns(options, columns),
                        options.get(V3ioSourceOptions.ON_DESERIALIZATION_FAILURE),
                        hasOwnSchema(context, options.get(formatOption))),
                columns,
                sessionTimeZone(context.getConfiguration()));
    }

    /** As {@code avro-confluent.schema} is, alone or after {@code value.}. */
    private static boolean hasOwnSchema(Context context, String formatName) {
        return context.getCatalogTable().getOptions().keySet().stream()
                .anyMatch(key -> key.endsWith(formatName + ".schema"));
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        return TableOptions.readable(() -> sink(context));
    }

    private DynamicTableSink sink(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        ReadableConfig options = helper.getOptions();
        ConfigOption<String> formatOption = formatOption(options);
        EncodingFormat<SerializationSchema<RowData>> format =
                helper.discoverEncodingFormat(SerializationFormatFactory.class, formatOption);
        EncodingFormat<SerializationSchema<RowData>> keyFormat =
                helper.discoverOptionalEncodingFormat(
                                SerializationFormatFactory.class, V3ioFormatOptions.KEY_FORMAT)
                        .orElse(null);
        helper.validate();
        checkPrimaryKey(context, formatOption, format);
        if (keyFormat != null) {
            checkKeyFormat(options, keyFormat);
        }
        ResolvedSchema schema = context.getCatalogTable().getResolvedSchema();
        WriteSettings settings =
                new WriteSettings(options, context.getConfiguration(), context.getClassLoader());
        return new V3ioTableSink(
                settings,
                new RowEncoding(
                        format,
                        keyFormat,
                        new RecordColumns(options, context.getPhysicalRowDataType())),
                context.getCatalogTable().getPartitionKeys(),
                schema.getPrimaryKey().map(UniqueConstraint::getColumns).orElse(List.of()));
    }

    private static ConfigOption<String> formatOption(ReadableConfig options) {
        boolean hasFormat = options.getOptional(FactoryUtil.FORMAT).isPresent();
        if (hasFormat == options.getOptional(V3ioFormatOptions.VALUE_FORMAT).isPresent()) {
            throw new ValidationException(
                    "Either option '"
                            + FactoryUtil.FORMAT.key()
                            + "' or option '"
                            + V3ioFormatOptions.VALUE_FORMAT.key()
                            + "' must be set, which says how the data of a record is read and written"
                            + (hasFormat ? ", not both." : ", for example 'format' = 'json'."));
        }
        return hasFormat ? FactoryUtil.FORMAT : V3ioFormatOptions.VALUE_FORMAT;
    }

    /** The planner believes a key, and a stream may hold any number of rows with the same one. */
    private static void checkPrimaryKey(
            Context context, ConfigOption<String> formatOption, Format format) {
        ResolvedSchema schema = context.getCatalogTable().getResolvedSchema();
        if (schema.getPrimaryKey().isPresent()
                && format.getChangelogMode().equals(ChangelogMode.insertOnly())) {
            throw new ValidationException(
                    "Table '"
                            + context.getObjectIdentifier().asSummaryString()
                            + "' has a PRIMARY KEY, but with '"
                            + formatOption.key()
                            + "' = '"
                            + context.getCatalogTable().getOptions().get(formatOption.key())
                            + "' nothing keeps a stream from holding many rows with the same key. Remove it; to"
                            + " choose shards by columns use PARTITIONED BY or '"
                            + V3ioSinkOptions.PARTITIONER_FIELDS.key()
                            + "'.");
        }
    }

    private static void checkKeyFormat(ReadableConfig options, Format format) {
        if (!format.getChangelogMode().equals(ChangelogMode.insertOnly())) {
            throw new ValidationException(
                    "Option '"
                            + V3ioFormatOptions.KEY_FORMAT.key()
                            + "' cannot be '"
                            + options.get(V3ioFormatOptions.KEY_FORMAT)
                            + "', because that is a format of changes. Use 'raw', 'csv' or 'json'.");
        }
    }

    private static ZoneId sessionTimeZone(ReadableConfig configuration) {
        String zone = configuration.get(TableConfigOptions.LOCAL_TIME_ZONE);
        return TableConfigOptions.LOCAL_TIME_ZONE.defaultValue().equals(zone)
                ? ZoneId.systemDefault()
                : ZoneId.of(zone);
    }
}
