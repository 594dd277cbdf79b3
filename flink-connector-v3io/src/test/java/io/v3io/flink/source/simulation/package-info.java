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
 * A small Flink runtime on the test's own thread: it drives a real enumerator and real readers
 * through {@link io.v3io.flink.source.simulation.SimulatedJob}, one step at a time, in an order
 * that the test chooses. What a job manager, its network and its task managers may do to a source
 * can so be tried out in milliseconds, in thousands of orders. It knows nothing of V3IO.
 */
package io.v3io.flink.source.simulation;
