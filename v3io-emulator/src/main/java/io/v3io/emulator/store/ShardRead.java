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

import io.netty.buffer.ByteBuf;

/**
 * What one GetRecords answers with.
 *
 * @param nextLocation where to go on, for the client
 * @param millisBehindLatest between the arrivals of the last returned record and the shard's newest
 * @param recordsBehindLatest how many records come after the last returned one
 * @param records the records' JSON, separated by commas; the receiver releases it
 */
public record ShardRead(
        String nextLocation, long millisBehindLatest, long recordsBehindLatest, ByteBuf records) {}
