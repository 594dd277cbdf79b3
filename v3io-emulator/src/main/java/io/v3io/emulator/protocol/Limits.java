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

package io.v3io.emulator.protocol;

import io.v3io.emulator.Assumptions;

/** The published limits of API page section 2. */
public final class Limits {
    public static final int MAX_RECORDS_PER_PUT = 1000;
    public static final int MAX_PUT_BODY_BYTES = 10 * Assumptions.MEGABYTE;
    public static final int MAX_DATA_BYTES = Assumptions.MEGABYTE;
    public static final int MAX_CLIENT_INFO_BYTES = 16;
    public static final int MAX_PARTITION_KEY_BYTES = 256;
    public static final int MAX_GET_BYTES = 10 * Assumptions.MEGABYTE;
    public static final int DEFAULT_GET_LIMIT = 1000;
    public static final int MAX_SHARDS = 4096;
    public static final int DEFAULT_SHARDS = 1;
    public static final int DEFAULT_RETENTION_HOURS = 24;
    public static final int MAX_PATH_BYTES = 4096;

    private Limits() {}
}
