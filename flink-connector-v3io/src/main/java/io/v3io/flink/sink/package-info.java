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

/**
 * Writes to V3IO streams: what users see. {@link io.v3io.flink.sink.V3ioSinkBuilder} collects and
 * checks what a user chooses. What follows a record to its stream is in {@code writer}, what lands
 * in checkpoints in {@code state}, and what makes each record appear once in {@code exactlyonce}.
 */
package io.v3io.flink.sink;
