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

/**
 * A record on its way into a shard, in the form in which it will be read: checked, encoded and
 * escaped.
 *
 * @param data base64 of the payload
 * @param clientInfo base64 of the client info, or null
 * @param partitionKey the key, or null
 * @param partitionKeyJson the key as the inside of a JSON string, in UTF-8, or null
 * @param shardId the shard that the sender asked for, or null
 */
@SuppressWarnings("ArrayRecordComponent") // handed from one owner to the next, never compared
public record NewRecord(
        byte[] data,
        byte[] clientInfo,
        String partitionKey,
        byte[] partitionKeyJson,
        Long shardId) {}
