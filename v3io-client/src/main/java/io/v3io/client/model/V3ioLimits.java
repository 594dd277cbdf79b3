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

package io.v3io.client.model;

import io.v3io.client.annotation.PublicEvolving;

/**
 * Limits of the Streaming Web API, from the platform's PutRecords, GetRecords, CreateStream and
 * software specification pages.
 */
@PublicEvolving
public final class V3ioLimits {

    /** Records in one PutRecords request; one more and the server refuses the whole request. */
    public static final int MAX_PUT_RECORDS = 1_000;

    /** Bytes of one PutRecords request's JSON body: base64, field names and punctuation count. */
    public static final int MAX_PUT_BODY_BYTES = 10 * 1024 * 1024;

    /**
     * Bytes of a record's data before base64. The GetRecords page says 2 MB, so readers must accept
     * that.
     */
    public static final int MAX_DATA_BYTES = 1024 * 1024;

    /**
     * Bytes of a record's data before base64 by the most generous of the platform's documents: what
     * a client can be set to send.
     */
    public static final int MAX_CONFIGURABLE_DATA_BYTES = 2 * 1024 * 1024;

    /** Bytes of a record's client info (128 bits). */
    public static final int MAX_CLIENT_INFO_BYTES = 16;

    /** Bytes of a record's partition key in UTF-8. */
    public static final int MAX_PARTITION_KEY_BYTES = 256;

    /** Bytes of all records of one GetRecords response. */
    public static final int MAX_GET_RECORDS_BYTES = 10 * 1024 * 1024;

    /** Records that a GetRecords request without a limit returns at the most. */
    public static final int DEFAULT_GET_RECORDS_LIMIT = 1_000;

    /** Shards of one stream. */
    public static final int MAX_SHARDS = 4_096;

    /** Hours that records may be retained: one year. */
    public static final int MAX_RETENTION_HOURS = 365 * 24;

    /** Bytes of a path, percent-decoded, without the container. */
    public static final int MAX_PATH_BYTES = 4_096;

    private V3ioLimits() {}
}
