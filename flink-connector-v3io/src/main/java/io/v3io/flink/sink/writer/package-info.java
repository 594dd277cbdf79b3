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
 * What follows a record from the element to the stream. {@link
 * io.v3io.flink.sink.writer.V3ioSinkWriter} makes records of elements, {@code RequestBuffer}
 * gathers them, {@code RequestDelivery} sends each request and judges its answer until all of its
 * records are stored or the job has to fail; {@code RequestSchedule} says which request is next.
 */
package io.v3io.flink.sink.writer;
