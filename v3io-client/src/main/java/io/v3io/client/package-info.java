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
 * A Java client of the V3IO Streaming Web API. {@link io.v3io.client.V3ioClient} is the way in;
 * what it takes and returns is in {@link io.v3io.client.model}, what can go wrong is a {@link
 * io.v3io.client.V3ioException}.
 */
package io.v3io.client;
